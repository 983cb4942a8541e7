/**
 * The wire table of package `gossip` (specification, section 1): every message, field by field.
 * Source: gossip/message.proto of fabric-protos.
 */
import {
  bool,
  bytes,
  enumeration,
  many,
  message,
  one,
  oneof,
  repeatedBytes,
  string,
  uint64,
  type Shape,
} from './schema';

/** GossipMessage.Tag: who may be given the message. */
export const Tag = {
  UNDEFINED: 0,
  EMPTY: 1,
  ORG_ONLY: 2,
  CHAN_ONLY: 3,
  CHAN_AND_ORG: 4,
  CHAN_OR_ORG: 5,
} as const;
/** What a pull engine pulls. */
export const PullMsgType = { UNDEFINED: 0, BLOCK_MSG: 1, IDENTITY_MSG: 2 } as const;

export const SecretEnvelope = message('SecretEnvelope', { payload: bytes(1), signature: bytes(2) });
export type SecretEnvelope = Shape<typeof SecretEnvelope>;

export const Envelope = message('Envelope', {
  payload: bytes(1),
  signature: bytes(2),
  secretEnvelope: one(3, SecretEnvelope),
});
export type Envelope = Shape<typeof Envelope>;

export const Secret = message('Secret', { content: oneof({ internalEndpoint: string(1) }) });
export type Secret = Shape<typeof Secret>;

export const Empty = message('Empty', {});
export type Empty = Shape<typeof Empty>;

export const ConnEstablish = message('ConnEstablish', {
  pkiId: bytes(1),
  identity: bytes(2),
  tlsCertHash: bytes(3),
  probe: bool(4),
});
export type ConnEstablish = Shape<typeof ConnEstablish>;

export const Member = message('Member', { endpoint: string(1), metadata: bytes(2), pkiId: bytes(3) });
export type Member = Shape<typeof Member>;

/** Incarnation (nanoseconds since the Unix epoch) and sequence number. */
export const PeerTime = message('PeerTime', { incNum: uint64(1), seqNum: uint64(2) });
export type PeerTime = Shape<typeof PeerTime>;

export const AliveMessage = message('AliveMessage', {
  membership: one(1, Member),
  timestamp: one(2, PeerTime),
  identity: bytes(4),
});
export type AliveMessage = Shape<typeof AliveMessage>;

export const MembershipRequest = message('MembershipRequest', {
  selfInformation: one(1, Envelope),
  known: repeatedBytes(2),
});
export type MembershipRequest = Shape<typeof MembershipRequest>;

export const MembershipResponse = message('MembershipResponse', {
  alive: many(1, Envelope),
  dead: many(2, Envelope),
});
export type MembershipResponse = Shape<typeof MembershipResponse>;

export const GossipHello = message('GossipHello', {
  nonce: uint64(1),
  metadata: bytes(2),
  msgType: enumeration(3),
});
export type GossipHello = Shape<typeof GossipHello>;

export const DataDigest = message('DataDigest', {
  nonce: uint64(1),
  digests: repeatedBytes(2),
  msgType: enumeration(3),
});
export type DataDigest = Shape<typeof DataDigest>;

export const DataRequest = message('DataRequest', {
  nonce: uint64(1),
  digests: repeatedBytes(2),
  msgType: enumeration(3),
});
export type DataRequest = Shape<typeof DataRequest>;

export const DataUpdate = message('DataUpdate', {
  nonce: uint64(1),
  data: many(2, Envelope),
  msgType: enumeration(3),
});
export type DataUpdate = Shape<typeof DataUpdate>;

export const PeerIdentityItem = message('PeerIdentity', {
  pkiId: bytes(1),
  cert: bytes(2),
  metadata: bytes(3),
});
export type PeerIdentityItem = Shape<typeof PeerIdentityItem>;

export const Payload = message('Payload', {
  seqNum: uint64(1),
  data: bytes(2),
  privateData: repeatedBytes(3),
});
export type Payload = Shape<typeof Payload>;

export const DataMessage = message('DataMessage', { payload: one(1, Payload) });
export type DataMessage = Shape<typeof DataMessage>;

export const Chaincode = message('Chaincode', { name: string(1), version: string(2), metadata: bytes(3) });
export type Chaincode = Shape<typeof Chaincode>;

export const Properties = message('Properties', {
  ledgerHeight: uint64(1),
  leftChannel: bool(2),
  chaincodes: many(3, Chaincode),
});
export type Properties = Shape<typeof Properties>;

export const StateInfo = message('StateInfo', {
  timestamp: one(2, PeerTime),
  pkiId: bytes(3),
  channelMac: bytes(4),
  properties: one(5, Properties),
});
export type StateInfo = Shape<typeof StateInfo>;

export const StateInfoSnapshot = message('StateInfoSnapshot', { elements: many(1, Envelope) });
export type StateInfoSnapshot = Shape<typeof StateInfoSnapshot>;

export const StateInfoPullRequest = message('StateInfoPullRequest', { channelMac: bytes(1) });
export type StateInfoPullRequest = Shape<typeof StateInfoPullRequest>;

export const RemoteStateRequest = message('RemoteStateRequest', {
  startSeqNum: uint64(1),
  endSeqNum: uint64(2),
});
export type RemoteStateRequest = Shape<typeof RemoteStateRequest>;

export const RemoteStateResponse = message('RemoteStateResponse', { payloads: many(1, Payload) });
export type RemoteStateResponse = Shape<typeof RemoteStateResponse>;

export const LeadershipMessage = message('LeadershipMessage', {
  pkiId: bytes(1),
  timestamp: one(2, PeerTime),
  isDeclaration: bool(3),
});
export type LeadershipMessage = Shape<typeof LeadershipMessage>;

export const Acknowledgement = message('Acknowledgement', { error: string(1) });
export type Acknowledgement = Shape<typeof Acknowledgement>;

/**
 * `collectionConfigs` is a serialized protos.CollectionConfigPackage.
 * Deviation: kept as bytes, so that `wire` needs no table of package `protos`. Where Fabric merges a second
 * occurrence, refuses a malformed one and tells an empty one from none, here the last stays, unread, and an empty one
 * is none. No Fabric peer sends such, and private data is neither signed nor relayed.
 */
export const PrivatePayload = message('PrivatePayload', {
  collectionName: string(1),
  namespace: string(2),
  txId: string(3),
  privateRwset: bytes(4),
  privateSimHeight: uint64(5),
  collectionConfigs: bytes(6),
});
export type PrivatePayload = Shape<typeof PrivatePayload>;

export const PrivateDataMessage = message('PrivateDataMessage', { payload: one(1, PrivatePayload) });
export type PrivateDataMessage = Shape<typeof PrivateDataMessage>;

export const PvtDataDigest = message('PvtDataDigest', {
  txId: string(1),
  namespace: string(2),
  collection: string(3),
  blockSeq: uint64(4),
  seqInBlock: uint64(5),
});
export type PvtDataDigest = Shape<typeof PvtDataDigest>;

export const RemotePvtDataRequest = message('RemotePvtDataRequest', { digests: many(1, PvtDataDigest) });
export type RemotePvtDataRequest = Shape<typeof RemotePvtDataRequest>;

export const PvtDataElement = message('PvtDataElement', {
  digest: one(1, PvtDataDigest),
  payload: repeatedBytes(2),
});
export type PvtDataElement = Shape<typeof PvtDataElement>;

export const RemotePvtDataResponse = message('RemotePvtDataResponse', { elements: many(1, PvtDataElement) });
export type RemotePvtDataResponse = Shape<typeof RemotePvtDataResponse>;

/** An item of `Payload.privateData`. */
export const PvtDataPayload = message('PvtDataPayload', { txSeqInBlock: uint64(1), payload: bytes(2) });
export type PvtDataPayload = Shape<typeof PvtDataPayload>;

export const GossipMessage = message('GossipMessage', {
  nonce: uint64(1),
  channel: bytes(2),
  tag: enumeration(3),
  content: oneof({
    aliveMsg: one(5, AliveMessage),
    memReq: one(6, MembershipRequest),
    memRes: one(7, MembershipResponse),
    dataMsg: one(8, DataMessage),
    hello: one(9, GossipHello),
    dataDig: one(10, DataDigest),
    dataReq: one(11, DataRequest),
    dataUpdate: one(12, DataUpdate),
    empty: one(13, Empty),
    conn: one(14, ConnEstablish),
    stateInfo: one(15, StateInfo),
    stateSnapshot: one(16, StateInfoSnapshot),
    stateInfoPullReq: one(17, StateInfoPullRequest),
    stateRequest: one(18, RemoteStateRequest),
    stateResponse: one(19, RemoteStateResponse),
    leadershipMsg: one(20, LeadershipMessage),
    peerIdentity: one(21, PeerIdentityItem),
    ack: one(22, Acknowledgement),
    privateReq: one(23, RemotePvtDataRequest),
    privateRes: one(24, RemotePvtDataResponse),
    privateData: one(25, PrivateDataMessage),
  }),
});
export type GossipMessage = Shape<typeof GossipMessage>;

/** The content of a GossipMessage: `{ kind, value }`. */
export type Content = NonNullable<GossipMessage['content']>;
/** The name of a content, as it stands in the wire table, in camel case: `aliveMsg`, `memReq`, … */
export type ContentKind = Content['kind'];
/** The value of one kind of content. */
export type ContentOf<K extends ContentKind> = Extract<Content, { kind: K }>['value'];
