import { expect } from 'chai';
import { sameBytes } from '../../conformance/steps/bytes';
import { GrpcLines } from '../../conformance/harness/grpc-lines';
import { noJournal } from '../../conformance/harness/journal';
import { paperMill } from '../../conformance/harness/targets/issued-papers';
import { Tester } from '../../conformance/harness/tester';
import type { TesterStream } from '../../conformance/harness/tester-stream';
import { Waits } from '../../conformance/harness/timing';
import { noTap } from '../../src/capture';
import { timingProfiles } from '../../src/fabric/gossip-profile';
import { startNativeNetwork } from '../../src/fabric/native-network';
import { defaultSettings } from '../../src/fabric/network-settings';
import type { NetworkNode, RunningNetwork } from '../../src/fabric/running-network';
import { MspRegistry, type IssuedIdentity } from '../../src/identity';
import { startGossipPeer, systemClock, systemRandom, type RunningPeer } from '../../src/node';
import { wallMs } from '../../src/ports/clock';
import { decodeMessage, type Envelope } from '../../src/wire';
import { eventually, pause } from '../support/eventually';
import { describeNotRun, fabricFolders } from '../support/real-peers';

/** Such as 2m; shorter than the two minutes that a release must pass. */
const STEADY_MS = Number(process.env['GOSSIPSPEC_STEADY_SECONDS'] ?? 20) * 1_000;
const HOST = '127.0.0.1';
const timers = timingProfiles.fast;

if (fabricFolders.length === 0) describeNotRun('our peer among real peers');

/** Somebody of the organisation who asks a real peer whom it knows. */
class Enquirer implements AsyncDisposable {
  readonly #tester: Tester;
  #stream: TesterStream | undefined;

  private constructor(tester: Tester) {
    this.#tester = tester;
  }

  static async of(network: RunningNetwork, { access, plan, name }: NetworkNode): Promise<Enquirer> {
    const { organisation, identity } = plan;
    const mill = paperMill({
      organisation,
      tls: network.plan.settings.tls,
      listenHost: HOST,
      nowMs: () => wallMs(systemClock),
    });
    const { mspId, pkiId, serialized } = identity.identity;
    const { endpoint } = access;
    return new Enquirer(
      new Tester(await mill(), '127.77.7.7:9', {
        clock: systemClock,
        random: systemRandom,
        lines: new GrpcLines(systemClock),
        waits: new Waits(timers),
        put: { name, endpoint, mspId, pkiId, identity: serialized, externalEndpoint: endpoint },
        tap: noTap,
        journal: noJournal,
        sign: () => undefined,
      }),
    );
  }

  /** Whether the real peer lists this PKI-ID as alive, as dead, or not at all. */
  async stateOf(pkiId: Uint8Array): Promise<'alive' | 'dead' | 'unknown'> {
    if (this.#stream?.isOpen !== true) this.#stream = await this.#tester.connect();
    const { value } = await this.#tester.askMembership(this.#stream);
    const names = (envelope: Envelope): boolean => {
      const { content } = decodeMessage(envelope.payload);
      return content?.kind === 'aliveMsg' && sameBytes(content.value.membership?.pkiId, pkiId);
    };
    if (value.alive.some(names)) return 'alive';
    return value.dead.some(names) ? 'dead' : 'unknown';
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tester[Symbol.asyncDispose]();
  }
}

for (const folder of fabricFolders) {
  for (const tls of [true, false]) {
    describe(`our peer among real peers of ${folder}, TLS ${tls ? 'on' : 'off'}`, function () {
      this.timeout(STEADY_MS + 60_000);
      let network: RunningNetwork;
      let papers: IssuedIdentity;
      let ours: RunningPeer;
      let enquirers: readonly Enquirer[];

      /** Our peer, which knows one real peer of its organisation. */
      const start = async (): Promise<RunningPeer> => {
        const { peerOrganisations, tlsRootsPem } = network.plan;
        const { certificateChainPem: certificate, privateKeyPem: key } = papers.tls;
        return startGossipPeer({
          identity: papers.identity,
          validator: new MspRegistry(peerOrganisations.map(({ organisation }) => organisation.msp)),
          network: {
            listenAddress: `${HOST}:0`,
            tls: tls ? { server: { certificate, key }, serverRoots: tlsRootsPem } : undefined,
          },
          settings: (address) => ({
            ...timers,
            bootstrap: [network.node('org1.peer0').access.endpoint],
            externalEndpoint: address,
          }),
        });
      };
      const isListed = async (as: 'alive' | 'dead'): Promise<boolean> => {
        const states = await Promise.all(enquirers.map((one) => one.stateOf(papers.identity.pkiId)));
        return states.every((state) => state === as);
      };
      const aliveEndpoints = (): readonly string[] => ours.membership().alive.map(({ endpoint }) => endpoint);
      const listsAllPeers = (): boolean =>
        network.peers.every(({ access }) => aliveEndpoints().includes(access.endpoint));

      before(async () => {
        network = await startNativeNetwork({
          settings: { ...defaultSettings, tls, timers },
          binaries: [folder],
          clock: systemClock,
          random: systemRandom,
          signal: new AbortController().signal,
        });
        const [first] = network.plan.peerOrganisations;
        if (first === undefined) throw new Error('a network without organisations');
        papers = await first.organisation.issue({ name: 'ours', role: 'peer', sans: [HOST] });
        const fellows = network.peers.filter(({ name }) => name.startsWith('org1.'));
        enquirers = await Promise.all(fellows.map((node) => Enquirer.of(network, node)));
        ours = await start();
      });
      after(async () => {
        await ours.stop();
        await Promise.all(enquirers.map((one) => one[Symbol.asyncDispose]()));
        await network[Symbol.asyncDispose]();
      });

      it('is listed alive by every real peer of its organisation, and lists all real peers', async () => {
        await eventually('listed alive', () => isListed('alive'));
        await eventually('lists all', listsAllPeers);
      });

      it(`stays so, at each look of ${STEADY_MS / 1_000} s`, async () => {
        const until = systemClock.now() + STEADY_MS;
        for (let looks = 1; systemClock.now() < until; looks++) {
          expect(await isListed('alive'), `look ${looks}: listed alive`).to.equal(true);
          expect(listsAllPeers(), `look ${looks}: lists ${aliveEndpoints().join(', ')}`).to.equal(true);
          await pause(1_000);
        }
      });

      it('notices that a real peer stops, and is known to it again when it is back', async () => {
        const peer = network.node('org1.peer1');
        const [first] = enquirers;
        const undo = await peer.stop();
        await eventually('listed dead', () => !aliveEndpoints().includes(peer.access.endpoint));
        expect(await first?.stateOf(papers.identity.pkiId)).to.equal('alive');
        await undo[Symbol.asyncDispose]();
        await eventually('lists all again', listsAllPeers);
        await eventually('listed alive again', () => isListed('alive'));
      });

      it('is listed dead when it has stopped, and alive when it is back', async () => {
        await ours.stop();
        await eventually('listed dead', () => isListed('dead'));
        ours = await start();
        await eventually('listed alive', () => isListed('alive'));
      });
    });
  }
}
