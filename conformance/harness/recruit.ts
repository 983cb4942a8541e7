import type { Millis } from '../../src/ports/clock';
import type { FrontedPeer } from '../../src/ports/between';
import type { PeerIdentity } from '../../src/ports/identity';
import type { PeerUnderTest } from './peer-under-test';
import type { GossipTiming } from './timing';

/**
 * Settings of a recruit that differ from those of the network's peers; each is Fabric's `peer.gossip.<key>`, but for
 * the last.
 */
export interface RecruitSettings {
  readonly timing?: Partial<GossipTiming>;
  readonly propagatePeerNum?: number;
  readonly pullPeerNum?: number;
  readonly maxConnectionAttempts?: number;
  readonly msgExpirationFactor?: number;
  /** `peer.gossip.state.enabled`; as in its network by default. */
  readonly stateTransfer?: boolean;
  /** `peer.gossip.useLeaderElection`, of which `peer.gossip.orgLeader` is the opposite; as in its network by default. */
  readonly leaderElection?: boolean;
  /**
   * How long it leads without an orderer: `peer.deliveryclient.reconnectTotalTimeThreshold`. There is none on the
   * channels that are made for a recruit.
   */
  readonly ordererPatienceMs?: Millis;
  /** Gives it as short a `peer.keepalive.client.interval` as it takes; Fabric's own is a minute. */
  readonly pingsOften?: boolean;
  /** There is a second one, with the same settings; implies the need `between-peers`. */
  readonly neighbour?: true;
}

/** Addresses and anchor peers that a recruit starts with. */
export interface RecruitWish {
  /** `peer.gossip.bootstrap`, host:port each; none by default. */
  readonly bootstrap?: readonly string[];
  /** `peer.gossip.endpoint`; its own address by default. */
  readonly endpoint?: string;
  /** `peer.gossip.externalEndpoint`; its own address by default, empty for none. */
  readonly externalEndpoint?: string;
  /** Identities of its organisation that its MSP revokes; none by default. */
  readonly revoked?: readonly PeerIdentity[];
  /**
   * A channel that it joins as soon as it runs, by the anchor peers that this lists for its own organisation and the
   * other.
   */
  readonly anchors?: { readonly own: readonly string[]; readonly foreign: readonly string[] };
}

/**
 * A peer that is started for one check: of the make and the organisation of the peer under test, and it knows nobody but
 * whom the check tells it of.
 */
export interface Recruit extends AsyncDisposable {
  /** What the check judges in the place of the peer under test. Certain before it runs, but for its endpoint. */
  readonly peer: PeerUnderTest;
  /** host:port at which the others of its network would reach it. */
  readonly address: string;
  /** An address of this machine that its certificate is for and the others reach (need `between-peers`). */
  readonly frontHost: string | undefined;
  /** What it shows on TLS connections, with the keys; undefined: TLS is off. */
  readonly tls: FrontedPeer['tls'];
  /** Its `peer.keepalive.client.interval`, if it `pingsOften`. */
  readonly shortKeepaliveMs: Millis;
  /** Resolves when it answers, and has joined its channel. */
  start(wish: RecruitWish): Promise<void>;
  /** Ends it in order, and starts it as it was. */
  restart(): Promise<void>;
}

/** Where peers can be had that are started for one check. */
export interface Recruiter {
  /** Timers of every recruit that has no others. */
  readonly timing: GossipTiming;
  /** The channel that those join who are told of anchor peers; undefined: none has a name that is known. */
  readonly channel?: string | undefined;
  /** A peer like this one, which does not run yet. */
  enlist(like: PeerUnderTest, settings: RecruitSettings): Promise<Recruit>;
}
