/** A network of real peers with a channel of its own, whose blocks are made here, for measurements. */
import type { common } from '@hyperledger/fabric-protos';
import { blockHash, signedBlock } from '../conformance/steps/signed-block';
import { fillerTransaction } from '../src/fabric/broadcast';
import { timingProfiles } from '../src/fabric/gossip-profile';
import { startNativeNetwork } from '../src/fabric/native-network';
import { capabilitiesFor, planGenesisBlock } from '../src/fabric/network-plan';
import { defaultSettings } from '../src/fabric/network-settings';
import type { NetworkNode, RunningNetwork } from '../src/fabric/running-network';
import { MspRegistry, type IssuedIdentity } from '../src/identity';
import {
  joinConfiguredChannel,
  readChannelConfig,
  MemoryLedger,
  startGossipPeer,
  systemClock,
  systemRandom,
  type RunningPeer,
} from '../src/node';

export const HOST = '127.0.0.1';

/** One organisation of two peers; it fetches nothing from the orderer on the channels made here. */
export const startNetwork = (folder: string): Promise<RunningNetwork> =>
  startNativeNetwork({
    settings: { ...defaultSettings, timers: timingProfiles.fast, organisations: 1, blocks: 0 },
    binaries: [folder],
    clock: systemClock,
    random: systemRandom,
    signal: new AbortController().signal,
  });

/** The first block of a channel of the network's organisations that nobody orders. */
export const firstBlock = ({ plan, versions }: RunningNetwork, name: string): Uint8Array =>
  planGenesisBlock(
    { ...plan, settings: { ...plan.settings, channel: name } },
    capabilitiesFor(versions),
    systemClock.wallNanos(),
  );

/** A chain on a first block: so many blocks of so many transactions each, signed as the orderer signs. */
export function makeChain(
  { plan }: RunningNetwork,
  name: string,
  first: Uint8Array,
  { blocks, transactions }: { readonly blocks: number; readonly transactions: number },
): readonly Uint8Array[] {
  const admin = plan.peerOrganisations[0]?.admin.identity;
  if (admin === undefined) throw new Error('a network without organisations');
  const chain = [first];
  for (let number = 1; number <= blocks; number++) {
    const block: common.Block = signedBlock({
      number,
      previousHash: blockHash(chain[number - 1] ?? first),
      transactions: Array.from({ length: transactions }, () =>
        fillerTransaction(name, admin, systemClock.wallNanos()).serializeBinary(),
      ),
      signers: [plan.orderer.identity.identity],
    });
    chain.push(block.serializeBinary());
  }
  return chain;
}

/** Papers of a peer of the network's organisation. */
export async function issuePapers({ plan }: RunningNetwork, name: string): Promise<IssuedIdentity> {
  const [first] = plan.peerOrganisations;
  if (first === undefined) throw new Error('a network without organisations');
  return first.organisation.issue({ name, role: 'peer', sans: [HOST] });
}

export interface Ours {
  readonly peer: RunningPeer;
  readonly ledger: MemoryLedger;
}

/** Our peer, on the channel with these blocks; it knows `known`. */
export async function startOurs(
  { plan }: RunningNetwork,
  papers: IssuedIdentity,
  known: NetworkNode,
  chain: readonly Uint8Array[],
): Promise<Ours> {
  const { certificateChainPem: certificate, privateKeyPem: key } = papers.tls;
  const validator = new MspRegistry(plan.peerOrganisations.map(({ organisation }) => organisation.msp));
  const peer = await startGossipPeer({
    identity: papers.identity,
    validator,
    network: {
      listenAddress: `${HOST}:0`,
      tls: { server: { certificate, key }, serverRoots: plan.tlsRootsPem },
    },
    settings: (address) => ({
      ...plan.settings.timers,
      stateEnabled: true,
      bootstrap: [known.access.endpoint],
      externalEndpoint: address,
    }),
  });
  const [configBlock] = chain;
  if (configBlock === undefined) throw new Error('a chain without a first block');
  const ledger = new MemoryLedger(chain);
  joinConfiguredChannel(peer, { config: readChannelConfig(configBlock), ledger, validator });
  return { peer, ledger };
}
