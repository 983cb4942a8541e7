import { seal, type Opened } from '../../../src/core';
import type { SigningIdentity } from '../../../src/ports/identity';
import { keyedIdentity } from '../../../src/sim/keyed-identity';
import { encode, Envelope, Tag, type Content } from '../../../src/wire';

const NO_BYTES = new Uint8Array();

/** A remote peer: an identity and a counter for its alive messages. */
export class Remote {
  readonly identity: SigningIdentity;
  readonly endpoint: string;
  #seqNum = 0n;

  constructor(mspId: string, name: string, endpoint = `${name}:7051`, notAfterMs?: number) {
    this.identity = keyedIdentity(mspId, name, notAfterMs);
    this.endpoint = endpoint;
  }

  get pkiId(): Uint8Array {
    return this.identity.pkiId;
  }

  /** Its next alive message; anything can be said otherwise. */
  alive(
    change: {
      endpoint?: string;
      internalEndpoint?: string;
      identity?: Uint8Array;
      incNum?: bigint;
      seqNum?: bigint;
      pkiId?: Uint8Array;
      tag?: number;
      signer?: SigningIdentity;
    } = {},
  ): Opened {
    this.#seqNum++;
    return seal(
      {
        tag: change.tag ?? Tag.EMPTY,
        content: {
          kind: 'aliveMsg',
          value: {
            membership: {
              endpoint: change.endpoint ?? this.endpoint,
              metadata: NO_BYTES,
              pkiId: change.pkiId ?? this.pkiId,
            },
            timestamp: { incNum: change.incNum ?? 1n, seqNum: change.seqNum ?? this.#seqNum },
            identity: change.identity ?? this.identity.serialized,
          },
        },
      },
      change.signer ?? this.identity,
      change.internalEndpoint ?? '',
    );
  }

  /** A membership request around its next alive message. */
  request(nonce = 0n, self = this.alive(), known: readonly Uint8Array[] = []): Opened {
    return seal({
      tag: Tag.EMPTY,
      nonce,
      content: { kind: 'memReq', value: { selfInformation: self.envelope, known } },
    });
  }

  /** A membership response that lists these. */
  response(nonce: bigint, alive: readonly Opened[], dead: readonly Opened[] = []): Opened {
    const envelopes = (messages: readonly Opened[]): Envelope[] => messages.map(({ envelope }) => envelope);
    return unsigned({ kind: 'memRes', value: { alive: envelopes(alive), dead: envelopes(dead) } }, nonce);
  }

  /** Its identity, as it offers it for pull. */
  identityItem(change: { pkiId?: Uint8Array; cert?: Uint8Array; signer?: SigningIdentity } = {}): Opened {
    const value = {
      pkiId: change.pkiId ?? this.pkiId,
      cert: change.cert ?? this.identity.serialized,
      metadata: NO_BYTES,
    };
    return seal({ tag: Tag.EMPTY, content: { kind: 'peerIdentity', value } }, change.signer ?? this.identity);
  }

  conn(
    change: { pkiId?: Uint8Array; identity?: Uint8Array; tlsCertHash?: Uint8Array; probe?: boolean } = {},
  ): Opened {
    return seal(
      {
        tag: Tag.EMPTY,
        content: {
          kind: 'conn',
          value: {
            pkiId: change.pkiId ?? this.pkiId,
            identity: change.identity ?? this.identity.serialized,
            tlsCertHash: change.tlsCertHash ?? NO_BYTES,
            probe: change.probe ?? false,
          },
        },
      },
      this.identity,
    );
  }
}

/** An unsigned message with tag EMPTY. */
export const unsigned = (content: Content, nonce = 0n, tag: number = Tag.EMPTY): Opened =>
  seal({ tag, nonce, content });

/** Envelope bytes around a payload of any sort. */
export const envelopeOf = (payload: Uint8Array): Uint8Array =>
  encode(Envelope, { payload, signature: NO_BYTES, secretEnvelope: undefined });
