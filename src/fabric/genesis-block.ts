import { createHash } from 'node:crypto';
import { common } from '@hyperledger/fabric-protos';
import { channelGroup } from './channel-config';
import type { ChannelProfile } from './channel-profile';
import { makeEnvelope, makeHeader } from './envelope';

/** One slot for each entry of `common.BlockMetadataIndex`. */
const METADATA_SLOTS = 5;

/**
 * The first block of a channel, serialized. Every node that joins has to be given the very same bytes.
 * @param wallNanos Wall time in nanoseconds since the Unix epoch.
 * Source: common/genesis/genesis.go, `Block`.
 */
export function genesisBlock(profile: ChannelProfile, wallNanos: bigint): Uint8Array {
  const config = new common.Config();
  config.setChannelGroup(channelGroup(profile));
  const configEnvelope = new common.ConfigEnvelope();
  configEnvelope.setConfig(config);
  const header = makeHeader({ type: 'CONFIG', channel: profile.name, wallNanos, version: 1 });
  const transaction = makeEnvelope(header, configEnvelope.serializeBinary()).serializeBinary();

  const data = new common.BlockData();
  data.addData(transaction);
  const blockHeader = new common.BlockHeader();
  blockHeader.setDataHash(createHash('sha256').update(transaction).digest());
  const block = new common.Block();
  block.setHeader(blockHeader);
  block.setData(data);
  block.setMetadata(metadata());
  return block.serializeBinary();
}

/** The last configuration is this very block; there is no signature. */
function metadata(): common.BlockMetadata {
  const ordererMetadata = new common.OrdererBlockMetadata();
  ordererMetadata.setLastConfig(new common.LastConfig());
  const signatures = new common.Metadata();
  signatures.setValue(ordererMetadata.serializeBinary());
  const slots = new Array<Uint8Array>(METADATA_SLOTS).fill(new Uint8Array());
  slots[common.BlockMetadataIndex.SIGNATURES] = signatures.serializeBinary();
  const blockMetadata = new common.BlockMetadata();
  blockMetadata.setMetadataList(slots);
  return blockMetadata;
}
