import { common } from '@hyperledger/fabric-protos';
import { changed, channelConfigIn, removeOrganisation } from '../../../src/fabric/config-changes';
import { computeUpdate, configUpdateEnvelope } from '../../../src/fabric/config-update';
import { makeEnvelope, makeHeader, type Creator } from '../../../src/fabric/envelope';

export interface RemovalRequest {
  readonly channel: string;
  /** The channel's first block, which holds the configuration that is changed. */
  readonly firstBlock: Uint8Array;
  readonly mspId: string;
  /** Enough of the administrators to satisfy the policy of the channel's application part. */
  readonly administrators: readonly [Creator, ...Creator[]];
  readonly orderer: Creator;
  readonly wallNanos: bigint;
}

/**
 * The transaction of a channel's first change of configuration, which takes an organisation off it, as an orderer makes
 * it of the administrators' update. Source: common/configtx/update.go, `computeUpdateResult`.
 */
export function removal({
  channel,
  firstBlock,
  mspId,
  administrators,
  orderer,
  wallNanos,
}: RemovalRequest): common.Envelope {
  const original = channelConfigIn(common.Block.deserializeBinary(firstBlock));
  const updated = changed(original, removeOrganisation(mspId));
  const update = configUpdateEnvelope(
    channel,
    computeUpdate(channel, original, updated),
    administrators,
    wallNanos,
  );
  // A group's version grows with a change of its members.
  const application = updated.getGroupsMap().get('Application');
  application?.setVersion(application.getVersion() + 1);
  const config = new common.Config();
  config.setSequence(1);
  config.setChannelGroup(updated);
  const configEnvelope = new common.ConfigEnvelope();
  configEnvelope.setConfig(config);
  configEnvelope.setLastUpdate(update);
  const header = makeHeader({ type: 'CONFIG', channel, wallNanos, creator: orderer });
  return makeEnvelope(header, configEnvelope.serializeBinary(), orderer);
}
