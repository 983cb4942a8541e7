/**
 * Cheap identities for simulations and tests: a "certificate" is a line of text, a "signature" a keyed hash whose key
 * is derived from the name. Anybody can forge one who wants to; equal inputs give equal bytes, so that a whole run is
 * a function of its seed.
 */
import type { IdentityValidator, IdentityVerdict, PeerIdentity, SigningIdentity } from '../ports/identity';

/** A year that no simulation reaches: 2100-01-01T00:00:00Z. */
const FAR_FUTURE_MS = 4_102_444_800_000;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/** 32 bytes that depend on every byte of the input: eight FNV-1a lanes of different bases. No cryptography. */
export function cheapHash(...parts: readonly Uint8Array[]): Uint8Array {
  const lanes = new Uint32Array(8).map((_, lane) => 0x811c9dc5 ^ Math.imul(lane, 0x9e3779b1));
  for (const part of parts) {
    for (let lane = 0; lane < lanes.length; lane++) {
      let hash = lanes[lane] ?? 0;
      for (const byte of part) {
        hash = Math.imul(hash ^ byte, 0x01000193);
      }
      lanes[lane] = hash ^ part.length ^ (hash >>> 15);
    }
  }
  return new Uint8Array(lanes.buffer);
}

class KeyedIdentity implements SigningIdentity {
  readonly pkiId: Uint8Array;
  readonly mspId: string;
  readonly serialized: Uint8Array;
  readonly notAfterMs: number;
  readonly #key: Uint8Array;

  constructor(mspId: string, name: string, notAfterMs: number) {
    this.mspId = mspId;
    this.notAfterMs = notAfterMs;
    this.serialized = encoder.encode(`${mspId}/${name}/${notAfterMs}`);
    this.pkiId = cheapHash(this.serialized);
    this.#key = encoder.encode(`key of ${mspId}/${name}`);
  }

  sign(payload: Uint8Array): Uint8Array {
    return cheapHash(this.#key, payload);
  }

  verify(payload: Uint8Array, signature: Uint8Array): boolean {
    const wanted = this.sign(payload);
    return signature.length === wanted.length && wanted.every((byte, i) => byte === signature[i]);
  }
}

/** The identity of `name` in an organisation; always the same for the same arguments. */
export const keyedIdentity = (mspId: string, name: string, notAfterMs = FAR_FUTURE_MS): SigningIdentity =>
  new KeyedIdentity(mspId, name, notAfterMs);

/** Accepts the keyed identities of the organisations given. */
export class KeyedValidator implements IdentityValidator {
  readonly #mspIds: Set<string>;
  readonly #validated = new Map<string, PeerIdentity>();

  constructor(mspIds: Iterable<string>) {
    this.#mspIds = new Set(mspIds);
  }

  /** Takes an organisation away, as a configuration update would. */
  remove(mspId: string): void {
    this.#mspIds.delete(mspId);
  }

  validate(serialized: Uint8Array, nowMs: number): IdentityVerdict {
    let text: string;
    try {
      text = decoder.decode(serialized);
    } catch {
      return { ok: false, reason: 'malformed', detail: 'no text' };
    }
    const [, mspId, name, notAfter] = /^([^/]+)\/([^/]+)\/(\d+)$/.exec(text) ?? [];
    if (mspId === undefined || name === undefined) {
      return { ok: false, reason: 'malformed', detail: text };
    }
    if (!this.#mspIds.has(mspId)) {
      return { ok: false, reason: 'unknown-msp', detail: mspId };
    }
    const identity = this.#validated.get(text) ?? keyedIdentity(mspId, name, Number(notAfter));
    this.#validated.set(text, identity);
    return nowMs > identity.notAfterMs
      ? { ok: false, reason: 'expired', detail: text }
      : { ok: true, identity };
  }
}
