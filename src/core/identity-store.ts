/**
 * Identities by PKI-ID.
 *
 *                put (valid, not expired)                NotAfter + 1 ms
 *     unknown ───────────────────────────► held ─────────────────────────► purged
 *                                           │  not used for 1 h, or revalidation fails
 *                                           └──────────────────────────────► purged
 *
 * The first identity of a PKI-ID stays; later ones are validated and ignored (ID-11). Every look-up counts as
 * use (ID-09). Source: gossip/identity/identity.go.
 */
import type { Millis } from '../ports/clock';
import type { IdentityRefusal, IdentityValidator, PeerIdentity } from '../ports/identity';
import { keyOf, sameBytes } from './bytes';
import type { PurgeReason } from './events';
import type { Instant } from './instant';
import { MAX_IDENTITIES } from './limits';
import type { Org } from './org';
import { rejected, type Rejection, type RejectionReason } from './rejections';
import type { Rules } from './rules';
import { fixedTiming } from './settings';

interface Held {
  readonly identity: PeerIdentity;
  lastUsedMs: Millis;
}

/** An identity that left the store. */
export interface Purged {
  readonly identity: PeerIdentity;
  readonly why: PurgeReason;
}

export type PutResult = { readonly kind: 'held'; readonly identity: PeerIdentity } | Rejection;

const reasonOfRefusal: Record<IdentityRefusal, RejectionReason> = {
  malformed: 'identity-malformed',
  'unknown-msp': 'identity-unknown-msp',
  untrusted: 'identity-untrusted',
  'wrong-role': 'identity-wrong-role',
  expired: 'identity-expired',
};

/** An identity leaves this long after its NotAfter (ID-08). */
const EXPIRY_DELAY_MS = 1;

export class IdentityStore {
  readonly #self: PeerIdentity;
  readonly #validator: IdentityValidator;
  readonly #rules: Rules;
  readonly #onLearned: (identity: PeerIdentity, at: Instant) => void;
  readonly #held = new Map<string, Held>();

  /** `onLearned` is told of each identity not held before. */
  constructor(
    self: PeerIdentity,
    validator: IdentityValidator,
    rules: Rules,
    onLearned: (identity: PeerIdentity, at: Instant) => void,
  ) {
    this.#onLearned = onLearned;
    this.#self = self;
    this.#validator = validator;
    this.#rules = rules;
    this.#held.set(keyOf(self.pkiId), { identity: self, lastUsedMs: 0 });
  }

  /** Validates an identity offered under a PKI-ID and keeps it (ID-03 to ID-07). */
  put(claimedPkiId: Uint8Array, serialized: Uint8Array, at: Instant): PutResult {
    const held = this.#held.get(keyOf(claimedPkiId));
    if (held !== undefined && sameBytes(held.identity.serialized, serialized)) {
      if (this.#rules.isExpired(held.identity.notAfterMs, at.wallMs)) {
        return rejected('identity-expired');
      }
      held.lastUsedMs = at.nowMs;
      return { kind: 'held', identity: held.identity };
    }
    const verdict = this.validate(claimedPkiId, serialized, at);
    if (verdict.kind === 'rejected') {
      return verdict;
    }
    if (held !== undefined) {
      held.lastUsedMs = at.nowMs;
      return { kind: 'held', identity: held.identity };
    }
    if (this.#held.size >= MAX_IDENTITIES) {
      return rejected('too-many-identities');
    }
    this.#held.set(keyOf(claimedPkiId), { identity: verdict.identity, lastUsedMs: at.nowMs });
    this.#onLearned(verdict.identity, at);
    return verdict;
  }

  /** The checks of {@link put} without its effect. */
  validate(claimedPkiId: Uint8Array, serialized: Uint8Array, at: Instant): PutResult {
    const verdict = this.#validator.validate(serialized, at.wallMs);
    if (!verdict.ok) {
      return rejected(reasonOfRefusal[verdict.reason], verdict.detail);
    }
    if (!this.#rules.pkiIdMatches(claimedPkiId, verdict.identity.pkiId)) {
      return rejected('pki-id-mismatch');
    }
    if (this.#rules.isExpired(verdict.identity.notAfterMs, at.wallMs)) {
      return rejected('identity-expired');
    }
    return { kind: 'held', identity: verdict.identity };
  }

  /** The identity of a PKI-ID; counts as use. */
  get(pkiId: Uint8Array, at: Instant): PeerIdentity | undefined {
    const held = this.#held.get(keyOf(pkiId));
    if (held !== undefined) {
      held.lastUsedMs = at.nowMs;
    }
    return held?.identity;
  }

  /** The identity of a PKI-ID, looked at without using it. */
  peek(pkiId: Uint8Array): PeerIdentity | undefined {
    return this.#held.get(keyOf(pkiId))?.identity;
  }

  /** The organisation of a PKI-ID (ID-12); counts as use. */
  orgOf(pkiId: Uint8Array, at: Instant): Org {
    return this.get(pkiId, at)?.mspId;
  }

  /** All identities held, the peer's own among them. */
  all(): PeerIdentity[] {
    return Array.from(this.#held.values(), (held) => held.identity);
  }

  /** Purges what expired (ID-08). */
  purgeExpired(at: Instant): Purged[] {
    return this.#purge('expired', (held) => this.#rules.isExpired(held.identity.notAfterMs, at.wallMs));
  }

  /** Purges what was not used for an hour (ID-09). */
  purgeUnused(at: Instant): Purged[] {
    return this.#purge('unused', (held) => held.lastUsedMs + fixedTiming.identityUsageThresholdMs < at.nowMs);
  }

  /** Validates all identities anew and purges what is not valid any more (ID-10). */
  revalidate(at: Instant): Purged[] {
    return this.#purge(
      'invalid',
      ({ identity }) => this.validate(identity.pkiId, identity.serialized, at).kind === 'rejected',
    );
  }

  /** Wall time in milliseconds at which the next identity is to be purged; Infinity: none is. */
  nextExpiryAtMs(): number {
    return this.#others().reduce(
      (earliest, { identity }) => Math.min(earliest, identity.notAfterMs + EXPIRY_DELAY_MS),
      Infinity,
    );
  }

  #purge(why: PurgeReason, isDue: (held: Held) => boolean): Purged[] {
    const due = this.#others().filter(isDue);
    for (const { identity } of due) {
      this.#held.delete(keyOf(identity.pkiId));
    }
    return due.map(({ identity }) => ({ identity, why }));
  }

  /** Everything but the peer's own identity, which never leaves. */
  #others(): Held[] {
    return [...this.#held.values()].filter((held) => !sameBytes(held.identity.pkiId, this.#self.pkiId));
  }
}
