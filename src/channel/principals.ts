/**
 * Whether an identity is what a policy asks for. Source: msp/mspimpl.go, `satisfiesPrincipalInternalV142`.
 */
import { msp } from '@hyperledger/fabric-protos';
import { X509Identity, type MspRegistry, type Role } from '../identity';
import type { IdentityValidator, PeerIdentity } from '../ports/identity';

/** Who belongs to which organisation of a channel. */
export type Members = IdentityValidator & Pick<MspRegistry, 'get'>;

/** A time at which no certificate has expired: policies do not heed expiry, which gossip judges by itself (ID-07). */
export const BEFORE_ANY_EXPIRY_MS = 0;

const { Classification } = msp.MSPPrincipal;
const { MSPRoleType } = msp.MSPRole;

const roleOfType = new Map<number, Role>([
  [MSPRoleType.ADMIN, 'admin'],
  [MSPRoleType.CLIENT, 'client'],
  [MSPRoleType.PEER, 'peer'],
  [MSPRoleType.ORDERER, 'orderer'],
]);

/**
 * Deviation: administrators are known by their organisational unit only, not by a list of certificates; principals
 * that are organisational units, anonymous or combined are never satisfied. No policy of a common channel has them.
 */
export function satisfies(identity: PeerIdentity, principal: msp.MSPPrincipal, members: Members): boolean {
  const verdict = members.validate(identity.serialized, BEFORE_ANY_EXPIRY_MS);
  if (!verdict.ok) return false;
  switch (principal.getPrincipalClassification()) {
    case Classification.IDENTITY:
      return Buffer.from(principal.getPrincipal_asU8()).equals(identity.serialized);
    case Classification.ROLE: {
      const role = msp.MSPRole.deserializeBinary(principal.getPrincipal_asU8());
      return role.getMspIdentifier() === identity.mspId && hasRole(verdict.identity, role.getRole(), members);
    }
    default:
      return false;
  }
}

/** Of an identity that its MSP takes: it then has exactly one of the roles, if the MSP tells them apart (ID-06). */
function hasRole(identity: PeerIdentity, type: number, members: Members): boolean {
  if (type === MSPRoleType.MEMBER) return true;
  const role = roleOfType.get(type);
  const unit = role && members.get(identity.mspId)?.config.nodeOus?.[role];
  return (
    unit !== undefined &&
    identity instanceof X509Identity &&
    identity.certificate.organizationalUnits.includes(unit.organizationalUnitIdentifier)
  );
}
