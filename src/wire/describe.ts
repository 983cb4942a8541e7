import {
  PullMsgType,
  Tag,
  type ContentKind,
  type ContentOf,
  type GossipMessage,
  type PeerTime,
  type PvtDataDigest,
} from './messages';
import { printable, safe, shortHex } from './text';
import { hasUnknownFields, unknownFieldsOf } from './unknown-fields';
import { usualTag } from './usual-tag';

/** What is worth telling of one kind of content, in order; a value of `undefined` is left out. */
type Facts = Readonly<Record<string, string | number | bigint | undefined>>;

/** Lists show this many items, then the count of the rest. */
const MAX_ITEMS = 12;

/**
 * A message in one line, for ladders: its kind, then facts, `memRes nonce=4711 alive=3 dead=0`. Byte strings are
 * cut to four bytes of hex, or told by length (`identity=820B`); everything a remote chose is escaped. The tag is
 * told where it is not the one that Fabric sends with that content (specification, table 1.4).
 */
export function describe(message: GossipMessage): string {
  const { content } = message;
  const unknown = hasUnknownFields(message) ? unknownFieldsOf(message).length : undefined;
  const facts: Facts = {
    channel: message.channel.length > 0 ? item(message.channel) : undefined,
    // Pull messages have a nonce of their own, and then this one is 0 (PULL-01).
    [content !== undefined && 'nonce' in content.value ? 'outerNonce' : 'nonce']: message.nonce || undefined,
    ...(content && factsOf(content)),
    tag: message.tag === usualTag(content) ? undefined : nameOf(Tag, message.tag),
    unknownFields: unknown,
  };
  const told = Object.entries(facts).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${value}`],
  );
  return [content?.kind ?? 'no content', ...told].join(' ');
}

/** Exhaustive: a kind without an entry does not compile. */
const factsByKind: { readonly [K in ContentKind]: (value: ContentOf<K>) => Facts } = {
  aliveMsg: ({ membership, timestamp, identity }) => ({
    ...(membership
      ? { pkiId: shortHex(membership.pkiId), endpoint: safe(membership.endpoint) }
      : { membership: 'absent' }),
    ...time(timestamp),
    identity: size(identity),
  }),
  memReq: ({ selfInformation, known }) => ({
    selfInformation: selfInformation ? size(selfInformation.payload) : 'absent',
    known: known.length || undefined,
  }),
  memRes: ({ alive, dead }) => ({ alive: alive.length, dead: dead.length }),
  dataMsg: ({ payload }) =>
    payload
      ? {
          seqNum: payload.seqNum,
          data: size(payload.data),
          privateData: payload.privateData.length || undefined,
        }
      : { payload: 'absent' },
  hello: ({ nonce, msgType }) => ({ nonce, msgType: nameOf(PullMsgType, msgType) }),
  dataDig: ({ nonce, msgType, digests }) => ({
    nonce,
    msgType: nameOf(PullMsgType, msgType),
    digests: list(digests.map(item)),
  }),
  dataReq: ({ nonce, msgType, digests }) => ({
    nonce,
    msgType: nameOf(PullMsgType, msgType),
    digests: list(digests.map(item)),
  }),
  dataUpdate: ({ nonce, msgType, data }) => ({
    nonce,
    msgType: nameOf(PullMsgType, msgType),
    data: data.length,
  }),
  empty: () => ({}),
  conn: ({ pkiId, identity, tlsCertHash, probe }) => ({
    pkiId: shortHex(pkiId),
    identity: size(identity),
    tlsCertHash: tlsCertHash.length > 0 ? shortHex(tlsCertHash) : undefined,
    probe: probe ? 'true' : undefined,
  }),
  stateInfo: ({ pkiId, channelMac, timestamp, properties }) => ({
    pkiId: shortHex(pkiId),
    channelMac: shortHex(channelMac),
    ...time(timestamp),
    ...(properties
      ? {
          ledgerHeight: properties.ledgerHeight,
          leftChannel: properties.leftChannel ? 'true' : undefined,
          chaincodes: list(properties.chaincodes.map(({ name, version }) => safe(`${name}:${version}`))),
        }
      : { properties: 'absent' }),
  }),
  stateSnapshot: ({ elements }) => ({ elements: elements.length }),
  stateInfoPullReq: ({ channelMac }) => ({ channelMac: shortHex(channelMac) }),
  stateRequest: ({ startSeqNum, endSeqNum }) => ({ startSeqNum, endSeqNum }),
  stateResponse: ({ payloads }) => ({ payloads: list(payloads.map(({ seqNum }) => seqNum.toString())) }),
  leadershipMsg: ({ pkiId, timestamp, isDeclaration }) => ({
    pkiId: shortHex(pkiId),
    ...time(timestamp),
    isDeclaration: String(isDeclaration),
  }),
  peerIdentity: ({ pkiId, cert }) => ({ pkiId: shortHex(pkiId), cert: size(cert) }),
  ack: ({ error }) => ({ error: error === '' ? undefined : safe(error) }),
  privateReq: ({ digests }) => ({ digests: list(digests.map(privateItem)) }),
  privateRes: ({ elements }) => ({
    elements: list(elements.map(({ digest }) => (digest ? privateItem(digest) : 'absent'))),
  }),
  privateData: ({ payload }) =>
    payload
      ? {
          namespace: safe(payload.namespace),
          collectionName: safe(payload.collectionName),
          txId: safe(payload.txId),
          privateRwset: size(payload.privateRwset),
        }
      : { payload: 'absent' },
};

function factsOf<K extends ContentKind>(content: { readonly kind: K; readonly value: ContentOf<K> }): Facts {
  return factsByKind[content.kind](content.value);
}

const time = (timestamp: PeerTime | undefined): Facts =>
  timestamp ? { incNum: timestamp.incNum, seqNum: timestamp.seqNum } : { timestamp: 'absent' };

const size = (bytes: Uint8Array): string | undefined => (bytes.length > 0 ? `${bytes.length}B` : undefined);

/** A digest or a channel: as it is where it is text, as block digests are. */
function item(bytes: Uint8Array): string {
  const text = printable(bytes);
  return text === undefined ? shortHex(bytes) : safe(text);
}

const privateItem = ({ blockSeq, seqInBlock, namespace, collection }: PvtDataDigest): string =>
  safe(`${blockSeq}:${seqInBlock}:${namespace}/${collection}`);

function list(items: readonly string[]): string {
  const rest = items.length - MAX_ITEMS;
  const shown = items.slice(0, MAX_ITEMS).join(',');
  return `[${rest > 0 ? `${shown},+${rest}` : shown}]`;
}

function nameOf(names: Readonly<Record<string, number>>, value: number): string {
  const known = Object.entries(names).find(([, number]) => number === value);
  return known?.[0] ?? value.toString();
}
