import { identityFiles, issueOrganisation, type IssuedIdentity, type Organisation } from '../identity';
import {
  defaultBatch,
  defaultRaft,
  usualReaders,
  type ChannelCapabilities,
  type ChannelProfile,
  type HostPort,
} from './channel-profile';
import { coreYaml } from './core-yaml';
import { genesisBlock } from './genesis-block';
import type { NetworkSettings } from './network-settings';
import { advertisedAddress, advertisedAt, type NodeKind, type NodePlace } from './node-place';
import { ordererYaml } from './orderer-yaml';
import { majorOf } from './release';

export const ORDERER = 'orderer';

/** A node as it is to be started. */
export interface NodePlan {
  /** Such as orderer or org1.peer0. */
  readonly name: string;
  readonly kind: NodeKind;
  readonly organisation: Organisation;
  readonly identity: IssuedIdentity;
  readonly place: NodePlace;
  /** Its configuration, keys and certificates, by paths below its home. */
  readonly files: Readonly<Record<string, string>>;
}

/** An organisation of the network, with an administrator. */
export interface OrganisationPlan {
  readonly organisation: Organisation;
  readonly admin: IssuedIdentity;
}

/** A network whose keys are made and whose nodes are described; nothing runs yet. */
export interface NetworkPlan {
  readonly settings: NetworkSettings;
  readonly orderer: NodePlan;
  readonly ordererOrganisation: OrganisationPlan;
  /** In the order org1.peer0, org1.peer1, org2.peer0, ... */
  readonly peers: readonly NodePlan[];
  readonly peerOrganisations: readonly OrganisationPlan[];
  /** TLS roots of all organisations. */
  readonly tlsRootsPem: readonly string[];
}

export interface PlanRequest {
  readonly settings: NetworkSettings;
  /** Where the node of this name is to live. */
  readonly placeOf: (name: string) => NodePlace;
  /** Wall time in milliseconds since the Unix epoch, from which certificates are valid. */
  readonly nowMs: number;
  /** Called with each node as soon as it can be started: the keys of others are still being made then. */
  readonly onNode?: (node: NodePlan) => void;
}

/** The names of a network's nodes, the orderer first. */
export const nodeNames = ({ organisations, peersPerOrganisation }: NetworkSettings): readonly string[] => [
  ORDERER,
  ...upTo(organisations).flatMap((org) => upTo(peersPerOrganisation).map((peer) => peerName(org, peer))),
];

const peerName = (organisation: number, peer: number): string => `org${organisation + 1}.peer${peer}`;
const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);

/**
 * What a node gets of things of several versions, the oldest first: the orderer the first, the peers of an organisation
 * take turns.
 */
export function turnOf<T>(node: string, things: readonly T[]): T {
  const turn = node === ORDERER ? 0 : Number(/\d+$/.exec(node)?.[0] ?? 0);
  const found = things[turn % things.length];
  if (found === undefined) throw new TypeError('a network of no version');
  return found;
}

/** Makes the keys of a network and describes its nodes. */
export async function planNetwork(request: PlanRequest): Promise<NetworkPlan> {
  const { settings, placeOf, nowMs, onNode = () => undefined } = request;
  const [ordererOrganisation, ...peerOrganisations] = await Promise.all([
    issueOrganisation({ mspId: 'OrdererMSP', domain: 'example.com', nowMs, kind: 'orderer' }),
    ...upTo(settings.organisations).map((org) =>
      issueOrganisation({ mspId: `Org${org + 1}MSP`, domain: `org${org + 1}.example.com`, nowMs }),
    ),
  ]);
  const tlsRootsPem = [ordererOrganisation, ...peerOrganisations].map(({ tlsCa }) => tlsCa.certificatePem);
  const ready = (node: NodePlan): NodePlan => {
    onNode(node);
    return node;
  };
  const [orderer, ...peers] = await Promise.all([
    planOrderer(ordererOrganisation, placeOf(ORDERER), settings).then(ready),
    ...peerOrganisations.flatMap((organisation, org) =>
      upTo(settings.peersPerOrganisation).map((peer) =>
        planPeer({ organisation, org, peer, placeOf, settings, tlsRootsPem }).then(ready),
      ),
    ),
  ]);
  // Administrators are needed when the nodes are up, not before.
  const [ordererOrganisationPlan, ...peerOrganisationPlans] = await Promise.all([
    withAdmin(ordererOrganisation),
    ...peerOrganisations.map(withAdmin),
  ]);
  return {
    settings,
    orderer,
    ordererOrganisation: ordererOrganisationPlan,
    peers,
    peerOrganisations: peerOrganisationPlans,
    tlsRootsPem,
  };
}

const withAdmin = async (organisation: Organisation): Promise<OrganisationPlan> => ({
  organisation,
  admin: await organisation.issue({ name: 'Admin', role: 'admin' }),
});

async function planOrderer(
  organisation: Organisation,
  place: NodePlace,
  { tls }: NetworkSettings,
): Promise<NodePlan> {
  const identity = await organisation.issue({
    name: ORDERER,
    role: 'orderer',
    sans: [`${ORDERER}.${organisation.domain}`, ...place.sans],
  });
  const files = {
    ...identityFiles(organisation, identity),
    'orderer.yaml': ordererYaml({ mspId: organisation.mspId, place, tls }),
  };
  return { name: ORDERER, kind: 'orderer', organisation, identity, place, files };
}

interface PeerRequest {
  readonly organisation: Organisation;
  readonly org: number;
  readonly peer: number;
  readonly placeOf: (name: string) => NodePlace;
  readonly settings: NetworkSettings;
  readonly tlsRootsPem: readonly string[];
}

async function planPeer(request: PeerRequest): Promise<NodePlan> {
  const { organisation, org, peer, placeOf, settings, tlsRootsPem } = request;
  const name = peerName(org, peer);
  const place = placeOf(name);
  const identity = await organisation.issue({
    name: `peer${peer}`,
    role: 'peer',
    sans: [`peer${peer}.${organisation.domain}`, ...place.sans],
    separateClientTls: true,
  });
  const fellows = upTo(settings.peersPerOrganisation).filter((other) => other !== peer);
  const bootstrap = fellows.map((other) => placeOf(peerName(org, other))).map(advertisedAddress);
  const files = {
    ...identityFiles(organisation, identity),
    'tls/roots.crt': tlsRootsPem.join(''),
    'core.yaml': coreYaml({
      id: identity.name,
      mspId: organisation.mspId,
      place,
      bootstrap,
      settings,
      overrides: settings.overridesOf?.(name),
    }),
  };
  return { name, kind: 'peer', organisation, identity, place, files };
}

/** A channel to be made: its name, and the anchor peers of each organisation. */
export interface ChannelWish {
  readonly name: string;
  readonly anchorPeersOf: (organisation: Organisation) => readonly HostPort[];
  /** Orderers that agree by BFT in place of the network's own; needs members of version 3 alone. */
  readonly bft?: ChannelProfile['bft'] | undefined;
  /**
   * Without the TLS roots of its organisations: its members have them from elsewhere, and a peer reads those of all its
   * channels at each dial (internal/pkg/comm/creds.go, `GetPeerCredentials`).
   */
  readonly hasNoTlsRoots?: boolean;
}

/** The network's own channel; the first peer of each organisation is its anchor peer. */
const ownChannel = ({ settings, peers }: NetworkPlan): ChannelWish => ({
  name: settings.channel,
  anchorPeersOf: (organisation) =>
    peers
      .filter((peer) => peer.organisation === organisation)
      .slice(0, 1)
      .map(serviceOf),
});

const serviceOf = ({ place }: NodePlan): HostPort => advertisedAt(place);

/** A channel's first block; of the network's own channel by default. */
export function planGenesisBlock(
  plan: NetworkPlan,
  capabilities: ChannelCapabilities,
  wallNanos: bigint,
  { name, anchorPeersOf, bft, hasNoTlsRoots = false }: ChannelWish = ownChannel(plan),
): Uint8Array {
  const { settings, orderer } = plan;
  const { certificateChainPem } = orderer.identity.tls;
  const consenter = {
    host: orderer.place.host,
    port: settings.tls ? orderer.place.ports.service : orderer.place.ports.cluster,
    clientTlsCertificatePem: certificateChainPem,
    serverTlsCertificatePem: certificateChainPem,
  };
  return genesisBlock(
    {
      name,
      capabilities,
      applicationOrganisations: plan.peerOrganisations.map(({ organisation }) => ({
        msp: hasNoTlsRoots ? { ...organisation.msp.config, tlsRootCerts: [] } : organisation.msp.config,
        anchorPeers: anchorPeersOf(organisation),
        readers: usualReaders,
      })),
      ordererOrganisations: [{ msp: orderer.organisation.msp.config, endpoints: [serviceOf(orderer)] }],
      consenters: [consenter],
      ...(bft && { bft }),
      batch: defaultBatch,
      raft: defaultRaft,
    },
    wallNanos,
  );
}

/** What members of these versions of Fabric can have in common. */
export const capabilitiesFor = (versions: readonly string[]): ChannelCapabilities => ({
  channel: versions.every((version) => majorOf(version) >= 3) ? 'V3_0' : 'V2_0',
  orderer: 'V2_0',
  application: 'V2_5',
});
