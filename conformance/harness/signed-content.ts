import type { Content, ContentKind, Envelope } from '../../src/wire';

/** The kinds that a peer signs; it sends all others without a signature (SIGN-07). */
export const signedKinds: ReadonlySet<ContentKind> = new Set([
  'conn',
  'aliveMsg',
  'peerIdentity',
  'stateInfo',
  'leadershipMsg',
]);

const NO_BYTES = new Uint8Array();

/** The PKI-ID of the peer that signs this content; undefined where nobody does. */
export function authorOf(content: Content): Uint8Array | undefined {
  switch (content.kind) {
    case 'aliveMsg':
      return content.value.membership?.pkiId ?? NO_BYTES;
    case 'conn':
    case 'peerIdentity':
    case 'stateInfo':
    case 'leadershipMsg':
      return content.value.pkiId;
    default:
      return undefined;
  }
}

/** The serialized identity that this content carries; empty where it carries none. */
export function carriedIdentity(content: Content): Uint8Array {
  switch (content.kind) {
    case 'conn':
    case 'aliveMsg':
      return content.value.identity;
    case 'peerIdentity':
      return content.value.cert;
    default:
      return NO_BYTES;
  }
}

/** The envelopes inside a message that each bear a signature of their own, with a name for each. */
export function nestedIn({ kind, value }: Content): readonly (readonly [string, Envelope])[] {
  switch (kind) {
    case 'memReq':
      return value.selfInformation === undefined ? [] : [['self_information', value.selfInformation]];
    case 'memRes':
      return [
        ...value.alive.map((one) => ['an entry of alive', one] as const),
        ...value.dead.map((one) => ['an entry of dead', one] as const),
      ];
    case 'dataUpdate':
      return value.data.map((one) => ['an item of the update', one] as const);
    case 'stateSnapshot':
      return value.elements.map((one) => ['an element of the snapshot', one] as const);
    default:
      return [];
  }
}
