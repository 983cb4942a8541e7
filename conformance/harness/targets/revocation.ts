import { readIdentity, type MspConfig, type Organisation } from '../../../src/identity';
import type { PeerIdentity } from '../../../src/ports/identity';

/** The configuration of an organisation's MSP that revokes these identities of it; undefined for none. */
export async function revoking(
  organisation: Organisation,
  identities: readonly PeerIdentity[] = [],
): Promise<MspConfig | undefined> {
  if (identities.length === 0) return undefined;
  return organisation.revoke(
    identities.map(({ serialized }) => {
      const identity = readIdentity(serialized);
      if (identity === undefined) throw new TypeError('an identity to be revoked that is none');
      return { identity };
    }),
  );
}
