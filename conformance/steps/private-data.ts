/** Private data as endorsers push it and committers ask for it. */
import { common, msp, peer } from '@hyperledger/fabric-protos';
import {
  gossipMessage,
  Tag,
  type Envelope,
  type GossipMessage,
  type PrivatePayload,
  type PvtDataDigest,
  type PvtDataElement,
} from '../../src/wire';
import type { CheckContext } from '../harness/context';
import type { Received, TesterStream } from '../harness/tester-stream';
import { demand } from '../harness/verdict';
import { sameBytes } from './bytes';
import { unsigned } from './messages';
import { channelOf } from './snapshots';

const NAMESPACE = 'chaincode';
export const COLLECTION = 'collection';

/** A collection that members of these organisations may read, as a serialized `protos.CollectionConfigPackage`. */
export function collectionConfigs(...mspIds: readonly string[]): Uint8Array {
  const envelope = new common.SignaturePolicyEnvelope();
  const oneOf = new common.SignaturePolicy.NOutOf();
  oneOf.setN(1);
  mspIds.forEach((mspId, index) => {
    const role = new msp.MSPRole();
    role.setMspIdentifier(mspId);
    role.setRole(msp.MSPRole.MSPRoleType.MEMBER);
    const principal = new msp.MSPPrincipal();
    principal.setPrincipalClassification(msp.MSPPrincipal.Classification.ROLE);
    principal.setPrincipal(role.serializeBinary());
    envelope.addIdentities(principal);
    const signedBy = new common.SignaturePolicy();
    signedBy.setSignedBy(index);
    oneOf.addRules(signedBy);
  });
  const rule = new common.SignaturePolicy();
  rule.setNOutOf(oneOf);
  envelope.setRule(rule);
  const policy = new peer.CollectionPolicyConfig();
  policy.setSignaturePolicy(envelope);
  const collection = new peer.StaticCollectionConfig();
  collection.setName(COLLECTION);
  collection.setMemberOrgsPolicy(policy);
  collection.setMaximumPeerCount(1);
  const config = new peer.CollectionConfig();
  config.setStaticCollectionConfig(collection);
  const all = new peer.CollectionConfigPackage();
  all.addConfig(config);
  return all.serializeBinary();
}

/** What an endorser pushes (PVT-01). Its write set is of random bytes: nobody reads it before the transaction is there. */
export function privatePayload(
  t: CheckContext,
  fields: Partial<PrivatePayload> = {},
  readers: readonly string[] = [t.put.mspId],
): PrivatePayload {
  return {
    collectionName: COLLECTION,
    namespace: NAMESPACE,
    txId: `tx${t.random.uint64().toString(16)}${t.random.uint64().toString(16)}`,
    privateRwset: Buffer.from(t.random.uint64().toString(16)),
    privateSimHeight: 1n,
    collectionConfigs: collectionConfigs(...readers),
    ...fields,
  };
}

/** An unsigned message on the channel of the check. */
const onChannel = (
  t: CheckContext,
  nonce: bigint,
  content: GossipMessage['content'],
  more: Partial<GossipMessage>,
): Envelope =>
  unsigned(
    gossipMessage({ nonce, channel: Buffer.from(channelOf(t)), tag: Tag.CHAN_ONLY, content, ...more }),
  );

/** A push (PVT-01). */
export const privateData = (
  t: CheckContext,
  nonce: bigint,
  payload: PrivatePayload | undefined,
  more: Partial<GossipMessage> = {},
): Envelope => onChannel(t, nonce, { kind: 'privateData', value: { payload } }, more);

/** A request (PVT-06). */
export const privateRequest = (
  t: CheckContext,
  nonce: bigint,
  digests: readonly PvtDataDigest[],
  more: Partial<GossipMessage> = {},
): Envelope => onChannel(t, nonce, { kind: 'privateReq', value: { digests } }, more);

/** Far above every ledger: what is asked for has not been committed, and must be in the transient store (PVT-07). */
const NOT_COMMITTED = 1n << 40n;

/** Names what was pushed, with numbers that nothing but a copy can bear. */
export const digestOf = (
  t: CheckContext,
  { collectionName, namespace, txId }: PrivatePayload,
): PvtDataDigest => ({
  txId,
  namespace,
  collection: collectionName,
  blockSeq: NOT_COMMITTED + (t.random.uint64() >> 32n),
  seqInBlock: t.random.uint64() >> 32n,
});

export const hasNonce =
  (nonce: bigint) =>
  ({ message }: Received): boolean =>
    message.nonce === nonce;

/** Pushes private data; the acknowledgement, a Violation if none comes. */
export async function pushPrivate(
  t: CheckContext,
  stream: TesterStream,
  payload: PrivatePayload,
  more?: Partial<GossipMessage>,
): Promise<Received<'ack'>> {
  const nonce = t.random.uint64();
  const push = privateData(t, nonce, payload, more);
  if (more === undefined) stream.send(push);
  else stream.sendWrong(push);
  return stream.expect('ack', {
    where: hasNonce(nonce),
    what: 'an acknowledgement with the nonce of the push',
  });
}

/** Has the peer keep private data. That it acknowledges a push is not what is judged. */
export const keepPrivate = (t: CheckContext, stream: TesterStream, payload: PrivatePayload): Promise<void> =>
  t.control('private data is stored and acknowledged', async () => {
    const { value } = await pushPrivate(t, stream, payload);
    demand(value.error === '', 'an acknowledgement of success', value.error);
  });

/** Asks for private data; the response, a Violation if none comes. */
export async function askPrivate(
  t: CheckContext,
  stream: TesterStream,
  digests: readonly PvtDataDigest[],
  more?: Partial<GossipMessage>,
): Promise<Received<'privateRes'>> {
  const nonce = t.random.uint64();
  const request = privateRequest(t, nonce, digests, more);
  if (more === undefined) stream.send(request);
  else stream.sendWrong(request);
  return stream.expect('privateRes', {
    where: hasNonce(nonce),
    what: 'a response with the nonce of the request',
  });
}

export const sameDigest = (a: PvtDataDigest | undefined, b: PvtDataDigest): boolean =>
  a !== undefined &&
  a.txId === b.txId &&
  a.namespace === b.namespace &&
  a.collection === b.collection &&
  a.blockSeq === b.blockSeq &&
  a.seqInBlock === b.seqInBlock;

/** The element for what was pushed, told apart by its transaction or, failing that, by its write set. */
export const elementFor = (
  { value }: Received<'privateRes'>,
  { privateRwset, txId }: PrivatePayload,
): PvtDataElement | undefined =>
  value.elements.find(({ digest }) => digest?.txId === txId) ??
  value.elements.find(({ payload }) => payload.some((one) => sameBytes(one, privateRwset)));
