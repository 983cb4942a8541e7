import { common, msp } from '@hyperledger/fabric-protos';

export type PrincipalRole = 'MEMBER' | 'ADMIN' | 'PEER';
export type ImplicitRule = 'ANY' | 'ALL' | 'MAJORITY';

/** Satisfied by one signature of an identity with this role in the organisation. */
export function signaturePolicy(mspId: string, role: PrincipalRole): common.Policy {
  const mspRole = new msp.MSPRole();
  mspRole.setMspIdentifier(mspId);
  mspRole.setRole(msp.MSPRole.MSPRoleType[role]);
  const principal = new msp.MSPPrincipal();
  principal.setPrincipalClassification(msp.MSPPrincipal.Classification.ROLE);
  principal.setPrincipal(mspRole.serializeBinary());

  const signedBy = new common.SignaturePolicy();
  signedBy.setSignedBy(0);
  const oneOf = new common.SignaturePolicy.NOutOf();
  oneOf.setN(1);
  oneOf.addRules(signedBy);
  const rule = new common.SignaturePolicy();
  rule.setNOutOf(oneOf);

  const envelope = new common.SignaturePolicyEnvelope();
  envelope.addIdentities(principal);
  envelope.setRule(rule);
  return policy(common.Policy.PolicyType.SIGNATURE, envelope.serializeBinary());
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
