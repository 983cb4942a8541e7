import { defaultBatch, defaultRaft, usualReaders } from '../../../src/fabric/channel-profile';
import { genesisBlock } from '../../../src/fabric/genesis-block';
import type { IssuedIdentity, Organisation } from '../../../src/identity';
import {
  collectionReaders,
  joinConfiguredChannel,
  MemoryPrivateData,
  readChannelConfig,
  type RunningChannel,
  type RunningPeer,
} from '../../../src/node';
import type { Clock } from '../../../src/ports/clock';
import type { OwnChannel } from '../target';
import { CommittedLedger } from './committed-ledger';
import { MadeChannel } from './made-channel';

const CHANNEL = 'gossip';
/** Nobody is there: the orderer of an embedded channel is a function call away. */
const NOWHERE = { host: '127.0.0.1', port: 9 };
/** What a real peer tells of a channel without chaincodes (SINF-04). */
const LIFECYCLE = { name: '_lifecycle', version: '1' };

/** A channel whose first block is made; several networks may begin with it. */
export interface ChannelScript {
  readonly name: string;
  readonly genesis: Uint8Array;
  readonly orderer: IssuedIdentity;
  /** The first block of another channel of the same orderer and organisations, or of some of them. */
  readonly genesisOf: (name: string, mspIds?: readonly string[]) => Uint8Array;
}

/** Makes a channel of these organisations as `native` networks have it, but for anchor peers. */
export async function writeChannel(
  ordering: Organisation,
  organisations: readonly Organisation[],
  clock: Clock,
): Promise<ChannelScript> {
  const orderer = await ordering.issue({ name: 'orderer', role: 'orderer' });
  const { certificateChainPem } = orderer.tls;
  const consenter = {
    ...NOWHERE,
    clientTlsCertificatePem: certificateChainPem,
    serverTlsCertificatePem: certificateChainPem,
  };
  const everybody = organisations.map(({ msp }) => msp.mspId);
  const genesisOf: ChannelScript['genesisOf'] = (name, mspIds = everybody) =>
    genesisBlock(
      {
        name,
        capabilities: { channel: 'V2_0', orderer: 'V2_0', application: 'V2_5' },
        applicationOrganisations: organisations
          .filter(({ msp }) => mspIds.includes(msp.mspId))
          .map(({ msp }) => ({ msp: msp.config, anchorPeers: [], readers: usualReaders })),
        ordererOrganisations: [{ msp: ordering.msp.config, endpoints: [NOWHERE] }],
        consenters: [consenter],
        batch: defaultBatch,
        raft: defaultRaft,
      },
      clock.wallNanos(),
    );
  return { name: CHANNEL, genesis: genesisOf(CHANNEL), orderer, genesisOf };
}

/** Has a peer join the channel of this first block. */
function join(peer: RunningPeer, genesis: Uint8Array): RunningChannel {
  return joinConfiguredChannel(peer, {
    configBlock: genesis,
    ledger: new CommittedLedger(genesis),
    chaincodes: [LIFECYCLE],
    privateData: new MemoryPrivateData(collectionReaders(readChannelConfig(genesis).members)),
    // Everybody's organisation is known from the start.
    validator: { put: () => undefined },
  });
}

/** The channels of one embedded network, and their orderer. */
export class EmbeddedChannel {
  readonly name: string;
  readonly #script: ChannelScript;
  readonly #clock: Clock;
  readonly #made: MadeChannel;
  /** Those to whom the orderer delivers. */
  readonly #customers: RunningChannel[] = [];
  #height = 1n;
  #others = 0;

  constructor(script: ChannelScript, clock: Clock) {
    this.name = script.name;
    this.#script = script;
    this.#clock = clock;
    this.#made = this.#channel(script.name, script.genesis);
  }

  /** Has a peer join. `fromOrderer`: the orderer delivers blocks to it; others have to get them by gossip. */
  join(peer: RunningPeer, { fromOrderer }: { readonly fromOrderer: boolean }): void {
    const joined = join(peer, this.#script.genesis);
    if (fromOrderer) this.#customers.push(joined);
  }

  /** Orders one more block; the height that follows. */
  addBlock(): number {
    const block = this.#made.block(this.#height);
    for (const customer of this.#customers) customer.deliver(this.#height, block);
    this.#height += 1n;
    return Number(this.#height);
  }

  /** Has a peer join another channel, of all organisations or some, of which nobody delivers blocks to it. */
  another(peer: RunningPeer, mspIds?: readonly string[]): OwnChannel {
    this.#others += 1;
    const name = `${this.name}-${this.#others}`;
    const genesis = this.#script.genesisOf(name, mspIds);
    join(peer, genesis);
    return this.#channel(name, genesis);
  }

  #channel(name: string, firstBlock: Uint8Array): MadeChannel {
    const { identity } = this.#script.orderer;
    return new MadeChannel({ name, firstBlock, orderer: identity, client: identity, clock: this.#clock });
  }
}
