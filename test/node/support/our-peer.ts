/** Our peer on the channel of a network of real peers. */
import { capabilitiesFor, planGenesisBlock } from '../../../src/fabric/network-plan';
import type { RunningNetwork } from '../../../src/fabric/running-network';
import { MspRegistry, type IssuedIdentity } from '../../../src/identity';
import {
  joinConfiguredChannel,
  readChannelConfig,
  MemoryLedger,
  startGossipPeer,
  type GossipTiming,
  type RunningChannel,
  type RunningPeer,
  type Tamper,
} from '../../../src/node';

const HOST = '127.0.0.1';

/** What our peer is on a channel. */
export interface OurPeer {
  readonly peer: RunningPeer;
  readonly channel: RunningChannel;
  readonly ledger: MemoryLedger;
  /** What real peers were told off for. */
  readonly rejected: ReadonlySet<string>;
}

/** Papers of a peer of the network's first organisation. */
export async function ourPapers({ plan }: RunningNetwork, name = 'ours'): Promise<IssuedIdentity> {
  const [first] = plan.peerOrganisations;
  if (first === undefined) throw new Error('a network without organisations');
  return first.organisation.issue({ name, role: 'peer', sans: [HOST] });
}

/**
 * Starts our peer, which knows one real peer of its organisation, and has it join a channel with this much of its chain:
 * the network's own with its first block alone by default.
 */
export async function startOurPeer(
  network: RunningNetwork,
  papers: IssuedIdentity,
  change: Partial<GossipTiming> = {},
  // The same configuration as in the channel's own first block, which says the same at another time.
  chain: readonly [Uint8Array, ...Uint8Array[]] = [
    planGenesisBlock(network.plan, capabilitiesFor(['2.5']), 1n),
  ],
  tamper?: Tamper,
): Promise<OurPeer> {
  const { peerOrganisations, settings, tlsRootsPem } = network.plan;
  const { certificateChainPem: certificate, privateKeyPem: key } = papers.tls;
  const validator = new MspRegistry(peerOrganisations.map(({ organisation }) => organisation.msp));
  const peer = await startGossipPeer({
    identity: papers.identity,
    validator,
    network: {
      listenAddress: `${HOST}:0`,
      tls: settings.tls ? { server: { certificate, key }, serverRoots: tlsRootsPem } : undefined,
    },
    settings: (address) => ({
      ...settings.timers,
      stateEnabled: true,
      ...change,
      bootstrap: [network.node('org1.peer0').access.endpoint],
      externalEndpoint: address,
    }),
    ...(tamper && { tamper }),
  });
  const rejected = new Set<string>();
  peer.events.on('rejected', ({ rejection }) => rejected.add(`${rejection.reason} ${rejection.detail}`));
  const [configBlock] = chain;
  const ledger = new MemoryLedger(chain);
  const channel = joinConfiguredChannel(peer, { config: readChannelConfig(configBlock), ledger, validator });
  return { peer, channel, ledger, rejected };
}
