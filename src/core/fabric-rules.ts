import { StatusCode } from '../ports/transport';
import { compareBytes, sameBytes } from './bytes';
import { fabricChannelRules } from './channel/channel-rules';
import type { Rules } from './rules';
import { fixedTiming } from './settings';
import { signatureFault } from './signatures';
import { legalTag } from './tags';

/** What real Fabric peers do; 2.5.16 and 3.1.5 do not differ here. */
export const fabricRules: Rules = {
  ...fabricChannelRules,

  pingsBeforeStream: () => true,
  refusal: (reason) => ({
    code: reason === 'no-envelope' ? StatusCode.INTERNAL : StatusCode.UNKNOWN,
    details: reason,
  }),
  dismissal: () => ({ code: StatusCode.OK, details: '' }),

  requiresTlsCertificate: () => true,
  ownTlsHash: (binding, sha256) =>
    binding.tls && binding.localCertificate !== undefined
      ? sha256(binding.localCertificate)
      : new Uint8Array(),
  tlsHashAccepted: (claimed, binding, sha256) =>
    !binding.tls ||
    (binding.remoteCertificate !== undefined && sameBytes(claimed, sha256(binding.remoteCertificate))),

  speaksFirst: () => true,
  handshakeTimeoutMs: (connTimeoutMs) => connTimeoutMs,
  requiresPkiId: () => true,
  dismissesProbe: () => true,
  answeredProbeFlag: () => false,
  refusesProbeFromResponder: () => true,
  keepsOtherPeer: (expectedOrg, actualOrg) => expectedOrg === actualOrg,
  ignoresFurtherConn: () => true,

  usesConnection: () => true,
  inboundReplacesOutbound: () => true,
  secondInbound: () => 'end-both',
  survivesCrossing: () => true,
  // Deviation: Fabric always drops its outbound one, so that two Fabric peers may lose both. The peer of the
  // lower PKI-ID keeps its own, to which Fabric and we on the other side agree alike.
  keepsOutboundOnCrossing: (self, remote) => compareBytes(self, remote) < 0,
  unparseableEndsStream: () => true,
  failedSendKills: () => true,

  pkiIdMatches: sameBytes,
  isExpired: (notAfterMs, wallMs) => wallMs > notAfterMs,
  forgetsExpired: () => true,
  signatureFault,
  hearsAbroad: (isReader) => isReader,
  verifyingIdentity: (author) => author,

  tagAccepted: (message) => message.tag === legalTag(message),
  dropsUnjoinedChannel: () => true,
  relaysUnjoinedStateInfo: (selfOrg, senderOrg) => selfOrg === senderOrg,
  relays: (kind) => kind === 'aliveMsg' || kind === 'stateInfo' || kind === 'dataMsg',
  fanOut: (kind, propagatePeerNum) => (kind === 'leadershipMsg' ? Infinity : propagatePeerNum),
  pushesToTheDead: () => false,
  sparesSender: () => true,

  isFresher: (candidate, held) =>
    candidate.incNum > held.incNum || (candidate.incNum === held.incNum && candidate.seqNum > held.seqNum),
  isComplete: (alive) =>
    alive.membership !== undefined && alive.membership.pkiId.length > 0 && alive.timestamp !== undefined,
  judgesFreshnessFirst: () => true,
  nextSeqNum: (seqNum) => seqNum + 1n,
  sendsHeartbeat: (viewSize) => viewSize > 0,
  includesIdentity: (ageMs, publishCertPeriodMs) => ageMs < publishCertPeriodMs,
  checksCarriedIdentity: () => true,
  acceptsFrom: () => true,
  replacesEndpoint: () => true,
  internalEndpoint: (told, known) => told ?? known,
  isOwn: sameBytes,
  // Deviation: Fabric leaves the secret in for a peer whose organisation it cannot tell; we do not.
  keepsSecretFor: (memberOrg, selfOrg) => memberOrg === selfOrg,

  selfInformationMatches: sameBytes,
  requestIntroduces: () => true,
  answersRepeatedRequest: () => true,
  responseNonce: (requestNonce) => requestNonce,
  lists: () => true,
  listsSelf: () => true,
  listsDead: () => true,
  mayDisclose: ({ selfOrg, entryOrg, entryEndpoint, requesterOrg, requesterEndpoint }) =>
    entryOrg !== undefined &&
    requesterOrg !== undefined &&
    (entryOrg === requesterOrg || (entryOrg === selfOrg && entryEndpoint !== '' && requesterEndpoint !== '')),
  dismissesUndisclosed: () => true,
  badEntryEndsReading: () => true,
  learnsDead: () => true,
  isSilent: (silenceMs, aliveExpirationTimeoutMs) => silenceMs > aliveExpirationTimeoutMs,
  expiryCheckMs: (aliveExpirationTimeoutMs) => aliveExpirationTimeoutMs / fixedTiming.expiryChecksPerTimeout,
  closesOnDeath: () => true,
  resurrects: () => true,
  forgets: (isCornerstone) => !isCornerstone,
  mayRelayAlive: ({ selfOrg, authorOrg, authorEndpoint, memberOrg, memberEndpoint }) => {
    if (authorOrg === undefined) {
      return false;
    }
    if (authorOrg === selfOrg) {
      return authorEndpoint !== '' || memberOrg === selfOrg;
    }
    return (memberOrg === selfOrg || memberOrg === authorOrg) && memberEndpoint !== '';
  },
  isOwnEndpoint: (endpoint, { internalEndpoint, externalEndpoint }) => {
    const port = internalEndpoint.slice(internalEndpoint.lastIndexOf(':') + 1);
    return [internalEndpoint, externalEndpoint, `127.0.0.1:${port}`, `localhost:${port}`].includes(endpoint);
  },
  callsAnchor: (endpoint, listedOrg, selfOrg, externalEndpoint) =>
    !endpoint.startsWith(':') &&
    !endpoint.endsWith(':0') &&
    (listedOrg === selfOrg || externalEndpoint !== ''),
  acceptsAnchor: (selfOrg, listedOrg, actualOrg) => listedOrg !== selfOrg || actualOrg === selfOrg,
  acceptsBootstrap: (selfOrg, org) => selfOrg === org,

  keepsSilentWithoutItems: () => true,
  requestWithin: (sinceHelloMs, requestWaitTimeMs) => sinceHelloMs <= requestWaitTimeMs,
  requiresHelloNonce: () => true,
  digestWithin: (sinceHelloMs, digestWaitTimeMs) => sinceHelloMs <= digestWaitTimeMs,
  requiresOutstandingNonce: () => true,
  answersOnStream: () => true,
  mayOffer: ({ selfOrg, itemOrg, itemHasExternalEndpoint, requesterOrg }) => {
    if (requesterOrg === undefined) {
      return false;
    }
    if (requesterOrg === selfOrg) {
      return true;
    }
    return itemHasExternalEndpoint && (itemOrg === selfOrg || itemOrg === requesterOrg);
  },
  oneBadItemVoidsUpdate: () => true,
  acceptsTopLevelIdentity: () => false,
};
