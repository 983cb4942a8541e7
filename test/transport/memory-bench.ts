import type { Connection, GossipStream, Transport } from '../../src/ports/transport';
import { SeededRandom } from '../../src/ports/seeded-random';
import { VirtualClock } from '../../src/sim/virtual-clock';
import { MemoryNetwork, type MemoryNetworkOptions } from '../../src/transport/memory';
import { bytes, dialed, Recorder } from './recorder';
import { passTime } from './virtual-time';

export const A = 'peer0.org1:7051';
export const B = 'peer0.org2:7051';
export const C = 'peer1.org2:7051';

/** A stream with both its ends: `near` is that of the initiator. */
export interface BothEnds {
  readonly connection: Connection;
  readonly stream: GossipStream;
  readonly near: Recorder;
  readonly far: Recorder;
}

/** A network in memory and virtual time: {@link B} listens, {@link A} dials. */
export class MemoryBench {
  readonly clock = new VirtualClock();
  readonly network: MemoryNetwork;
  /** Of the streams that {@link B} accepted. */
  readonly #inbound: Recorder[] = [];
  a: Transport;
  b: Transport;

  private constructor(options: Partial<MemoryNetworkOptions>, seed: number) {
    this.network = new MemoryNetwork({ clock: this.clock, random: new SeededRandom(seed), ...options });
    this.a = this.network.join(A);
    this.b = this.network.join(B);
  }

  static async start(options: Partial<MemoryNetworkOptions> = {}, seed = 1): Promise<MemoryBench> {
    const bench = new MemoryBench(options, seed);
    await bench.b.listen(() => {
      const events = new Recorder();
      bench.#inbound.push(events);
      return events;
    });
    return bench;
  }

  settle<T>(promise: Promise<T>): Promise<T> {
    return passTime(this.clock, promise);
  }

  connect(): Promise<Connection> {
    return this.settle(dialed(this.a, B));
  }

  async open(): Promise<BothEnds> {
    const connection = await this.connect();
    const near = new Recorder();
    const stream = connection.open(near);
    this.clock.advance(100);
    const [far] = this.#inbound;
    if (far === undefined) throw new Error('no stream was accepted');
    return { connection, stream, near, far };
  }
}

/** Sends so many messages, and gives their texts. */
export function sendNumbers(stream: Pick<GossipStream, 'send'>, count: number): string[] {
  const texts = Array.from({ length: count }, (_, index) => `${index}`);
  for (const text of texts) stream.send(bytes(text));
  return texts;
}
