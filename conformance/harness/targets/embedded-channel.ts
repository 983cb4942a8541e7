import { defaultBatch, defaultRaft, usualReaders } from '../../../src/fabric/channel-profile';
import { genesisBlock } from '../../../src/fabric/genesis-block';
import type { IssuedIdentity, Organisation } from '../../../src/identity';
import {
  collectionReaders,
  joinConfiguredChannel,
  MemoryPrivateData,
  readChannelConfig,
  type ChannelConfig,
  type RunningChannel,
  type RunningPeer,
} from '../../../src/node';
import type { Clock, Millis } from '../../../src/ports/clock';
import type { OwnChannel } from '../target';
import { issueBftOrderers, type BftOrderers } from './bft-orderers';
import { CommittedLedger } from './committed-ledger';
import { MadeChannel } from './made-channel';

const CHANNEL = 'gossip';
/** Nobody is there: the orderer of an embedded channel is a function call away. */
const NOWHERE = { host: '127.0.0.1', port: 9 };
/** What a real peer tells of a channel without chaincodes (SINF-04). */
const LIFECYCLE = { name: '_lifecycle', version: '1' };

/** One who joins a channel of which nobody delivers blocks to it. */
export interface ChannelGuest {
  readonly peer: RunningPeer;
  /** How long it leads without an orderer; for ever by default. */
  readonly ordererPatienceMs?: Millis | undefined;
}

/** How the first block of a channel is to be. */
interface FirstBlockWish {
  /** Its organisations; all by default. */
  readonly mspIds?: readonly string[] | undefined;
  /** Who orders in place of the network's orderer. */
  readonly bft?: BftOrderers['consenters'] | undefined;
}

/** A channel whose first block is made; several networks may begin with it. */
export interface ChannelScript {
  readonly name: string;
  readonly genesis: Uint8Array;
  /** What that block says. */
  readonly config: ChannelConfig;
  readonly orderer: IssuedIdentity;
  /** The first block of another channel. */
  readonly genesisOf: (name: string, wish: FirstBlockWish) => Uint8Array;
  /** Issues orderers that agree by BFT, to be those of another channel. */
  readonly issueBft: () => Promise<BftOrderers>;
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
  const genesisOf: ChannelScript['genesisOf'] = (name, { mspIds = everybody, bft }) =>
    genesisBlock(
      {
        name,
        capabilities: {
          channel: bft === undefined ? 'V2_0' : 'V3_0',
          orderer: 'V2_0',
          application: 'V2_5',
        },
        applicationOrganisations: organisations
          .filter(({ msp }) => mspIds.includes(msp.mspId))
          .map(({ msp }) => ({ msp: msp.config, anchorPeers: [], readers: usualReaders })),
        ordererOrganisations: [{ msp: ordering.msp.config, endpoints: [NOWHERE] }],
        consenters: [consenter],
        ...(bft && { bft }),
        batch: defaultBatch,
        raft: defaultRaft,
      },
      clock.wallNanos(),
    );
  const issueBft = (): Promise<BftOrderers> => issueBftOrderers(ordering, NOWHERE);
  const genesis = genesisOf(CHANNEL, {});
  return { name: CHANNEL, genesis, config: readChannelConfig(genesis), orderer, genesisOf, issueBft };
}

/** Has a peer join the channel of this first block, which says this. */
function join(peer: RunningPeer, genesis: Uint8Array, config: ChannelConfig): RunningChannel {
  return joinConfiguredChannel(peer, {
    config,
    ledger: new CommittedLedger(genesis),
    chaincodes: [LIFECYCLE],
    privateData: new MemoryPrivateData(collectionReaders(config.members)),
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
  readonly #recipients: RunningChannel[] = [];
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
    const joined = join(peer, this.#script.genesis, this.#script.config);
    if (fromOrderer) this.#recipients.push(joined);
  }

  /** Orders one more block; the height that follows. */
  addBlock(): number {
    const block = this.#made.block(this.#height);
    for (const recipient of this.#recipients) recipient.deliver(this.#height, block);
    this.#height += 1n;
    return Number(this.#height);
  }

  /** Has a peer join another channel, of all organisations or some, of which nobody delivers blocks to it. */
  async another(
    { peer, ordererPatienceMs }: ChannelGuest,
    { mspIds, isBft }: { readonly mspIds?: readonly string[]; readonly isBft: boolean },
  ): Promise<OwnChannel> {
    this.#others += 1;
    const name = `${this.name}-${this.#others}`;
    const bft = isBft ? await this.#script.issueBft() : undefined;
    const genesis = this.#script.genesisOf(name, { mspIds, bft: bft?.consenters });
    const joined = join(peer, genesis, readChannelConfig(genesis));
    if (ordererPatienceMs !== undefined) {
      peer.events.on('leadershipChanged', ({ channel, isLeader }) => {
        if (isLeader && channel === name) {
          this.#clock.after(ordererPatienceMs, () => {
            joined.yieldLeadership();
          });
        }
      });
    }
    return this.#channel(name, genesis, bft?.quorum);
  }

  #channel(name: string, firstBlock: Uint8Array, quorum?: BftOrderers['quorum']): MadeChannel {
    const { identity } = this.#script.orderer;
    return new MadeChannel({
      name,
      firstBlock,
      orderers: quorum ?? [identity],
      client: identity,
      // No embedded peer asks who has changed a configuration.
      administrators: [identity],
      clock: this.#clock,
    });
  }
}
