import { verify, X509Certificate } from 'node:crypto';
import { decodePem, deserializeIdentity, encodePem, pkiIdOf, serializeIdentity } from '../../src/identity';
import { fabricRules, type Rules } from '../../src/node';
import type { IdentityVerdict, PeerIdentity } from '../../src/ports/identity';
import type { Deviation } from '../harness/targets/embedded';
import { concat, bytesField } from '../steps/wire-fields';
import { mutant, saying, withRules } from './mutant';

/** Judges an identity of its own accord; `honest` is what an MSP says, of these bytes or of others. */
type Validation = (
  serialized: Uint8Array,
  nowMs: number,
  honest: (serialized: Uint8Array, nowMs?: number) => IdentityVerdict,
) => IdentityVerdict;

const withValidator = (validate: Validation, rules: Partial<Rules> = {}): Deviation => ({
  peer: ({ validator }) => ({
    rules: { ...fabricRules, ...rules },
    validator: {
      validate: (serialized, nowMs) =>
        validate(serialized, nowMs, (other, thenMs = nowMs) => validator.validate(other, thenMs)),
    },
  }),
});

/** An identity by its certificate alone; undefined if it holds none. */
function unjudged(serialized: Uint8Array): PeerIdentity | undefined {
  const identity = deserializeIdentity(serialized);
  if (identity === undefined) return undefined;
  try {
    const { publicKey } = new X509Certificate(identity.idBytes);
    return {
      pkiId: pkiIdOf(identity.mspId, identity.idBytes),
      mspId: identity.mspId,
      serialized,
      notAfterMs: Number.POSITIVE_INFINITY,
      verify: (payload, signature) => verify('sha256', payload, publicKey, signature),
    };
  } catch {
    return undefined;
  }
}

/** Takes what an MSP refuses for one of these reasons. */
const forgiving =
  (...reasons: readonly string[]): Validation =>
  (serialized, _, honest) => {
    const verdict = honest(serialized);
    const identity = unjudged(serialized);
    return !verdict.ok && reasons.includes(verdict.reason) && identity !== undefined
      ? { ok: true, identity }
      : verdict;
  };

const refused = (detail: string): IdentityVerdict => ({ ok: false, reason: 'untrusted', detail });

/** Refuses what an MSP takes, unless the identity is as it likes it. */
const picky =
  (likes: (identity: PeerIdentity) => boolean): Validation =>
  (serialized, _, honest) => {
    const verdict = honest(serialized);
    return verdict.ok && !likes(verdict.identity) ? refused('not liked') : verdict;
  };

const unitsOf = ({ serialized }: PeerIdentity): string =>
  new X509Certificate(deserializeIdentity(serialized)?.idBytes ?? new Uint8Array()).subject;

export const idMutants = [
  mutant(
    'id-with-more-in-it',
    'its identity has a field that no identity has',
    ['ID-01'],
    saying('conn', (_, value) => ({
      content: {
        kind: 'conn',
        value: { ...value, identity: concat(value.identity, bytesField(3, Uint8Array.of(1))) },
      },
    })),
  ),
  mutant('id-bare-pem', 'it takes a bare PEM for an identity of its own organisation', ['ID-01'], {
    peer: (options) => {
      const { mspId } = options.identity;
      const validation: Validation = (serialized, _, honest) =>
        Buffer.from(serialized).toString('latin1').startsWith('-----BEGIN')
          ? honest(serializeIdentity({ mspId, idBytes: serialized }))
          : honest(serialized);
      return withValidator(validation).peer?.(options) ?? {};
    },
  }),
  mutant(
    'id-other-pki-id',
    'its PKI-ID is that of another PEM',
    ['ID-02'],
    saying('conn', (_, value) => ({
      content: { kind: 'conn', value: { ...value, pkiId: pkiIdOf('', value.identity) } },
    })),
  ),
  mutant(
    'id-pki-id-of-der',
    'it computes the PKI-ID of a PEM that it writes anew',
    ['ID-02'],
    withValidator((serialized, _, honest) => {
      const verdict = honest(serialized);
      const identity = deserializeIdentity(serialized);
      const der = identity && decodePem(Buffer.from(identity.idBytes).toString('latin1'))?.bytes;
      if (!verdict.ok || identity === undefined || der === undefined) return verdict;
      const pkiId = pkiIdOf(identity.mspId, Buffer.from(encodePem('CERTIFICATE', der)));
      return { ok: true, identity: disguise(verdict.identity, pkiId) };
    }),
  ),
  mutant(
    'id-any-pki-id',
    'it takes any PKI-ID for an identity',
    ['ID-02', 'ID-03'],
    withRules({ pkiIdMatches: () => true }),
  ),
  mutant(
    'id-lenient-pem',
    'it takes whatever follows a PEM, and any label',
    ['ID-04'],
    withValidator((serialized, _, honest) => {
      const identity = deserializeIdentity(serialized);
      const block = identity && decodePem(Buffer.from(identity.idBytes).toString('latin1'));
      if (identity === undefined || block === undefined) return honest(serialized);
      const verdict = honest(
        serializeIdentity({ ...identity, idBytes: Buffer.from(encodePem('CERTIFICATE', block.bytes)) }),
      );
      const pkiId = pkiIdOf(identity.mspId, identity.idBytes);
      return verdict.ok ? { ok: true, identity: disguise(verdict.identity, pkiId, serialized) } : verdict;
    }),
  ),
  mutant(
    'id-ignores-revocations',
    'it takes identities that a revocation list names',
    ['ID-05'],
    withValidator((serialized, _, honest) => {
      const verdict = honest(serialized);
      const identity = unjudged(serialized);
      return !verdict.ok && verdict.detail === 'it is revoked' && identity !== undefined
        ? { ok: true, identity }
        : verdict;
    }),
  ),
  mutant('id-any-ca', 'it takes certificates of any CA', ['ID-05'], withValidator(forgiving('untrusted'))),
  mutant(
    'id-any-organisation',
    'it takes identities of organisations that it does not know',
    ['ID-05'],
    withValidator(forgiving('unknown-msp')),
  ),
  mutant(
    'id-msp-id-in-any-case',
    'it does not look at the case of an MSP-ID',
    ['ID-05'],
    withValidator((serialized, _, honest) => {
      const identity = deserializeIdentity(serialized);
      const verdict = honest(serialized);
      if (verdict.ok || identity === undefined) return verdict;
      const mspId = identity.mspId.replace(/^org(\d)msp$/i, 'Org$1MSP');
      const other = honest(serializeIdentity({ ...identity, mspId }));
      const pkiId = pkiIdOf(identity.mspId, identity.idBytes);
      return other.ok ? { ok: true, identity: disguise(other.identity, pkiId, serialized) } : verdict;
    }),
  ),
  mutant('id-own-alone', 'it takes no identities of other organisations', ['ID-05'], {
    peer: (options) => {
      const validation = picky(({ mspId }) => mspId === options.identity.mspId);
      return withValidator(validation).peer?.(options) ?? {};
    },
  }),
  mutant(
    'id-peers-alone',
    'it takes members of the role peer alone',
    ['ID-06'],
    withValidator(picky((identity) => unitsOf(identity).includes('OU=peer'))),
  ),
  mutant(
    'id-expired-will-do',
    'it does not mind that an identity has expired',
    ['ID-07', 'ID-08'],
    withValidator((serialized, _, honest) => honest(serialized, 0), { isExpired: () => false }),
  ),
  mutant(
    'id-expired-strangers-will-do',
    'it does not mind that a stranger’s identity has expired',
    ['ID-07', 'ID-08'],
    {
      peer: (options) => {
        const own = options.identity.mspId;
        const validation: Validation = (serialized, _, honest) => {
          const verdict = honest(serialized, 0);
          if (!verdict.ok || verdict.identity.mspId === own) return honest(serialized);
          return {
            ok: true,
            identity: { ...disguise(verdict.identity), notAfterMs: Number.POSITIVE_INFINITY },
          };
        };
        return withValidator(validation).peer?.(options) ?? {};
      },
    },
  ),
  mutant(
    'id-expires-unnoticed',
    'it does not notice that an identity expires that it holds',
    ['ID-08'],
    withRules({ isExpired: () => false }),
  ),
  mutant(
    'id-all-one-organisation',
    'it treats every member as one of its own organisation',
    ['ID-12'],
    withRules({ keepsSecretFor: () => true }),
  ),
  mutant(
    'id-all-strangers',
    'it treats no member as one of its own organisation',
    ['ID-12'],
    withRules({ keepsSecretFor: () => false }),
  ),
  mutant(
    'id-hears-non-readers',
    'it takes members of other organisations who are no readers of any channel',
    ['ID-13'],
    withRules({ hearsAbroad: () => true }),
  ),
  mutant('id-believes-strangers', 'it does not verify what other organisations’ members sign', ['ID-13'], {
    peer: ({ identity }) => ({
      rules: {
        ...fabricRules,
        signatureFault: (envelope, author) =>
          author.mspId === identity.mspId ? fabricRules.signatureFault(envelope, author) : undefined,
      },
    }),
  }),
  mutant(
    'id-expired-members-stay',
    'it keeps members alive whose identities have expired',
    ['ID-08'],
    withRules({ forgetsExpired: (isDead) => isDead }),
  ),
  mutant(
    'id-expired-dead-stay',
    'it goes on trying dead members whose identities have expired',
    ['ID-08'],
    withRules({ forgetsExpired: (isDead) => !isDead }),
  ),
];

/** The same identity by another PKI-ID, or in other bytes. */
const disguise = (
  identity: PeerIdentity,
  pkiId = identity.pkiId,
  serialized = identity.serialized,
): PeerIdentity => ({
  pkiId,
  serialized,
  mspId: identity.mspId,
  notAfterMs: identity.notAfterMs,
  verify: (payload, signature) => identity.verify(payload, signature),
});
