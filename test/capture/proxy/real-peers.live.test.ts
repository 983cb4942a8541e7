import { expect } from 'chai';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { timingProfiles } from '../../../src/fabric/gossip-profile';
import { startNativeNetwork } from '../../../src/fabric/native-network';
import { defaultSettings } from '../../../src/fabric/network-settings';
import type { RunningNetwork } from '../../../src/fabric/running-network';
import { systemClock, systemRandom } from '../../../src/node';
import { SeededRandom } from '../../../src/ports/seeded-random';
import { decodeEnvelope, decodeMessage, type AliveMessage, type Envelope } from '../../../src/wire';
import type { FaultedMessage } from '../../../src/capture/proxy';
import { eventually, pause } from '../../support/eventually';
import { describeNotRun, fabricFolders } from '../../support/real-peers';
import { KeepingProxy } from './support/fronted';

if (fabricFolders.length === 0) describeNotRun('real peers through the recording proxy');

/** host:port as /proc/net/tcp spells it, on a machine whose bytes are little-endian. */
const spelled = (endpoint: string): string => {
  const [host = '', port = ''] = endpoint.split(':');
  const bytes = host.split('.').map((part) => Number(part).toString(16).padStart(2, '0'));
  return `${bytes.reverse().join('')}:${Number(port).toString(16).padStart(4, '0')}`.toUpperCase();
};

/** Sockets of this machine that are connected to one of these endpoints, by inode. */
function socketsTo(endpoints: readonly string[]): string[] {
  const wanted = new Set(endpoints.map(spelled));
  const rows = readFileSync('/proc/net/tcp', 'utf8').trim().split('\n').slice(1);
  return rows
    .map((row) => row.trim().split(/\s+/))
    .filter(([, , remote = '', state]) => state === '01' && wanted.has(remote))
    .map((columns) => columns[9] ?? '');
}

function ownSockets(): Set<string> {
  const links = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return '';
    }
  });
  return new Set(links.map((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? ''));
}

const aliveIn = ({ message }: Pick<FaultedMessage, 'message'>): AliveMessage | undefined =>
  message?.content?.kind === 'aliveMsg' ? message.content.value : undefined;

/** The envelope's signature with its last byte changed. */
const forged = ({ signature }: Envelope): Uint8Array =>
  Uint8Array.from(signature, (byte, index) => (index === signature.length - 1 ? byte ^ 1 : byte));

for (const folder of fabricFolders) {
  for (const tls of [true, false]) {
    describe(`real peers of ${folder} through the recording proxy, TLS ${tls ? 'on' : 'off'}`, function () {
      this.timeout(60_000);
      let network: RunningNetwork;
      let proxy: KeepingProxy;

      before(async () => {
        proxy = new KeepingProxy(new SeededRandom(1));
        network = await startNativeNetwork({
          settings: { ...defaultSettings, tls, timers: timingProfiles.fast },
          binaries: [folder],
          clock: systemClock,
          random: systemRandom,
          signal: new AbortController().signal,
          between: proxy,
        });
      });
      after(async () => {
        await network[Symbol.asyncDispose]();
        await proxy[Symbol.asyncDispose]();
      });

      const known = async (name: string): Promise<number | undefined> =>
        (await network.node(name).metrics()).peersKnown(network.plan.settings.channel);
      const isWhole = async (): Promise<boolean> => {
        const all = await Promise.all(network.peers.map(({ name }) => known(name)));
        return all.every((count) => count === network.peers.length - 1);
      };

      it('notice nothing: full membership, equal heights, and no connection between them', async () => {
        await eventually('full membership', isWhole);
        await network.awaitHeight(await network.addBlock(3));
        const own = ownSockets();
        const services = network.peers.map(({ access }) => access.endpoint);
        const sockets = socketsTo(services);
        expect(sockets).not.to.deep.equal([]);
        expect(sockets.filter((inode) => !own.has(inode))).to.deep.equal([]);
        const names = new Set(proxy.envelopes.map(({ link }) => link.initiator?.name));
        expect([...names].filter((name) => name !== undefined)).to.include.members(
          network.peers.map(({ name }) => name).slice(1, 3),
        );
        expect(proxy.envelopes.every(({ envelope }) => decodeEnvelope(envelope).payload.length > 0)).to.be
          .true;
      });

      it('lose a peer that is cut off, and are whole again when that ends', async () => {
        const cut = await network.cuts?.disconnect('org2.peer1');
        await eventually('it knows nobody', async () => (await known('org2.peer1')) === 0);
        await eventually('the others are three', async () => (await known('org1.peer0')) === 2);
        await cut?.[Symbol.asyncDispose]();
        await eventually('whole', isWhole);
      });

      it('stay whole where a tenth of all is lost, and catch up', async () => {
        const loss = proxy.inject({ action: { kind: 'drop' }, rate: 0.1 });
        const height = await network.addBlock(5);
        await pause(3_000);
        expect(await isWhole()).to.be.true;
        loss[Symbol.dispose]();
        await network.awaitHeight(height);
      });

      it('refuse an alive message whose signature was altered on its way, and do not pass it on', async () => {
        const start = proxy.envelopes.length;
        const altered = new Set<string>();
        const rule = proxy.inject({
          from: ['org1.peer1'],
          to: ['org1.peer0'],
          where: (message) => aliveIn(message) !== undefined,
          limit: 3,
          action: {
            kind: 'alter',
            alter: ({ bytes, envelope }) => {
              if (envelope === undefined) return bytes;
              const signature = forged(envelope);
              altered.add(Buffer.from(signature).toString('hex'));
              const at = Buffer.from(bytes).lastIndexOf(envelope.signature);
              return Uint8Array.from(
                Buffer.concat([bytes.slice(0, at), signature, bytes.slice(at + signature.length)]),
              );
            },
          },
        });
        await eventually('three were altered', () => Promise.resolve(altered.size === 3));
        await pause(1_500);
        rule[Symbol.dispose]();
        const passedOn = proxy.envelopes.slice(start).filter(({ envelope, link, sender }) => {
          const from = sender === 'initiator' ? link.initiator : link.responder;
          const { signature } = decodeEnvelope(envelope);
          return from?.name === 'org1.peer0' && altered.has(Buffer.from(signature).toString('hex'));
        });
        expect(passedOn).to.deep.equal([]);
        expect(await isWhole()).to.be.true;
      });

      it('pass on once what comes twice', async () => {
        const start = proxy.envelopes.length;
        const rule = proxy.inject({ action: { kind: 'duplicate' }, to: ['org1.peer0'] });
        await pause(2_000);
        rule[Symbol.dispose]();
        const counts = new Map<string, number>();
        for (const { envelope, link, sender, stream } of proxy.envelopes.slice(start)) {
          const [from, to] =
            sender === 'initiator' ? [link.initiator, link.responder] : [link.responder, link.initiator];
          const { payload, signature } = decodeEnvelope(envelope);
          const kind = decodeMessage(payload).content?.kind;
          if (from?.name !== 'org1.peer0' || (kind !== 'aliveMsg' && kind !== 'stateInfo')) continue;
          const key = `${link.connection} ${stream} ${to?.name ?? ''} ${Buffer.from(signature).toString('hex')}`;
          counts.set(key, (counts.get(key) ?? 0) + 1);
        }
        expect(counts.size).to.be.greaterThan(10);
        expect([...counts.values()].filter((count) => count > 1)).to.deep.equal([]);
      });
    });
  }
}
