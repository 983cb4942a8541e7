import { deserializeIdentity, readIdentity } from '../../../src/identity';
import { carriedIdentity } from '../../harness/signed-content';
import { hex, sameBytes } from '../../steps/bytes';
import { each, watch, type RecordedCheck } from '../recorded-check';
import { signedItemsIn } from '../signed-items';

const roles = ['client', 'peer', 'admin', 'orderer'];

export const identityChecks: readonly RecordedCheck[] = [
  each(
    'ID-01',
    'an identity is a SerializedIdentity with one certificate in PEM',
    'conn',
    ({ value }, demand) => {
      demand(readIdentity(value.identity) !== undefined, 'an identity', 'bytes that are none');
    },
  ),

  ...(['ID-02', 'ID-03'] as const).map((clause) =>
    watch(
      clause,
      clause === 'ID-02'
        ? 'PKI-IDs are the SHA-256 of MSP-ID and certificate as sent'
        : 'nobody offers an identity under another PKI-ID',
      (scene, docket) => ({
        envelope: (seen) => {
          for (const { content, authorId, where } of signedItemsIn(seen)) {
            const carried = carriedIdentity(content);
            if (carried.length === 0 || scene.isOurs(authorId)) continue;
            const computed = (scene.identity(authorId) ?? readIdentity(carried))?.pkiId;
            const isSame =
              computed !== undefined &&
              hex(computed) === authorId &&
              sameBytes(scene.identity(authorId)?.serialized, carried);
            docket.demand(seen, isSame, 'its own PKI-ID', `${where} claims ${authorId}`);
          }
        },
      }),
    ),
  ),

  watch(
    'ID-05',
    'identities are valid under the MSP of their organisation',
    (scene, docket) => ({
      envelope: (seen) => {
        for (const { content, authorId, where } of signedItemsIn(seen)) {
          const carried = carriedIdentity(content);
          if (carried.length === 0 || scene.isOurs(authorId)) continue;
          const mspId = deserializeIdentity(carried)?.mspId;
          if (mspId === undefined || scene.registry.get(mspId) === undefined) continue;
          const verdict = scene.registry.validate(carried, Number.NaN);
          docket.demand(seen, verdict.ok, 'a valid identity', () =>
            verdict.ok ? '' : `${where}: ${verdict.reason}, ${verdict.detail}`,
          );
        }
      },
    }),
    'organisations',
  ),

  watch('ID-07', 'no identity had expired when it was sent', (scene, docket) => ({
    envelope: (seen) => {
      for (const { authorId, where } of signedItemsIn(seen)) {
        const identity = scene.identity(authorId);
        if (identity === undefined || scene.isOurs(authorId)) continue;
        const isValid = seen.recorded.wallUs / 1000 <= identity.notAfterMs;
        docket.demand(seen, isValid, 'an identity that has not expired', `that of ${where} has`);
      }
    },
  })),

  each('ID-06', 'the certificate carries exactly one role', 'conn', ({ value }, demand, scene) => {
    const identity = scene.identity(value.pkiId);
    if (identity === undefined) return;
    const units = identity.certificate.organizationalUnits.filter((unit) => roles.includes(unit));
    demand(units.length === 1, 'one of client, peer, admin, orderer', units.join(', ') || 'none');
  }),
];
