import { defaultBatch, defaultRaft, usualReaders } from '../../../src/fabric/channel-profile';
import { makeEnvelope, makeHeader } from '../../../src/fabric/envelope';
import { genesisBlock } from '../../../src/fabric/genesis-block';
import type { IssuedIdentity, Organisation } from '../../../src/identity';
import {
  collectionReaders,
  joinConfiguredChannel,
  MemoryLedger,
  MemoryPrivateData,
  readChannelConfig,
  type RunningChannel,
  type RunningPeer,
} from '../../../src/node';
import type { Clock } from '../../../src/ports/clock';
import { blockHash, signedBlock } from '../../steps/signed-block';

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
  const genesis = genesisBlock(
    {
      name: CHANNEL,
      capabilities: { channel: 'V2_0', orderer: 'V2_0', application: 'V2_5' },
      applicationOrganisations: organisations.map(({ msp }) => ({
        msp: msp.config,
        anchorPeers: [],
        readers: usualReaders,
      })),
      ordererOrganisations: [{ msp: ordering.msp.config, endpoints: [NOWHERE] }],
      consenters: [consenter],
      batch: defaultBatch,
      raft: defaultRaft,
    },
    clock.wallNanos(),
  );
  return { name: CHANNEL, genesis, orderer };
}

/** The channel of one embedded network, and its orderer. */
export class EmbeddedChannel {
  readonly name: string;
  readonly #script: ChannelScript;
  readonly #clock: Clock;
  /** As the orderer has it. */
  readonly #ledger: MemoryLedger;
  /** Those to whom the orderer delivers. */
  readonly #customers: RunningChannel[] = [];

  constructor(script: ChannelScript, clock: Clock) {
    this.name = script.name;
    this.#script = script;
    this.#clock = clock;
    this.#ledger = new MemoryLedger([script.genesis]);
  }

  /** Has a peer join. `fromOrderer`: the orderer delivers blocks to it; others have to get them by gossip. */
  join(peer: RunningPeer, { fromOrderer }: { readonly fromOrderer: boolean }): void {
    const joined = joinConfiguredChannel(peer, {
      configBlock: this.#script.genesis,
      ledger: new MemoryLedger([this.#script.genesis]),
      chaincodes: [LIFECYCLE],
      privateData: new MemoryPrivateData(collectionReaders(readChannelConfig(this.#script.genesis).members)),
      // Everybody's organisation is known from the start.
      validator: { put: () => undefined },
    });
    if (fromOrderer) this.#customers.push(joined);
  }

  /** Orders one more block; the height that follows. */
  addBlock(): number {
    const { identity } = this.#script.orderer;
    const number = this.#ledger.height();
    const last = this.#ledger.blockAt(number - 1n) ?? new Uint8Array();
    const header = makeHeader({
      type: 'ENDORSER_TRANSACTION',
      channel: this.name,
      wallNanos: this.#clock.wallNanos(),
      creator: identity,
    });
    const block = signedBlock({
      number: Number(number),
      previousHash: blockHash(last),
      transactions: [makeEnvelope(header, Buffer.from('data'), identity).serializeBinary()],
      signers: [identity],
    }).serializeBinary();
    this.#ledger.append(block);
    for (const customer of this.#customers) customer.deliver(number, block);
    return Number(number) + 1;
  }
}
