import { common, msp } from '@hyperledger/fabric-protos';

export type PrincipalRole = 'MEMBER' | 'ADMIN' | 'CLIENT' | 'PEER';
export type ImplicitRule = 'ANY' | 'ALL' | 'MAJORITY';

/** Satisfied by one signature of an identity with one of these roles in the organisation. */
export function signaturePolicy(mspId: string, ...roles: readonly PrincipalRole[]): common.Policy {
  const oneOf = new common.SignaturePolicy.NOutOf();
  oneOf.setN(1);
  const envelope = new common.SignaturePolicyEnvelope();
  roles.forEach((role, index) => {
    envelope.addIdentities(principalOf(mspId, role));
    const signedBy = new common.SignaturePolicy();
    signedBy.setSignedBy(index);
    oneOf.addRules(signedBy);
  });
  const rule = new common.SignaturePolicy();
  rule.setNOutOf(oneOf);
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
