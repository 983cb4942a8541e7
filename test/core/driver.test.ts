import { expect } from 'chai';
import {
  defaultGossipTiming,
  GossipDriver,
  GossipMachine,
  type PeerEvent,
  type Tamper,
} from '../../src/core';
import { cheapHash, keyedIdentity, KeyedValidator } from '../../src/sim/keyed-identity';
import { SeededRandom } from '../../src/ports/seeded-random';
import { VirtualClock } from '../../src/sim/virtual-clock';
import { MemoryNetwork, type MemoryTls } from '../../src/transport/memory';

interface Peer {
  readonly driver: GossipDriver;
  readonly events: PeerEvent[];
}

describe('driver', () => {
  let clock: VirtualClock;
  let network: MemoryNetwork;
  beforeEach(() => {
    clock = new VirtualClock();
    network = new MemoryNetwork({ clock, random: new SeededRandom(1) });
  });

  async function start(
    name: string,
    {
      bootstrap = [] as string[],
      tamper = undefined as Tamper | undefined,
      tls = undefined as MemoryTls | undefined,
    } = {},
  ): Promise<Peer> {
    const identity = keyedIdentity('Org1MSP', name);
    const events: PeerEvent[] = [];
    const driver = new GossipDriver({
      createMachine: (address) =>
        new GossipMachine({
          identity,
          validator: new KeyedValidator(['Org1MSP']),
          settings: {
            ...defaultGossipTiming,
            internalEndpoint: address,
            externalEndpoint: address,
            bootstrap,
          },
          random: new SeededRandom(2),
          sha256: cheapHash,
          incNum: clock.wallNanos(),
          startedAtMs: clock.now(),
        }),
      transport: network.join(`${name}:7051`, tls),
      clock,
      signer: identity,
      onEvent: (event) => events.push(event),
      tamper,
    });
    await driver.start();
    return { driver, events };
  }
  const alive = ({ driver }: Peer): number => driver.machine?.aliveMembers().length ?? -1;

  it('carries two peers to one view, and counts what it sends', async () => {
    const a = await start('a');
    const b = await start('b', { bootstrap: ['a:7051'] });
    clock.advance(1000);
    expect([alive(a), alive(b)]).to.deep.equal([1, 1]);
    expect(b.driver.statistics()).to.deep.include({ sent: { conn: 2, memReq: 1 }, dials: 2, dropped: 0 });
    expect(a.driver.statistics().received).to.equal(3);
  });

  it('CONN-04, CONN-07: does so with TLS, whose certificates both sides see', async () => {
    const tls = (n: number): MemoryTls => ({
      serverCertificate: Uint8Array.of(n),
      clientCertificate: Uint8Array.of(n + 1),
    });
    const a = await start('a', { tls: tls(10) });
    await start('b', { bootstrap: ['a:7051'], tls: tls(20) });
    clock.advance(1000);
    expect(alive(a)).to.equal(1);
  });

  it('leaves no timer when it has stopped, and may be stopped twice', async () => {
    const a = await start('a');
    const b = await start('b', { bootstrap: ['a:7051', 'nobody:7051'] });
    clock.advance(10_000);
    await Promise.all([a.driver.stop(), b.driver.stop()]);
    await b.driver.stop();
    clock.advance(10_000);
    expect(clock.pending).to.equal(0);
    expect(b.driver.machine).to.equal(undefined);
    b.driver.input({ kind: 'join-anchor', endpoint: 'a:7051', org: 'Org1MSP' });
    expect(clock.pending).to.equal(0);
  });

  it('refuses streams before its machine is there', async () => {
    const a = await start('a');
    await a.driver.stop();
    const b = await start('b', { bootstrap: ['a:7051'] });
    clock.advance(5000);
    expect(b.events.some(({ kind }) => kind === 'unreachable')).to.be.true;
  });

  describe('with a tamper', () => {
    it('sends what that makes of a message, now or later', async () => {
      const tamper: Tamper = {
        outgoing: ({ envelope, message }) =>
          message.content?.kind === 'memRes' ? [{ envelope, delayMs: 3000 }] : [{ envelope }],
      };
      await start('a', { tamper });
      const b = await start('b', { bootstrap: ['a:7051'] });
      clock.advance(2900);
      expect(alive(b)).to.equal(0);
      clock.advance(200);
      expect(alive(b)).to.equal(1);
    });

    it('does not send late what was delayed beyond the end', async () => {
      const tamper: Tamper = { outgoing: ({ envelope }) => [{ envelope, delayMs: 60_000 }] };
      const a = await start('a', { tamper });
      await start('b', { bootstrap: ['a:7051'] });
      clock.advance(1000);
      await a.driver.stop();
      clock.advance(120_000);
      expect(a.driver.statistics().sent).to.deep.equal({});
    });

    it('reads what that makes of it, told from whom', async () => {
      const seen: boolean[] = [];
      const tamper: Tamper = {
        incoming: (bytes, { peer }) => {
          seen.push(peer !== undefined);
          return peer === undefined ? [bytes] : [];
        },
      };
      const a = await start('a', { tamper });
      await start('b', { bootstrap: ['a:7051'] });
      clock.advance(1000);
      expect(alive(a)).to.equal(0);
      expect(seen).to.deep.equal([false, false, true]);
    });
  });
});
