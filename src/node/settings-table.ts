/**
 * The keys of core.yaml that shape gossip, as data: from it come the types, the reading, `--help` and the
 * documentation. Names, defaults and kinds are Fabric's (specification, section 23).
 */
import type { Millis } from '../ports/clock';

/** What a key holds. Durations are milliseconds once read; paths are absolute. */
export interface KindValues {
  duration: Millis;
  integer: number;
  boolean: boolean;
  text: string;
  list: readonly string[];
  path: string;
  paths: readonly string[];
}
export type Kind = keyof KindValues;

export interface Setting<K extends Kind = Kind> {
  readonly kind: K;
  /** The value where neither file nor environment has one: Fabric's code default, not that of the sample core.yaml. */
  readonly fallback: KindValues[K];
  /** The value is that of another key, so many times, where there is none. */
  readonly fallbackTo?: { readonly key: string; readonly times: number };
  /** Whether zero means the default (CFG-02). */
  readonly zeroIsDefault: boolean;
  readonly doc: string;
}

interface Extra {
  readonly zeroIsDefault?: boolean;
  readonly fallbackTo?: { readonly key: string; readonly times: number };
}

const setting =
  <K extends Kind>(kind: K) =>
  (fallback: KindValues[K], doc: string, { zeroIsDefault = false, ...extra }: Extra = {}): Setting<K> => ({
    kind,
    fallback,
    zeroIsDefault,
    doc,
    ...extra,
  });

const text = setting('text');
const list = setting('list');
const flag = setting('boolean');
const path = setting('path');
const paths = setting('paths');
const orZero = { zeroIsDefault: true };
const duration = (fallback: Millis, doc: string, extra: Extra = orZero): Setting<'duration'> =>
  setting('duration')(fallback, doc, extra);
const integer = (fallback: number, doc: string, extra: Extra = orZero): Setting<'integer'> =>
  setting('integer')(fallback, doc, extra);

const SECOND = 1000;
const MINUTE = 60 * SECOND;

export const settingsTable = {
  'peer.listenAddress': text('0.0.0.0:7051', 'host:port to listen on'),
  'peer.address': text('0.0.0.0:7051', 'host:port told to peers of the own organisation'),
  'peer.localMspId': text('', 'MSP-ID of the own organisation'),
  'peer.mspConfigPath': path(
    'msp',
    'folder with the enrolment certificate and key: signcerts, keystore, cacerts',
  ),
  'peer.maxRecvMsgSize': integer(104_857_600, 'bytes of the largest message read'),
  'peer.maxSendMsgSize': integer(104_857_600, 'bytes of the largest message sent'),
  'peer.connectiontimeout': duration(
    5 * SECOND,
    'time for an inbound connection to finish TLS and begin HTTP/2',
  ),
  'peer.keepalive.interval': duration(7200 * SECOND, 'an inbound connection so long silent is pinged'),
  'peer.keepalive.timeout': duration(20 * SECOND, 'and dropped without an answer for so long'),
  'peer.keepalive.minInterval': duration(60 * SECOND, 'a client that pings more often is sent away'),
  'peer.keepalive.client.interval': duration(60 * SECOND, 'the same for outbound connections'),
  'peer.keepalive.client.timeout': duration(20 * SECOND, 'the same for outbound connections'),

  'peer.tls.enabled': flag(false, 'whether all connections use TLS, both ways'),
  'peer.tls.cert.file': path('', 'PEM certificate shown as server'),
  'peer.tls.key.file': path('', 'its key'),
  'peer.tls.rootcert.file': path('', 'PEM certificates that servers dialled must lead to'),
  'peer.tls.clientAuthRequired': flag(false, 'whether clients must lead to clientRootCAs'),
  'peer.tls.clientRootCAs.files': paths([], 'PEM certificates that clients must lead to'),
  'peer.tls.clientCert.file': path('', 'PEM certificate shown as client; the server’s if empty'),
  'peer.tls.clientKey.file': path('', 'its key'),

  'peer.gossip.bootstrap': list([], 'host:port of own-org peers called at start'),
  'peer.gossip.endpoint': text('', 'told to own-org peers in place of peer.address'),
  'peer.gossip.externalEndpoint': text(
    '',
    'host:port told to everybody; empty: hidden from other organisations',
  ),
  'peer.gossip.useLeaderElection': flag(false, 'whether own-org peers elect who talks to the orderer'),
  'peer.gossip.orgLeader': flag(false, 'whether this peer always talks to the orderer'),
  'peer.gossip.aliveTimeInterval': duration(5 * SECOND, 'time between heartbeats'),
  'peer.gossip.aliveExpirationTimeout': duration(25 * SECOND, 'silence after which a member is dead', {
    zeroIsDefault: true,
    fallbackTo: { key: 'peer.gossip.aliveTimeInterval', times: 5 },
  }),
  'peer.gossip.reconnectInterval': duration(
    25 * SECOND,
    'time between calls of dead members and of bootstrap peers',
    {
      zeroIsDefault: true,
      fallbackTo: { key: 'peer.gossip.aliveExpirationTimeout', times: 1 },
    },
  ),
  'peer.gossip.maxConnectionAttempts': integer(120, 'calls of a bootstrap peer before it is given up'),
  'peer.gossip.msgExpirationFactor': integer(
    20,
    'a member is forgotten after so many aliveExpirationTimeouts',
  ),
  'peer.gossip.publishCertPeriod': duration(
    10 * SECOND,
    'how long after start alive messages carry the identity',
  ),
  'peer.gossip.pullInterval': duration(
    4 * SECOND,
    'time between pull rounds, and between membership requests',
  ),
  'peer.gossip.pullPeerNum': integer(3, 'peers asked in each'),
  'peer.gossip.digestWaitTime': duration(SECOND, 'how long digests are collected after a Hello'),
  'peer.gossip.requestWaitTime': duration(1.5 * SECOND, 'how long after its Hello a peer may request'),
  'peer.gossip.responseWaitTime': duration(2 * SECOND, 'how long items are awaited after the request'),
  'peer.gossip.propagateIterations': integer(1, 'times each message is pushed'),
  'peer.gossip.propagatePeerNum': integer(3, 'peers each push goes to'),
  'peer.gossip.maxPropagationBurstSize': integer(10, 'messages that wait for a push'),
  'peer.gossip.maxPropagationBurstLatency': duration(10, 'how long they wait'),
  'peer.gossip.dialTimeout': duration(3 * SECOND, 'time for an outbound connection to stand'),
  'peer.gossip.connTimeout': duration(2 * SECOND, 'time for Ping, and for the other’s ConnEstablish'),
  'peer.gossip.recvBuffSize': integer(20, 'messages read ahead for one connection'),
  'peer.gossip.sendBuffSize': integer(20, 'messages queued for one connection'),
  'peer.gossip.membershipTrackerInterval': duration(
    5 * SECOND,
    'time between looks at the view, for the log',
  ),
  'peer.gossip.publishStateInfoInterval': duration(
    4 * SECOND,
    'time between looks whether the state changed',
  ),
  'peer.gossip.requestStateInfoInterval': duration(4 * SECOND, 'time between requests for state info'),
  'peer.gossip.stateInfoRetentionInterval': duration(0, 'without effect, as in Fabric'),
  'peer.gossip.skipBlockVerification': flag(false, 'without effect, as in Fabric'),
  'peer.gossip.maxBlockCountToStore': integer(10, 'blocks kept for others to pull, less one'),
  'peer.gossip.nonBlockingCommitMode': flag(false, 'whether blocks wait in memory for their commit'),

  'peer.gossip.election.startupGracePeriod': duration(15 * SECOND, 'longest wait for a steady view'),
  'peer.gossip.election.membershipSampleInterval': duration(SECOND, 'time between looks at it'),
  'peer.gossip.election.leaderAliveThreshold': duration(10 * SECOND, 'silence after which a leader is gone'),
  'peer.gossip.election.leaderElectionDuration': duration(5 * SECOND, 'time between proposing and declaring'),

  'peer.gossip.state.enabled': flag(false, 'whether missing blocks are asked of other peers'),
  'peer.gossip.state.checkInterval': duration(10 * SECOND, 'time between looks whether blocks are missing'),
  'peer.gossip.state.responseTimeout': duration(3 * SECOND, 'wait for a response'),
  'peer.gossip.state.batchSize': integer(10, 'blocks asked for at once, less one'),
  'peer.gossip.state.blockBufferSize': integer(20, 'blocks that wait for their turn'),
  'peer.gossip.state.maxRetries': integer(3, 'further tries for one range'),
  'peer.gossip.state.channelSize': integer(100, 'requests that wait to be served'),

  'peer.gossip.pvtData.pullRetryThreshold': duration(
    0,
    'how long missing private data are sought at commit',
    {},
  ),
  'peer.gossip.pvtData.transientstoreMaxBlockRetention': integer(
    1000,
    'blocks that private data wait for commit',
  ),
  'peer.gossip.pvtData.pushAckTimeout': duration(0, 'wait for the acknowledgement of a push', {}),
  'peer.gossip.pvtData.btlPullMargin': integer(
    10,
    'blocks before expiry at which private data are not sought',
    {},
  ),
  'peer.gossip.pvtData.reconcileBatchSize': integer(10, 'missing private data sought at once'),
  'peer.gossip.pvtData.reconcileSleepInterval': duration(MINUTE, 'time between such rounds'),
  'peer.gossip.pvtData.reconciliationEnabled': flag(false, 'whether there are such rounds'),
  'peer.gossip.pvtData.skipPullingInvalidTransactionsDuringCommit': flag(
    false,
    'whether private data of invalid transactions are left alone',
  ),
  'peer.gossip.pvtData.implicitCollectionDisseminationPolicy.requiredPeerCount': integer(
    0,
    'peers that must take a push of an organisation’s own collection',
    {},
  ),
  'peer.gossip.pvtData.implicitCollectionDisseminationPolicy.maxPeerCount': integer(
    1,
    'peers that are given it at most',
    {},
  ),

  'peer.deliveryclient.blockGossipEnabled': flag(
    true,
    'whether blocks from the orderer are pushed to other peers',
  ),
} as const satisfies Record<string, Setting>;

export type SettingKey = keyof typeof settingsTable;

/** The value that a key holds. */
export type ValueOf<K extends SettingKey> =
  (typeof settingsTable)[K] extends Setting<infer Of> ? KindValues[Of] : never;

/** All keys and their values. */
export type SettingValues = { readonly [K in SettingKey]: ValueOf<K> };

export const settingKeys = Object.keys(settingsTable) as readonly SettingKey[];

/** The environment variable that overrides a key (CFG-01): `CORE_PEER_GOSSIP_PULLINTERVAL`. */
export const variableOf = (key: string): string => `CORE_${key.toUpperCase().replaceAll('.', '_')}`;
