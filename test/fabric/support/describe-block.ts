import { common, msp, orderer, peer } from '@hyperledger/fabric-protos';

/** What a configuration block says, in few words: policies as one line each, certificates as their number. */
export function describeConfigBlock(bytes: Uint8Array): Record<string, unknown> {
  const block = common.Block.deserializeBinary(bytes);
  const [transaction] = block.getData()?.getDataList_asU8() ?? [];
  const payload = common.Payload.deserializeBinary(
    common.Envelope.deserializeBinary(present(transaction)).getPayload_asU8(),
  );
  const header = common.ChannelHeader.deserializeBinary(present(payload.getHeader()).getChannelHeader_asU8());
  const envelope = common.ConfigEnvelope.deserializeBinary(payload.getData_asU8());
  const config = present(envelope.getConfig());
  return {
    number: block.getHeader()?.getNumber(),
    metadata: block
      .getMetadata()
      ?.getMetadataList_asU8()
      .map((slot) => Buffer.from(slot).toString('hex')),
    header: { type: header.getType(), version: header.getVersion(), channel: header.getChannelId() },
    sequence: config.getSequence(),
    lastUpdate: envelope.hasLastUpdate(),
    channel: describeGroup(present(config.getChannelGroup())),
  };
}

export function present<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError('missing in the message');
  return value;
}

export function describeGroup(group: common.ConfigGroup): Record<string, unknown> {
  const tell = (what: string, element: { getModPolicy(): string; getVersion(): number }): string =>
    `${what} [${element.getModPolicy()}, ${element.getVersion()}]`;
  return {
    element: tell('group', group),
    policies: sorted(group.getPoliciesMap(), (element) =>
      tell(describePolicy(present(element.getPolicy())), element),
    ),
    values: sorted(group.getValuesMap(), (element, name) => ({
      element: tell('value', element),
      ...describeValue(name, element.getValue_asU8()),
    })),
    groups: sorted(group.getGroupsMap(), describeGroup),
  };
}

interface NamedElements<T> {
  forEach(visit: (value: T, name: string) => void): void;
}

function sorted<T>(
  map: NamedElements<T>,
  describe: (value: T, name: string) => unknown,
): Record<string, unknown> {
  const entries: [string, unknown][] = [];
  map.forEach((value, name) => entries.push([name, describe(value, name)]));
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function describePolicy(policy: common.Policy): string {
  if (policy.getType() === common.Policy.PolicyType.IMPLICIT_META) {
    const meta = common.ImplicitMetaPolicy.deserializeBinary(policy.getValue_asU8());
    return `${nameOf(common.ImplicitMetaPolicy.Rule, meta.getRule())} ${meta.getSubPolicy()}`;
  }
  const signature = common.SignaturePolicyEnvelope.deserializeBinary(policy.getValue_asU8());
  const principals = signature.getIdentitiesList().map((principal) => {
    const role = msp.MSPRole.deserializeBinary(principal.getPrincipal_asU8());
    return `${role.getMspIdentifier()}.${nameOf(msp.MSPRole.MSPRoleType, role.getRole())}`;
  });
  const oneOf = present(signature.getRule()?.getNOutOf());
  const rules = oneOf.getRulesList().map((rule) => principals[rule.getSignedBy()]);
  return `${oneOf.getN()} of ${rules.join(', ')}`;
}

const nameOf = (names: object, value: number): string =>
  Object.entries(names).find(([, number]) => number === value)?.[0] ?? `number ${value}`;

function describeValue(name: string, bytes: Uint8Array): object {
  switch (name) {
    case 'MSP':
      return describeMsp(bytes);
    case 'AnchorPeers':
      return peer.AnchorPeers.deserializeBinary(bytes).toObject();
    case 'Endpoints':
      return common.OrdererAddresses.deserializeBinary(bytes).toObject();
    case 'Capabilities':
      return {
        capabilities: common.Capabilities.deserializeBinary(bytes)
          .toObject()
          .capabilitiesMap.map(([one]) => one),
      };
    case 'HashingAlgorithm':
      return common.HashingAlgorithm.deserializeBinary(bytes).toObject();
    case 'BlockDataHashingStructure':
      return common.BlockDataHashingStructure.deserializeBinary(bytes).toObject();
    case 'BatchSize':
      return orderer.BatchSize.deserializeBinary(bytes).toObject();
    case 'BatchTimeout':
      return orderer.BatchTimeout.deserializeBinary(bytes).toObject();
    case 'ChannelRestrictions':
      return orderer.ChannelRestrictions.deserializeBinary(bytes).toObject();
    case 'ConsensusType':
      return describeConsensus(bytes);
    default:
      return { bytes: Buffer.from(bytes).toString('hex') };
  }
}

function describeConsensus(bytes: Uint8Array): object {
  const consensus = orderer.ConsensusType.deserializeBinary(bytes);
  const metadata = orderer.etcdraft.ConfigMetadata.deserializeBinary(consensus.getMetadata_asU8());
  return {
    type: consensus.getType(),
    state: nameOf(orderer.ConsensusType.State, consensus.getState()),
    options: metadata.getOptions()?.toObject(),
    consenters: metadata.getConsentersList().map((consenter) => ({
      host: consenter.getHost(),
      port: consenter.getPort(),
      certificates: [consenter.getClientTlsCert_asU8(), consenter.getServerTlsCert_asU8()].map(kindOf),
    })),
  };
}

/** A PEM's label. */
const kindOf = (bytes: Uint8Array): string =>
  /-----BEGIN ([^-]+)-----/.exec(Buffer.from(bytes).toString())?.[1] ?? 'no PEM';

function describeMsp(bytes: Uint8Array): object {
  const definition = msp.MSPConfig.deserializeBinary(bytes);
  const fabric = msp.FabricMSPConfig.deserializeBinary(definition.getConfig_asU8());
  const ous = fabric.getFabricNodeOus();
  const unit = (ou: msp.FabricOUIdentifier | undefined): string | undefined =>
    ou && `${ou.getOrganizationalUnitIdentifier()} under ${kindOf(ou.getCertificate_asU8())}`;
  return {
    type: definition.getType(),
    name: fabric.getName(),
    crypto: fabric.getCryptoConfig()?.toObject(),
    roots: fabric.getRootCertsList_asU8().map(kindOf),
    intermediates: fabric.getIntermediateCertsList_asU8().map(kindOf),
    tlsRoots: fabric.getTlsRootCertsList_asU8().map(kindOf),
    tlsIntermediates: fabric.getTlsIntermediateCertsList_asU8().map(kindOf),
    revocationLists: fabric.getRevocationListList_asU8().map(kindOf),
    admins: fabric.getAdminsList_asU8().length,
    units: fabric.getOrganizationalUnitIdentifiersList().length,
    signingIdentity: fabric.hasSigningIdentity(),
    nodeOus: ous && {
      enabled: ous.getEnable(),
      client: unit(ous.getClientOuIdentifier()),
      peer: unit(ous.getPeerOuIdentifier()),
      admin: unit(ous.getAdminOuIdentifier()),
      orderer: unit(ous.getOrdererOuIdentifier()),
    },
  };
}
