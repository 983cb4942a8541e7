import { common, msp } from '@hyperledger/fabric-protos';

export type PrincipalRole = 'MEMBER' | 'ADMIN' | 'CLIENT' | 'PEER';
export type ImplicitRule = 'ANY' | 'ALL' | 'MAJORITY';

/** Satisfied by one signature of an identity with one of these roles in the organisation. */
export const signaturePolicy = (mspId: string, ...roles: readonly PrincipalRole[]): common.Policy =>
  nOutOf(
    1,
    roles.map((role) => principalOf(mspId, role)),
  );

/** Satisfied by signatures of so many of these identities, each a serialized `msp.SerializedIdentity`. */
export const identityPolicy = (count: number, identities: readonly Uint8Array[]): common.Policy =>
  nOutOf(
    count,
    identities.map((identity) => {
      const principal = new msp.MSPPrincipal();
      principal.setPrincipalClassification(msp.MSPPrincipal.Classification.IDENTITY);
      principal.setPrincipal(identity);
      return principal;
    }),
  );

function nOutOf(count: number, principals: readonly msp.MSPPrincipal[]): common.Policy {
  const some = new common.SignaturePolicy.NOutOf();
  some.setN(count);
  const envelope = new common.SignaturePolicyEnvelope();
  principals.forEach((principal, index) => {
    envelope.addIdentities(principal);
    const signedBy = new common.SignaturePolicy();
    signedBy.setSignedBy(index);
    some.addRules(signedBy);
  });
  const rule = new common.SignaturePolicy();
  rule.setNOutOf(some);
  envelope.setRule(rule);
  return policy(common.Policy.PolicyType.SIGNATURE, envelope.serializeBinary());
}

function principalOf(mspId: string, role: PrincipalRole): msp.MSPPrincipal {
  const mspRole = new msp.MSPRole();
  mspRole.setMspIdentifier(mspId);
  mspRole.setRole(msp.MSPRole.MSPRoleType[role]);
  const principal = new msp.MSPPrincipal();
  principal.setPrincipalClassification(msp.MSPPrincipal.Classification.ROLE);
  principal.setPrincipal(mspRole.serializeBinary());
  return principal;
}

/** Satisfied if this many of the subgroups' policies of the name `subPolicy` are. */
export function implicitMetaPolicy(rule: ImplicitRule, subPolicy: string): common.Policy {
  const meta = new common.ImplicitMetaPolicy();
  meta.setRule(common.ImplicitMetaPolicy.Rule[rule]);
  meta.setSubPolicy(subPolicy);
  return policy(common.Policy.PolicyType.IMPLICIT_META, meta.serializeBinary());
}

function policy(type: number, value: Uint8Array): common.Policy {
  const made = new common.Policy();
  made.setType(type);
  made.setValue(value);
  return made;
}
