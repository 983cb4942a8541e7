/**
 * Policies of a channel's configuration, made into functions that judge who has signed.
 *
 *     SIGNATURE        so many of these principals, each by a signer of its own, nested at will
 *     IMPLICIT_META    so many of the subgroups' policies of one name
 *
 * What is not understood is never satisfied. Source: common/cauthdsl/cauthdsl.go; common/policies/implicitmeta.go.
 */
import { common, type msp } from '@hyperledger/fabric-protos';
import type { PeerIdentity } from '../ports/identity';
import { ChannelConfigError } from './channel-config-error';
import { satisfies, type Members } from './principals';

/** Whether distinct identities, whose signatures were verified, satisfy a policy. */
export type PolicyCheck = (signers: readonly PeerIdentity[]) => boolean;

const never: PolicyCheck = () => false;

/** The policy of this name in a group of the configuration; one that is not there is never satisfied. */
export function policyOf(group: common.ConfigGroup, name: string, members: Members): PolicyCheck {
  const policy = group.getPoliciesMap().get(name)?.getPolicy();
  switch (policy?.getType()) {
    case common.Policy.PolicyType.SIGNATURE:
      return signaturePolicy(policy.getValue_asU8(), members);
    case common.Policy.PolicyType.IMPLICIT_META:
      return implicitMetaPolicy(policy.getValue_asU8(), group, members);
    default:
      return never;
  }
}

function implicitMetaPolicy(bytes: Uint8Array, group: common.ConfigGroup, members: Members): PolicyCheck {
  const meta = common.ImplicitMetaPolicy.deserializeBinary(bytes);
  const checks: PolicyCheck[] = [];
  group.getGroupsMap().forEach((subgroup) => {
    checks.push(policyOf(subgroup, meta.getSubPolicy(), members));
  });
  const threshold = thresholdOf(meta.getRule(), checks.length);
  return (signers) => checks.filter((check) => check(signers)).length >= threshold;
}

function thresholdOf(rule: number, count: number): number {
  const { Rule } = common.ImplicitMetaPolicy;
  switch (rule) {
    case Rule.ANY:
      return Math.min(1, count);
    case Rule.ALL:
      return count;
    case Rule.MAJORITY:
      return count === 0 ? 0 : Math.floor(count / 2) + 1;
    default:
      throw new ChannelConfigError('UNSUPPORTED', `an implicit policy of rule ${rule} is not understood.`);
  }
}

/** Takes signers that are not taken yet; gives back those taken, undefined where the rule does not hold. */
type Rule = (signers: readonly PeerIdentity[], taken: ReadonlySet<number>) => ReadonlySet<number> | undefined;

/** A serialized `common.SignaturePolicyEnvelope` as a function. */
export function signaturePolicy(bytes: Uint8Array, members: Members): PolicyCheck {
  const envelope = common.SignaturePolicyEnvelope.deserializeBinary(bytes);
  const root = envelope.getRule();
  if (root === undefined) return never;
  const rule = ruleOf(root, envelope.getIdentitiesList(), members);
  return (signers) => rule(signers, new Set()) !== undefined;
}

function ruleOf(
  policy: common.SignaturePolicy,
  principals: readonly msp.MSPPrincipal[],
  members: Members,
): Rule {
  if (policy.hasSignedBy()) {
    const principal = principals[policy.getSignedBy()];
    if (principal === undefined) return () => undefined;
    return (signers, taken) => {
      const index = signers.findIndex((signer, i) => !taken.has(i) && satisfies(signer, principal, members));
      return index < 0 ? undefined : new Set([...taken, index]);
    };
  }
  const nOutOf = policy.getNOutOf();
  if (nOutOf === undefined) return () => undefined;
  const rules = nOutOf.getRulesList().map((rule) => ruleOf(rule, principals, members));
  return (signers, taken) => {
    let now = taken;
    let held = 0;
    for (const rule of rules) {
      const after = rule(signers, now);
      if (after !== undefined) {
        now = after;
        held++;
      }
    }
    return held >= nOutOf.getN() ? now : undefined;
  };
}
