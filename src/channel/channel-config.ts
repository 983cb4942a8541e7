/**
 * What a configuration block says about a channel, as far as gossip needs it: its organisations, where their anchor
 * peers are, who may read it, and who has to sign its blocks.
 * Source: common/channelconfig.
 */
import { common, msp as mspMessages, peer } from '@hyperledger/fabric-protos';
import { MspRegistry, type Msp } from '../identity';
import type { PeerIdentity } from '../ports/identity';
import { blockNumber, configTransaction, type Transaction } from './block';
import { ChannelConfigError } from './channel-config-error';
import { readMsp } from './msp-definition';
import { policyOf, type PolicyCheck } from './policies';

export interface ChannelOrganisation {
  readonly msp: Msp;
  /** host:port of each; none of an organisation that only orders. */
  readonly anchorPeers: readonly string[];
}

export interface ChannelConfig {
  readonly channel: string;
  /** The number of the block that says so. */
  readonly blockNumber: bigint;
  /** Organisations whose peers are on the channel. */
  readonly organisations: readonly ChannelOrganisation[];
  /** MSPs of all organisations of the channel, those that order included. */
  readonly members: MspRegistry;
  /** Whether an identity of its own satisfies the policy Readers of the channel's application part. */
  readonly isReader: (identity: PeerIdentity) => boolean;
  /** The block validation policy: who has to have signed a block (BLOCK-04). */
  readonly blockValidation: PolicyCheck;
  /**
   * Serialized identities of the orderers that agree, by the number that stands for them in signatures (BLOCK-15). None
   * on a channel without capability V3_0, whose signatures name their signers in full.
   */
  readonly consenters: ReadonlyMap<number, Uint8Array>;
}

/**
 * The capability of channels whose orderers may agree by BFT. Source: common/capabilities/channel.go,
 * `ConsensusTypeBFT`.
 */
const BFT_CAPABILITY = 'V3_0';

/**
 * Reads a configuration block: the channel's first, or a later one.
 * @param bytes A serialized `common.Block`.
 * @throws ChannelConfigError
 */
export function readChannelConfig(bytes: Uint8Array): ChannelConfig {
  const { number, transaction } = openConfigBlock(bytes);
  const config = decoded(() => common.ConfigEnvelope.deserializeBinary(transaction.data)).getConfig();
  const root = config?.getChannelGroup();
  if (root === undefined) {
    throw new ChannelConfigError('INCOMPLETE', 'the configuration has no channel group.');
  }
  const ordererGroup = subgroup(root, 'Orderer');
  const applicationGroup = subgroup(root, 'Application');
  const organisations = organisationsOf(applicationGroup);
  const members = new MspRegistry([...organisationsOf(ordererGroup), ...organisations].map(({ msp }) => msp));
  const readers = policyOf(applicationGroup, 'Readers', members);
  return {
    channel: transaction.channel,
    blockNumber: number,
    organisations,
    members,
    isReader: (identity) => readers([identity]),
    blockValidation: policyOf(ordererGroup, 'BlockValidation', members),
    consenters: hasBftCapability(root) ? consentersOf(ordererGroup) : new Map(),
  };
}

/** Whether a serialized `common.Block` is a configuration; false for what is no block, too. */
export function isConfigBlock(bytes: Uint8Array): boolean {
  try {
    openConfigBlock(bytes);
    return true;
  } catch (error) {
    if (error instanceof ChannelConfigError) return false;
    throw error;
  }
}

function openConfigBlock(bytes: Uint8Array): { readonly number: bigint; readonly transaction: Transaction } {
  const block = decoded(() => common.Block.deserializeBinary(bytes));
  const header = block.getHeader();
  const number = header && blockNumber(header);
  const transaction = decoded(() => configTransaction(block.getData()?.getDataList_asU8() ?? []));
  if (number === undefined || transaction === undefined) {
    throw new ChannelConfigError(
      'NO_CONFIG_BLOCK',
      'this is no configuration block: give the channel’s first block, or its newest configuration.',
    );
  }
  return { number, transaction };
}

function decoded<T>(decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    throw new ChannelConfigError('NO_CONFIG_BLOCK', 'this is no block of a channel.', { cause: error });
  }
}

function subgroup(group: common.ConfigGroup, name: string): common.ConfigGroup {
  const found = group.getGroupsMap().get(name);
  if (found === undefined) {
    throw new ChannelConfigError('INCOMPLETE', `the configuration has no group ${name}.`);
  }
  return found;
}

const valueOf = (group: common.ConfigGroup, name: string): Uint8Array | undefined =>
  group.getValuesMap().get(name)?.getValue_asU8();

function hasBftCapability(root: common.ConfigGroup): boolean {
  const value = valueOf(root, 'Capabilities');
  return (
    value !== undefined &&
    decoded(() => common.Capabilities.deserializeBinary(value))
      .getCapabilitiesMap()
      .has(BFT_CAPABILITY)
  );
}

/** Of several with one number the first counts. Source: protoutil/blockutils.go, `searchConsenterIdentityByID`. */
function consentersOf(group: common.ConfigGroup): ReadonlyMap<number, Uint8Array> {
  const value = valueOf(group, 'Orderers') ?? new Uint8Array();
  const listed = decoded(() => common.Orderers.deserializeBinary(value)).getConsenterMappingList();
  return new Map(
    [...listed].reverse().map((consenter) => {
      const identity = new mspMessages.SerializedIdentity();
      identity.setMspid(consenter.getMspId());
      identity.setIdBytes(consenter.getIdentity_asU8());
      return [consenter.getId(), identity.serializeBinary()];
    }),
  );
}

function organisationsOf(group: common.ConfigGroup): ChannelOrganisation[] {
  const organisations: ChannelOrganisation[] = [];
  group.getGroupsMap().forEach((organisation, name) => {
    const definition = valueOf(organisation, 'MSP');
    if (definition === undefined) {
      throw new ChannelConfigError('INCOMPLETE', `the organisation ${name} has no MSP.`);
    }
    organisations.push({ msp: readMsp(definition, name), anchorPeers: anchorPeersOf(organisation) });
  });
  return organisations;
}

/** An empty host or port 0 is skipped (BOOT-05). */
function anchorPeersOf(organisation: common.ConfigGroup): string[] {
  const value = valueOf(organisation, 'AnchorPeers');
  const anchors =
    value === undefined ? [] : decoded(() => peer.AnchorPeers.deserializeBinary(value)).getAnchorPeersList();
  return anchors
    .filter((anchor) => anchor.getHost() !== '' && anchor.getPort() !== 0)
    .map((anchor) => `${anchor.getHost()}:${anchor.getPort()}`);
}
