import { recordingTap, tapped, type RecordingWriter } from '../../capture';
import { capabilitiesFor, planGenesisBlock, type NetworkPlan } from '../../fabric/network-plan';
import { advertisedAddress } from '../../fabric/node-place';
import type { RunningNetwork } from '../../fabric/running-network';
import { MspRegistry, type TlsCredentials } from '../../identity';
import {
  joinConfiguredChannel,
  readChannelConfig,
  MemoryLedger,
  startGossipPeer,
  systemClock,
  type GossipTiming,
  type RunningPeer,
} from '../../node';
import type { IdentityValidator, SigningIdentity } from '../../ports/identity';
import { GrpcTransport, type GrpcTransportOptions } from '../../transport';

const NAME = 'org1.gossipspec';

export interface Member {
  readonly identity: SigningIdentity;
  readonly tls: TlsCredentials | undefined;
  readonly tlsRoots: readonly string[];
  readonly validator: IdentityValidator;
  readonly listenHost: string;
  /** Where peers are reached whose names mean nothing on this machine. */
  readonly routeOf?: GrpcTransportOptions['routeOf'];
  /** host:port of peers of its organisation. */
  readonly bootstrap: readonly string[];
  readonly timing: Partial<GossipTiming>;
}

/** Starts our own peer in a network; what it sends and receives is recorded. */
export async function startMember(writer: RecordingWriter, member: Member): Promise<RunningPeer> {
  const { identity, tls, tlsRoots, validator, listenHost, routeOf, bootstrap, timing } = member;
  writer.nameIdentity(identity.pkiId, { name: NAME, role: 'tester' });
  const transport = new GrpcTransport({
    clock: systemClock,
    listenAddress: `${listenHost}:0`,
    tls: tls && {
      server: { certificate: tls.certificateChainPem, key: tls.privateKeyPem },
      serverRoots: tlsRoots,
    },
    routeOf,
  });
  return startGossipPeer({
    identity,
    validator,
    network: tapped(transport, recordingTap(writer, { name: NAME, pkiId: identity.pkiId })),
    settings: (address) => ({ ...timing, bootstrap: [...bootstrap], externalEndpoint: address }),
  });
}

/** Our own peer as one more of the first organisation of a network, on its channel. */
export async function joinNetwork(
  writer: RecordingWriter,
  network: RunningNetwork,
  host: string,
): Promise<RunningPeer> {
  const { plan } = network;
  const { peerOrganisations, settings, tlsRootsPem } = plan;
  const [first] = peerOrganisations;
  const [neighbour] = network.peers;
  if (first === undefined || neighbour === undefined) throw new TypeError('a network without peers');
  const papers = await first.organisation.issue({ name: 'gossipspec', role: 'peer', sans: [host] });
  const validator = new MspRegistry(peerOrganisations.map(({ organisation }) => organisation.msp));
  const peer = await startMember(writer, {
    identity: papers.identity,
    tls: settings.tls ? papers.tls : undefined,
    tlsRoots: tlsRootsPem,
    validator,
    listenHost: host,
    routeOf: (endpoint) =>
      network.peers.find(({ plan: { place } }) => advertisedAddress(place) === endpoint)?.access.endpoint ??
      endpoint,
    bootstrap: [advertisedAddress(neighbour.plan.place)],
    timing: { ...settings.timers, stateEnabled: settings.stateTransfer },
  });
  const configBlock = planGenesisBlock(plan, capabilitiesFor(['2.5']), 1n);
  joinConfiguredChannel(peer, {
    config: readChannelConfig(configBlock),
    ledger: new MemoryLedger([configBlock]),
    validator,
  });
  return peer;
}

/** Tells a recording who is who in a network of ours. */
export function describePlan(writer: RecordingWriter, { peerOrganisations, peers }: NetworkPlan): void {
  for (const { organisation } of peerOrganisations) {
    const { mspId, rootCerts, intermediateCerts = [], tlsRootCerts = [] } = organisation.msp.config;
    writer.addOrganisation({ mspId, rootCerts, intermediateCerts, tlsRootCerts });
  }
  for (const { name, identity } of peers) {
    writer.nameIdentity(identity.identity.pkiId, { name, role: 'peer' });
    writer.addIdentity(identity.identity.serialized);
  }
}
