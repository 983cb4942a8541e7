import { common, orderer, peer } from '@hyperledger/fabric-protos';
import type { MspConfig } from '../identity';
import { ordererMapping, quorumPolicy } from './bft-consenters';
import type {
  ApplicationOrganisation,
  ChannelProfile,
  Consenter,
  HostPort,
  OrdererOrganisation,
  RaftSettings,
} from './channel-profile';
import { ADMINS, configGroup } from './config-group';
import { mspDefinition } from './msp-definition';
import { implicitMetaPolicy, signaturePolicy } from './policies';

/** Hashes the data of a block as a whole; Fabric knows no other width. */
const WHOLE_BLOCK = 0xffff_ffff;

const addressOf = ({ host, port }: HostPort): string => `${host}:${port}`;

/**
 * The configuration of a new channel. An organisation's group bears its MSP-ID.
 * Source: internal/configtxgen/encoder/encoder.go, `NewChannelGroup`.
 */
export function channelGroup(profile: ChannelProfile): common.ConfigGroup {
  const hashing = new common.HashingAlgorithm();
  hashing.setName('SHA256');
  const structure = new common.BlockDataHashingStructure();
  structure.setWidth(WHOLE_BLOCK);
  return configGroup({
    values: {
      HashingAlgorithm: hashing,
      BlockDataHashingStructure: structure,
      Capabilities: capabilities(profile.capabilities.channel),
    },
    policies: groupPolicies(),
    groups: { Orderer: ordererGroup(profile), Application: applicationGroup(profile) },
  });
}

/** Where peers of other organisations find this one's. */
export function anchorPeers(addresses: readonly HostPort[]): peer.AnchorPeers {
  const anchors = new peer.AnchorPeers();
  for (const { host, port } of addresses) {
    const anchor = new peer.AnchorPeer();
    anchor.setHost(host);
    anchor.setPort(port);
    anchors.addAnchorPeers(anchor);
  }
  return anchors;
}

function ordererGroup(profile: ChannelProfile): common.ConfigGroup {
  const { batch } = profile;
  const batchSize = new orderer.BatchSize();
  batchSize.setMaxMessageCount(batch.maxMessageCount);
  batchSize.setAbsoluteMaxBytes(batch.absoluteMaxBytes);
  batchSize.setPreferredMaxBytes(batch.preferredMaxBytes);
  const batchTimeout = new orderer.BatchTimeout();
  batchTimeout.setTimeout(`${batch.timeoutMs}ms`);
  const { bft } = profile;
  const consensus = new orderer.ConsensusType();
  consensus.setType(bft === undefined ? 'etcdraft' : 'BFT');
  // What orderers that agree by BFT read there is nothing to peers.
  if (bft === undefined) {
    consensus.setMetadata(raftMetadata(profile.consenters, profile.raft).serializeBinary());
  }
  return configGroup({
    values: {
      ConsensusType: consensus,
      BatchSize: batchSize,
      BatchTimeout: batchTimeout,
      ChannelRestrictions: new orderer.ChannelRestrictions(),
      Capabilities: capabilities(profile.capabilities.orderer),
      ...(bft && { Orderers: ordererMapping(bft) }),
    },
    policies: {
      ...groupPolicies(),
      BlockValidation: bft === undefined ? implicitMetaPolicy('ANY', 'Writers') : quorumPolicy(bft),
    },
    groups: byMspId(profile.ordererOrganisations, ordererOrganisationGroup),
  });
}

function applicationGroup(profile: ChannelProfile): common.ConfigGroup {
  return configGroup({
    values: { Capabilities: capabilities(profile.capabilities.application) },
    policies: {
      ...groupPolicies(),
      LifecycleEndorsement: implicitMetaPolicy('MAJORITY', 'Endorsement'),
      Endorsement: implicitMetaPolicy('MAJORITY', 'Endorsement'),
    },
    groups: byMspId(profile.applicationOrganisations, applicationOrganisationGroup),
  });
}

function ordererOrganisationGroup({ msp, endpoints }: OrdererOrganisation): common.ConfigGroup {
  const addresses = new common.OrdererAddresses();
  addresses.setAddressesList(endpoints.map(addressOf));
  return configGroup({
    values: { MSP: mspDefinition(msp), Endpoints: addresses },
    policies: organisationPolicies(msp.mspId),
  });
}

function applicationOrganisationGroup(organisation: ApplicationOrganisation): common.ConfigGroup {
  const { msp, readers = ['MEMBER'] } = organisation;
  return configGroup({
    values: { MSP: mspDefinition(msp), AnchorPeers: anchorPeers(organisation.anchorPeers) },
    policies: { ...organisationPolicies(msp.mspId), Readers: signaturePolicy(msp.mspId, ...readers) },
  });
}

function raftMetadata(consenters: readonly Consenter[], raft: RaftSettings): orderer.etcdraft.ConfigMetadata {
  const options = new orderer.etcdraft.Options();
  options.setTickInterval(`${raft.tickIntervalMs}ms`);
  options.setElectionTick(raft.electionTick);
  options.setHeartbeatTick(raft.heartbeatTick);
  options.setMaxInflightBlocks(raft.maxInflightBlocks);
  options.setSnapshotIntervalSize(raft.snapshotIntervalBytes);
  const metadata = new orderer.etcdraft.ConfigMetadata();
  metadata.setOptions(options);
  for (const { host, port, clientTlsCertificatePem, serverTlsCertificatePem } of consenters) {
    const consenter = new orderer.etcdraft.Consenter();
    consenter.setHost(host);
    consenter.setPort(port);
    consenter.setClientTlsCert(Buffer.from(clientTlsCertificatePem));
    consenter.setServerTlsCert(Buffer.from(serverTlsCertificatePem));
    metadata.addConsenters(consenter);
  }
  return metadata;
}

function capabilities(name: string): common.Capabilities {
  const set = new common.Capabilities();
  set.getCapabilitiesMap().set(name, new common.Capability());
  return set;
}

/** Of a group of organisations: what each of them, or most of them, may do. */
const groupPolicies = (): Record<string, common.Policy> => ({
  Readers: implicitMetaPolicy('ANY', 'Readers'),
  Writers: implicitMetaPolicy('ANY', 'Writers'),
  [ADMINS]: implicitMetaPolicy('MAJORITY', ADMINS),
});

const organisationPolicies = (mspId: string): Record<string, common.Policy> => ({
  Readers: signaturePolicy(mspId, 'MEMBER'),
  Writers: signaturePolicy(mspId, 'MEMBER'),
  [ADMINS]: signaturePolicy(mspId, 'ADMIN'),
  Endorsement: signaturePolicy(mspId, 'PEER'),
});

const byMspId = <T extends { readonly msp: MspConfig }>(
  organisations: readonly T[],
  groupOf: (organisation: T) => common.ConfigGroup,
): Record<string, common.ConfigGroup> =>
  Object.fromEntries(organisations.map((organisation) => [organisation.msp.mspId, groupOf(organisation)]));
