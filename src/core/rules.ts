/**
 * Every decision that a clause of the specification names, one function each. The machines decide nothing of the
 * sort by themselves: they ask the rules they were given. Those of `fabric-rules.ts` are Fabric's; a peer that is
 * to be wrong in one point gets `{ ...fabricRules, thatPoint }`.
 */
import type { Millis } from '../ports/clock';
import type { Sha256 } from '../ports/digest';
import type { PeerIdentity } from '../ports/identity';
import type { Ending, TlsBinding } from '../ports/transport';
import type { AliveMessage, ContentKind, Envelope, GossipMessage, PeerTime } from '../wire';
import type { ChannelRules } from './channel/channel-rules';
import type { Org } from './org';
import type { Rejection, RejectionReason } from './rejections';

/** Who asks for membership, what is to be told, and by whom. */
export interface MemberDisclosure {
  readonly selfOrg: string;
  readonly entryOrg: Org;
  /** The entry's external endpoint; empty: none. */
  readonly entryEndpoint: string;
  readonly requesterOrg: Org;
  readonly requesterEndpoint: string;
}

/** What a peer calls itself. */
export interface OwnEndpoints {
  readonly internalEndpoint: string;
  readonly externalEndpoint: string;
}

/** An alive message on its way to a member. */
export interface AliveRoute {
  readonly selfOrg: string;
  readonly authorOrg: Org;
  readonly authorEndpoint: string;
  readonly memberOrg: Org;
  readonly memberEndpoint: string;
}

/** An identity asked for by pull. */
export interface IdentityOffer {
  readonly selfOrg: string;
  readonly itemOrg: Org;
  /** Whether its owner is a member, alive or dead, with an external endpoint. */
  readonly itemHasExternalEndpoint: boolean;
  readonly requesterOrg: Org;
}

export interface Rules extends ChannelRules {
  /** Whether an initiator calls Ping before it opens the stream (RPC-03). */
  pingsBeforeStream(): boolean;
  /** How a stream ends that was refused (RPC-11, CONN-08). */
  refusal(reason: RejectionReason): Ending;
  /** How a stream ends that is replaced, expired, probed or may not be told anything (RPC-11). */
  dismissal(): Ending;

  /** Whether the other side must have shown a TLS certificate where TLS is on (TLS-02). */
  requiresTlsCertificate(): boolean;
  /** The tls_cert_hash a peer sends: that of its own certificate on this connection (CONN-04, TLS-08, TLS-09). */
  ownTlsHash(binding: TlsBinding, sha256: Sha256): Uint8Array;
  /** Whether the tls_cert_hash received is that of the certificate seen (CONN-07, TLS-09). */
  tlsHashAccepted(claimed: Uint8Array, binding: TlsBinding, sha256: Sha256): boolean;

  /** Whether a side sends its ConnEstablish without waiting for the other's (CONN-01). */
  speaksFirst(role: 'initiator' | 'responder'): boolean;
  /** How long the other's ConnEstablish is awaited (CONN-05). */
  handshakeTimeoutMs(connTimeoutMs: Millis): Millis;
  /** Whether a missing pki_id ends the handshake (CONN-06). */
  requiresPkiId(): boolean;
  /** Whether a probe's stream ends without being registered (CONN-10). */
  dismissesProbe(): boolean;
  /** The probe flag of a responder's own ConnEstablish (CONN-11). */
  answeredProbeFlag(): boolean;
  /** Whether an initiator takes probe = true for a failure (CONN-11). */
  refusesProbeFromResponder(): boolean;
  /** Whether a connection is kept though another peer than expected answered (CONN-15). */
  keepsOtherPeer(expectedOrg: Org, actualOrg: string): boolean;
  /** Whether a ConnEstablish after the first is ignored (CONN-16). */
  ignoresFurtherConn(): boolean;

  /** Whether sends use a connection of this role that is up, rather than dial (LIFE-01). */
  usesConnection(role: 'initiator' | 'responder'): boolean;
  /** Whether a new inbound stream replaces an outbound connection to the same peer (LIFE-02). */
  inboundReplacesOutbound(): boolean;
  /** What a second inbound stream of one peer does (LIFE-03). */
  secondInbound(): 'end-both' | 'replace' | 'refuse';
  /** Whether a connection is left when two peers' dials cross (LIFE-04). */
  survivesCrossing(): boolean;
  /** When two peers' dials cross, whether this one's outbound connection is the one to stay (LIFE-04). */
  keepsOutboundOnCrossing(self: Uint8Array, remote: Uint8Array): boolean;
  /** Whether an unparseable payload ends a stream on which this peer has this role (LIFE-11, LIFE-12). */
  unparseableEndsStream(role: 'initiator' | 'responder'): boolean;
  /** Whether a failed dial, Ping, handshake or write makes a member dead at once (LIFE-08, LIFE-09, DEAD-03). */
  failedSendKills(): boolean;

  /** Whether a claimed pki_id is the one computed from the identity (ID-03). */
  pkiIdMatches(claimed: Uint8Array, computed: Uint8Array): boolean;
  /** Whether an identity's time is over; both in milliseconds since the Unix epoch (ID-07, ID-08). */
  isExpired(notAfterMs: number, wallMs: number): boolean;
  /** Whether a member is forgotten, dead or alive, whose identity has expired (ID-08). */
  forgetsExpired(isDead: boolean): boolean;
  /** What is wrong with the signatures of an envelope; undefined: nothing (SIGN-05, SIGN-06, SIGN-09). */
  signatureFault(envelope: Envelope, author: PeerIdentity): Rejection | undefined;
  /** Whether one of another organisation is heard, who satisfies the policy Readers of a channel or of none (ID-13). */
  hearsAbroad(isReader: boolean): boolean;
  /** Whose identity verifies a message: that of its own pki_id, not that of the stream (SIGN-10). */
  verifyingIdentity(author: PeerIdentity, sender: PeerIdentity | undefined): PeerIdentity;

  /** Whether the tag of a message at the router is the one of its content (TAG-01, TAG-02). */
  tagAccepted(message: GossipMessage): boolean;
  /** Whether a message that is not of a channel joined is kept from going further (TAG-06). */
  dropsUnjoinedChannel(): boolean;
  /** Whether the state info of a channel not joined is relayed (TAG-07). */
  relaysUnjoinedStateInfo(selfOrg: string, senderOrg: Org): boolean;
  /** Whether a message of this kind, pushed and accepted, goes on to others (EMIT-05). */
  relays(kind: ContentKind): boolean;
  /** How many members at most one emission of a message of this kind goes to (EMIT-03). */
  fanOut(kind: ContentKind | undefined, propagatePeerNum: number): number;
  /** Whether a message of this kind is pushed to dead members, too (DEAD-02, DEAD-10). */
  pushesToTheDead(kind: ContentKind | undefined): boolean;
  /** Whether a message is not sent back to where it came from (EMIT-04). */
  sparesSender(): boolean;

  /** Whether `candidate` is newer than what is held of the same author (STORE-01). */
  isFresher(candidate: PeerTime, held: PeerTime): boolean;
  /** Whether an alive message has all that it needs (ALIVE-14, BAD-36 to BAD-39). */
  isComplete(alive: AliveMessage): boolean;
  /** Whether freshness is judged before the signature (ALIVE-10). */
  judgesFreshnessFirst(): boolean;
  /** The sequence number after this one (ALIVE-02). */
  nextSeqNum(seqNum: bigint): bigint;
  /** Whether a heartbeat is sent to a view of this size (ALIVE-03). */
  sendsHeartbeat(viewSize: number): boolean;
  /** Whether an alive message carries the identity (ALIVE-04). */
  includesIdentity(ageMs: Millis, publishCertPeriodMs: Millis): boolean;
  /** Whether an identity inside an alive message must be good though another is on file (ALIVE-06). */
  checksCarriedIdentity(): boolean;
  /** Whether a pushed alive may come from another than its author (ALIVE-08). */
  acceptsFrom(author: Uint8Array, sender: Uint8Array): boolean;
  /** Whether a newer alive that tells this external endpoint, or none, replaces endpoint and metadata (ALIVE-11). */
  replacesEndpoint(told: string): boolean;
  /** The internal endpoint of a member: what its newest alive tells, or else what an older one told (ALIVE-11). */
  internalEndpoint(told: string | undefined, known: string | undefined): string | undefined;
  /** Whether an alive is about the peer itself (ALIVE-12). */
  isOwn(pkiId: Uint8Array, self: Uint8Array): boolean;
  /** Whether a member of this organisation is told internal endpoints (ALIVE-07, MEMB-10, BOOT-08). */
  keepsSecretFor(memberOrg: Org, selfOrg: string): boolean;

  /** Whether self_information is the requester's own (MEMB-02). */
  selfInformationMatches(claimed: Uint8Array, connection: Uint8Array): boolean;
  /** Whether a request makes its sender a member (MEMB-03). */
  requestIntroduces(): boolean;
  /** Whether a request is answered whose self_information is known already (MEMB-05). */
  answersRepeatedRequest(): boolean;
  /** The nonce of a membership response (MEMB-04). */
  responseNonce(requestNonce: bigint): bigint;
  /** Whether an alive member is listed to this requester; the requester is (MEMB-06). */
  lists(member: Uint8Array, requester: Uint8Array, known: readonly Uint8Array[]): boolean;
  /** Whether the responder's own alive ends the list (MEMB-06). */
  listsSelf(): boolean;
  /** Whether dead members are listed (MEMB-07). */
  listsDead(): boolean;
  /** Whether an entry may be told to a requester (MEMB-09). */
  mayDisclose(disclosure: MemberDisclosure): boolean;
  /** Whether a requester that may not be told of the peer itself loses its connection (MEMB-11). */
  dismissesUndisclosed(): boolean;
  /** Whether an undecodable entry ends the reading of a response, or is skipped (MEMB-15). */
  badEntryEndsReading(): boolean;
  /** Whether a dead entry of an unknown peer is remembered as dead (MEMB-16). */
  learnsDead(): boolean;
  /** Whether a member silent for so long is dead (DEAD-01). */
  isSilent(silenceMs: Millis, aliveExpirationTimeoutMs: Millis): boolean;
  /** Time between two looks for silent members (DEAD-01). */
  expiryCheckMs(aliveExpirationTimeoutMs: Millis): Millis;
  /** Whether the connection of a member that died is closed, on which this peer has this role (DEAD-01). */
  closesOnDeath(role: 'initiator' | 'responder'): boolean;
  /** Whether a newer alive brings a dead member back (DEAD-04). */
  resurrects(): boolean;
  /** Whether a member whose last pushed alive expired is forgotten; a bootstrap or anchor peer is not (DEAD-07). */
  forgets(isCornerstone: boolean): boolean;
  /** Whether an alive message may be relayed to a member (EMIT-06). */
  mayRelayAlive(route: AliveRoute): boolean;
  /** Whether an endpoint of a bootstrap or anchor peer is one of the peer's own, and so not called (BOOT-04). */
  isOwnEndpoint(endpoint: string, self: OwnEndpoints): boolean;
  /** Whether an anchor peer listed for this organisation is called (BOOT-05, BOOT-06). */
  callsAnchor(endpoint: string, listedOrg: string, selfOrg: string, externalEndpoint: string): boolean;
  /** Whether an anchor peer listed for one organisation and found to be of another is joined (BOOT-07). */
  acceptsAnchor(selfOrg: string, listedOrg: string, actualOrg: string): boolean;
  /** Whether a bootstrap peer of this organisation is joined (BOOT-02). */
  acceptsBootstrap(selfOrg: string, org: string): boolean;

  /** Whether a digest or an update without items is left unsent (PULL-03, PULL-06). */
  keepsSilentWithoutItems(): boolean;
  /** Whether a request so long after its Hello is answered (PULL-04). */
  requestWithin(sinceHelloMs: Millis, requestWaitTimeMs: Millis): boolean;
  /** Whether a request needs the nonce of a Hello (PULL-04). */
  requiresHelloNonce(): boolean;
  /** Whether a digest so long after our Hello is used (PULL-10). */
  digestWithin(sinceHelloMs: Millis, digestWaitTimeMs: Millis): boolean;
  /** Whether a digest or update needs an outstanding nonce (PULL-10, PULL-12). */
  requiresOutstandingNonce(): boolean;
  /** Whether a pull message is answered on the stream it came on (LIFE-06); otherwise by any connection. */
  answersOnStream(): boolean;
  /** Whether an identity may be offered to a requester (CERT-05). */
  mayOffer(offer: IdentityOffer): boolean;
  /** Whether one bad item voids a whole update (CERT-06). */
  oneBadItemVoidsUpdate(): boolean;
  /** Whether an identity item may arrive outside an update (CERT-09). */
  acceptsTopLevelIdentity(): boolean;
}
