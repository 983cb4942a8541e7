import { common } from '@hyperledger/fabric-protos';

/** Anything that serializes itself: a message of fabric-protos. */
export interface Serializable {
  serializeBinary(): Uint8Array;
}

/** Every element of the configurations made here is changed by the administrators of its group. */
export const ADMINS = 'Admins';

export interface GroupContent {
  readonly values?: Readonly<Record<string, Serializable>>;
  readonly policies?: Readonly<Record<string, common.Policy>>;
  readonly groups?: Readonly<Record<string, common.ConfigGroup>>;
}

/** A part of a channel's configuration, at version 0. */
export function configGroup({ values = {}, policies = {}, groups = {} }: GroupContent): common.ConfigGroup {
  const group = new common.ConfigGroup();
  group.setModPolicy(ADMINS);
  for (const [name, value] of Object.entries(values)) group.getValuesMap().set(name, configValue(value));
  for (const [name, policy] of Object.entries(policies)) {
    const element = new common.ConfigPolicy();
    element.setModPolicy(ADMINS);
    element.setPolicy(policy);
    group.getPoliciesMap().set(name, element);
  }
  for (const [name, subgroup] of Object.entries(groups)) group.getGroupsMap().set(name, subgroup);
  return group;
}

/** A value of a configuration, at version 0. */
export function configValue(value: Serializable): common.ConfigValue {
  const element = new common.ConfigValue();
  element.setModPolicy(ADMINS);
  element.setValue(value.serializeBinary());
  return element;
}
