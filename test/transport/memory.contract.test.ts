import { expect } from 'chai';
import { SeededRandom } from '../../src/ports/seeded-random';
import { VirtualClock } from '../../src/sim/virtual-clock';
import { MemoryNetwork, type MemoryTls } from '../../src/transport/memory';
import { type Bench, CONTRACT_LIMITS, describeTransport } from './contract';
import { bytes } from './recorder';
import { passTime } from './virtual-time';

function createBench(tls: (name: string) => MemoryTls | undefined): Promise<Bench> {
  const clock = new VirtualClock();
  const network = new MemoryNetwork({ clock, random: new SeededRandom(1), limits: CONTRACT_LIMITS });
  return Promise.resolve({
    server: network.join('peer0:7051', tls('peer0')),
    client: network.join('peer1:7051', tls('peer1')),
    settle: (promise) => passTime(clock, promise),
    close: () => {
      clock.advance(10_000);
      expect(clock.pending, 'timers left').to.equal(0);
      return Promise.resolve();
    },
  });
}

describeTransport('memory', () => createBench(() => undefined));

describeTransport('memory, with certificates', () =>
  createBench((name) => ({
    serverCertificate: bytes(`${name} server`),
    clientCertificate: bytes(`${name} client`),
  })),
);
