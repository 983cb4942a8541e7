import { expect } from 'chai';
import { once } from 'node:events';
import { issueOrganisation, MspRegistry, type IssuedIdentity, type Organisation } from '../../src/identity';
import {
  fabricRules,
  GossipPeer,
  startGossipPeer,
  systemClock,
  type GossipPeerOptions,
  type RunningPeer,
} from '../../src/node';
import { wallMs } from '../../src/ports/clock';
import type { TlsKeyPair } from '../../src/transport';
import { quickTiming } from './support/quick-timing';

const HOST = '127.0.0.1';
const nowMs = wallMs(systemClock);

/** Resolves when every peer holds exactly the others as alive. */
async function complete(peers: readonly RunningPeer[]): Promise<void> {
  await Promise.all(
    peers.map(async (peer) => {
      while (peer.membership().alive.length !== peers.length - 1) {
        await Promise.race([once(peer.events, 'memberAlive'), once(peer.events, 'memberDead')]);
      }
    }),
  );
}

describe('GossipPeer over gRPC', function () {
  this.timeout(60_000);
  const running: RunningPeer[] = [];
  let organisations: Organisation[];
  let validator: MspRegistry;
  before(async () => {
    organisations = await Promise.all(
      [1, 2].map((n) => issueOrganisation({ mspId: `Org${n}MSP`, domain: `org${n}.example.com`, nowMs })),
    );
    validator = new MspRegistry(organisations.map(({ msp }) => msp));
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((peer) => peer.stop()));
  });

  const keyPair = ({ tls }: IssuedIdentity): TlsKeyPair => ({
    certificate: tls.certificateChainPem,
    key: tls.privateKeyPem,
  });

  /** Options of a new peer of an organisation, all of which listen on free ports. */
  async function optionsOf(
    organisation: number,
    { tls = true, bootstrap = [] as readonly string[] } = {},
  ): Promise<GossipPeerOptions> {
    const issued = await organisations[organisation]?.issue({ name: 'peer', role: 'peer', sans: [HOST] });
    if (issued === undefined) throw new Error('no such organisation');
    const serverRoots = organisations.map(({ tlsCa }) => tlsCa.certificatePem);
    return {
      identity: issued.identity,
      validator,
      network: {
        listenAddress: `${HOST}:0`,
        tls: tls ? { server: keyPair(issued), serverRoots } : undefined,
        grpc: { closeGraceMs: 100 },
      },
      settings: (address) => ({ ...quickTiming, externalEndpoint: address, bootstrap }),
    };
  }
  async function start(options: GossipPeerOptions): Promise<RunningPeer> {
    const peer = await startGossipPeer(options);
    running.push(peer);
    return peer;
  }

  for (const tls of [true, false]) {
    it(`BOOT-01, BOOT-05: two organisations of two peers grow together, TLS ${tls ? 'on' : 'off'}`, async () => {
      const first = await start(await optionsOf(0, { tls }));
      const other = await start(await optionsOf(1, { tls }));
      const peers = [
        first,
        other,
        await start(await optionsOf(0, { tls, bootstrap: [first.address] })),
        await start(await optionsOf(1, { tls, bootstrap: [other.address] })),
      ];
      first.joinAnchor(other.address, 'Org2MSP');
      await complete(peers);
      for (const peer of peers) {
        const { alive, dead } = peer.membership();
        expect(dead).to.deep.equal([]);
        const others = peers.filter((each) => each !== peer);
        expect(alive.map(({ endpoint }) => endpoint)).to.have.members(others.map(({ address }) => address));
        for (const { endpoint, internalEndpoint, mspId } of alive) {
          const isOwnOrg = mspId === peer.identity.mspId;
          expect(internalEndpoint, 'ALIVE-07: only the own organisation is told').to.equal(
            isOwnOrg ? endpoint : '',
          );
        }
        expect(peer.statistics().aliveMembers).to.equal(3);
        expect(peer.identities()).to.have.length(4);
      }
    });
  }

  it('DEAD-03, DEAD-04: notices that a peer has gone, and that it is back', async () => {
    const first = await start(await optionsOf(0));
    const options = await optionsOf(0, { bootstrap: [first.address] });
    const second = await start(options);
    await complete([first, second]);
    const death = once(first.events, 'memberDead');
    await second.stop();
    await death;
    expect(first.membership().dead).to.have.length(1);
    const back = once(first.events, 'memberAlive');
    await start(options);
    await back;
    expect(first.membership().dead).to.deep.equal([]);
  });

  it('stops twice, leaves nothing behind, and says so', async () => {
    const peer = new GossipPeer(await optionsOf(0));
    const events: string[] = [];
    peer.on('listening', () => events.push('listening'));
    peer.on('stopped', () => events.push('stopped'));
    {
      await using started = await peer.start();
      await started.stop();
      expect(started.membership()).to.deep.equal({ alive: [], dead: [] });
    }
    expect(events).to.deep.equal(['listening', 'stopped']);
  });

  it('rejects where it cannot listen', async () => {
    const first = await start(await optionsOf(0));
    const options = await optionsOf(0);
    const taken = { ...options, network: { listenAddress: first.address } };
    const error: unknown = await startGossipPeer(taken).catch((reason: unknown) => reason);
    expect(error).to.include({ name: 'TransportError', code: 'ADDRESS_IN_USE' });
  });

  it('BAD-57, ALIVE-15: an endpoint that makes no sense is unreachable, and no more', async () => {
    const peer = await start(await optionsOf(0));
    for (const endpoint of ['senseless', 'a b:1', 'host:99999', '[::', `${HOST}:1`]) {
      const unreachable = new Promise<void>((resolve) => {
        // Those before are tried again meanwhile.
        peer.events.on('unreachable', (event) => {
          if (event.endpoint === endpoint) resolve();
        });
      });
      peer.joinAnchor(endpoint, 'Org1MSP');
      await unreachable;
    }
  });

  it('CONN-07: tells of a remote that was refused, by a rule that was changed for the purpose', async () => {
    const strict = await start({
      ...(await optionsOf(0)),
      rules: { ...fabricRules, tlsHashAccepted: () => false },
    });
    const refusal = once(strict.events, 'rejected');
    await start(await optionsOf(0, { bootstrap: [strict.address] }));
    const [{ rejection }] = (await refusal) as [{ rejection: unknown }];
    expect(rejection).to.include({ reason: 'tls-hash-mismatch', clause: 'CONN-07' });
    expect(strict.statistics().rejected['tls-hash-mismatch']).to.be.at.least(1);
  });

  it('MEMB-04: sends what a tamper makes of its messages', async () => {
    const first = await start({
      ...(await optionsOf(0)),
      tamper: {
        outgoing: ({ envelope, message }) => (message.content?.kind === 'memRes' ? [] : [{ envelope }]),
      },
    });
    const second = await start(await optionsOf(0, { bootstrap: [first.address] }));
    await once(first.events, 'memberAlive');
    expect(second.membership().alive).to.deep.equal([]);
  });
});
