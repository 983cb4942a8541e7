import { common } from '@hyperledger/fabric-protos';
import type { MspConfig } from '../identity';
import { anchorPeers } from './channel-config';
import type { HostPort } from './channel-profile';
import { configValue } from './config-group';
import { FabricError } from './fabric-error';
import { mspDefinition } from './msp-definition';

/** Changes a channel's configuration in place. @throws FabricError */
export type ConfigChange = (channel: common.ConfigGroup) => void;

/** Whose anchor peers these shall be, in place of those it has. */
export const setAnchorPeers =
  (mspId: string, addresses: readonly HostPort[]): ConfigChange =>
  (channel) => {
    const organisation = organisationOf(channel, mspId);
    setValue(organisation, 'AnchorPeers', configValue(anchorPeers(addresses)));
  };

/** What shall define an organisation from now on: with another revocation list, say. */
export const setMsp =
  (config: MspConfig): ConfigChange =>
  (channel) => {
    setValue(organisationOf(channel, config.mspId), 'MSP', configValue(mspDefinition(config)));
  };

/** Takes an organisation off the channel. */
export const removeOrganisation =
  (mspId: string): ConfigChange =>
  (channel) => {
    organisationOf(channel, mspId);
    applicationOf(channel).getGroupsMap().del(mspId);
  };

/** The configuration in a block that holds one. @throws FabricError MALFORMED */
export function channelConfigIn(block: common.Block): common.ConfigGroup {
  const [transaction] = block.getData()?.getDataList_asU8() ?? [];
  const envelope = common.Envelope.deserializeBinary(transaction ?? new Uint8Array());
  const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8());
  const config = common.ConfigEnvelope.deserializeBinary(payload.getData_asU8()).getConfig();
  const group = config?.getChannelGroup();
  if (group === undefined)
    throw new FabricError('MALFORMED', 'the block holds no configuration of a channel');
  return group;
}

/** A copy of `config`, changed. @throws FabricError */
export function changed(config: common.ConfigGroup, change: ConfigChange): common.ConfigGroup {
  const copy = common.ConfigGroup.deserializeBinary(config.serializeBinary());
  change(copy);
  return copy;
}

function applicationOf(channel: common.ConfigGroup): common.ConfigGroup {
  const application = channel.getGroupsMap().get('Application');
  if (application === undefined)
    throw new FabricError('MALFORMED', 'the configuration has no application part');
  return application;
}

function organisationOf(channel: common.ConfigGroup, mspId: string): common.ConfigGroup {
  const organisation = applicationOf(channel).getGroupsMap().get(mspId);
  if (organisation === undefined) {
    throw new FabricError('MALFORMED', `${mspId} is no organisation of the channel; name one that is.`);
  }
  return organisation;
}

/** The version stays that of the value replaced: the update counts on from it. */
function setValue(group: common.ConfigGroup, name: string, value: common.ConfigValue): void {
  value.setVersion(group.getValuesMap().get(name)?.getVersion() ?? 0);
  group.getValuesMap().set(name, value);
}
