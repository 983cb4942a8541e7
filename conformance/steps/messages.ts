/** Well-formed messages, each with a way to make one thing of it different. */
import type { SigningIdentity } from '../../src/ports/identity';
import {
  encodeMessage,
  encodeSecret,
  envelope,
  gossipMessage,
  PullMsgType,
  Tag,
  type Content,
  type Envelope,
  type GossipMessage,
  type PeerTime,
} from '../../src/wire';

type Partially<T> = { [K in keyof T]?: T[K] };

const none = new Uint8Array();

/** Signs a message as `author` (SIGN-01). */
export function signed(author: SigningIdentity, message: GossipMessage): Envelope {
  const payload = encodeMessage(message);
  return envelope(payload, author.sign(payload));
}

/** Wraps a message that is not signed (SIGN-07). */
export const unsigned = (message: GossipMessage): Envelope => envelope(encodeMessage(message));

/** Adds the secret envelope that names the internal endpoint (SIGN-05). `signer`: whose key signs it. */
export function withSecret(outer: Envelope, internalEndpoint: string, signer: SigningIdentity): Envelope {
  const payload = encodeSecret({ content: { kind: 'internalEndpoint', value: internalEndpoint } });
  return { ...outer, secretEnvelope: { payload, signature: signer.sign(payload) } };
}

const empty = (content: Content, more: Partially<GossipMessage> = {}): GossipMessage =>
  gossipMessage({ tag: Tag.EMPTY, content, ...more });

export interface ConnFields {
  readonly pkiId: Uint8Array;
  readonly identity: Uint8Array;
  readonly tlsCertHash: Uint8Array;
  readonly probe: boolean;
}

/** ConnEstablish of `identity`; `tlsCertHash` is that of the certificate shown on the connection (CONN-02). */
export const connMessage = (
  identity: SigningIdentity,
  tlsCertHash: Uint8Array,
  fields: Partially<ConnFields> = {},
  more: Partially<GossipMessage> = {},
): GossipMessage =>
  empty(
    {
      kind: 'conn',
      value: { pkiId: identity.pkiId, identity: identity.serialized, tlsCertHash, probe: false, ...fields },
    },
    more,
  );

export interface AliveFields {
  readonly endpoint: string;
  readonly metadata: Uint8Array;
  readonly pkiId: Uint8Array;
  readonly timestamp: PeerTime | undefined;
  readonly identity: Uint8Array;
}

/** An AliveMessage of `identity` with its identity inside (ALIVE-01). */
export const aliveMessage = (
  identity: SigningIdentity,
  timestamp: PeerTime,
  endpoint: string,
  fields: Partially<AliveFields> = {},
  more: Partially<GossipMessage> = {},
): GossipMessage => {
  const all: AliveFields = {
    endpoint,
    metadata: none,
    pkiId: identity.pkiId,
    timestamp,
    identity: identity.serialized,
    ...fields,
  };
  return empty(
    {
      kind: 'aliveMsg',
      value: {
        membership: { endpoint: all.endpoint, metadata: all.metadata, pkiId: all.pkiId },
        timestamp: all.timestamp,
        identity: all.identity,
      },
    },
    more,
  );
};

/** A MembershipRequest with `selfInformation` (MEMB-01). */
export const membershipRequest = (
  nonce: bigint,
  selfInformation: Envelope | undefined,
  known: readonly Uint8Array[] = [],
): GossipMessage => empty({ kind: 'memReq', value: { selfInformation, known } }, { nonce });

/** A MembershipResponse (MEMB-04). */
export const membershipResponse = (
  nonce: bigint,
  alive: readonly Envelope[],
  dead: readonly Envelope[] = [],
): GossipMessage => empty({ kind: 'memRes', value: { alive, dead } }, { nonce });

/** A Hello of the identity pull (PULL-01). */
export const identityHello = (nonce: bigint, more: Partially<GossipMessage> = {}): GossipMessage =>
  empty({ kind: 'hello', value: { nonce, metadata: none, msgType: PullMsgType.IDENTITY_MSG } }, more);

/** A DataDigest of the identity pull (PULL-02). */
export const identityDigest = (nonce: bigint, digests: readonly Uint8Array[]): GossipMessage =>
  empty({ kind: 'dataDig', value: { nonce, digests, msgType: PullMsgType.IDENTITY_MSG } });

/** A DataRequest of the identity pull (PULL-04). */
export const identityRequest = (nonce: bigint, digests: readonly Uint8Array[]): GossipMessage =>
  empty({ kind: 'dataReq', value: { nonce, digests, msgType: PullMsgType.IDENTITY_MSG } });

/** A DataUpdate of the identity pull (PULL-06). */
export const identityUpdate = (nonce: bigint, data: readonly Envelope[]): GossipMessage =>
  empty({ kind: 'dataUpdate', value: { nonce, data, msgType: PullMsgType.IDENTITY_MSG } });

/** The identity item that its owner signs (CERT-01). */
export const identityItem = (
  owner: SigningIdentity,
  fields: { readonly pkiId?: Uint8Array; readonly cert?: Uint8Array } = {},
  more: Partially<GossipMessage> = {},
): Envelope => {
  const value = { pkiId: owner.pkiId, cert: owner.serialized, metadata: none, ...fields };
  return signed(owner, empty({ kind: 'peerIdentity', value }, more));
};

/** A copy with one bit flipped. */
export function flipBit(bytes: Uint8Array, bit = 0): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
}
