import { expect } from 'chai';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Container } from '../../docker/container';
import type { Engine } from '../../docker/engine';
import { RUN_LABEL } from '../../docker/labels';
import { DockerRun } from '../../docker/run';
import { FabricError } from '../../src/fabric/fabric-error';
import { RecordingProxy, type RelayedEnvelope } from '../../src/capture/proxy';
import type { NetworkPlan } from '../../src/fabric/network-plan';
import { usualPorts } from '../../src/fabric/node-place';
import { systemClock, systemRandom, type RunningPeer } from '../../src/node';
import { engineOrNone, notRun } from './support/engine';
import { loneContainer } from './support/lone-container';
import { outsider } from './support/outsider';
import { makePeerImage } from './support/own-image';
import { startOwnNetwork, untilMembersOf, type OwnNetwork } from './support/own-network';

const [A, B, C] = ['org1.peer0', 'org1.peer1', 'org1.peer2'];

/** What happens while something is undone only afterwards. */
async function during(fault: Promise<AsyncDisposable>, act: () => Promise<void>): Promise<void> {
  const undo = await fault;
  try {
    await act();
  } finally {
    await undo[Symbol.asyncDispose]();
  }
}

describe('containers of our own peer', function () {
  this.timeout(60_000);
  let engine: Engine;
  let image: Awaited<ReturnType<typeof makePeerImage>> | undefined;
  let network: OwnNetwork | undefined;
  const peer = (name: string): Container => {
    const found = network?.peers.find((one) => one.name === name);
    if (found === undefined) throw new Error(`no peer ${name}`);
    return found;
  };
  const untilWhole = async (): Promise<void> => {
    await Promise.all([
      untilMembersOf(peer(A), [B, C]),
      untilMembersOf(peer(B), [A, C]),
      untilMembersOf(peer(C), [A, B]),
    ]);
  };
  const cuts = (): OwnNetwork['cuts'] => {
    if (network === undefined) throw new Error('no network');
    return network.cuts;
  };

  before(async function () {
    const found = await engineOrNone();
    if (found === undefined) notRun(this, 'no Docker engine answers');
    engine = found;
    image = await makePeerImage();
    network = await startOwnNetwork(engine, image.name, 3);
    await untilWhole();
  });
  after(async () => {
    await network?.[Symbol.asyncDispose]();
    if (network !== undefined) expect(await leftOf(network.run.id)).to.deep.equal([]);
    await image?.remove();
  });
  afterEach(() => {
    expect(network?.deaths).to.deep.equal([]);
  });

  const leftOf = async (id: string): Promise<readonly string[]> => {
    const label = `${RUN_LABEL}=${id}`;
    const left = await Promise.all([engine.containersWith(label), engine.networksWith(label)]);
    return left.flat().map(({ name }) => name);
  };

  it('are reached from here', async () => {
    const [host = '', port = ''] = peer(A).reachedAt(usualPorts.peer.service).split(':');
    const socket = connect(Number(port), host);
    await once(socket, 'connect');
    socket.destroy();
  });

  it('reach us', async () => {
    let us: RunningPeer | undefined;
    const meet = async (run: DockerRun, plan: NetworkPlan): Promise<string> => {
      us = await outsider(run.reach.ownHost ?? '', plan);
      return us.address;
    };
    const other = await startOwnNetwork(engine, image?.name ?? '', 2, { keep: false, meet });
    try {
      while ((us?.membership().alive.length ?? 0) < 2 && us !== undefined)
        await once(us.events, 'memberAlive');
      await Promise.all(
        other.peers.map((one) =>
          untilMembersOf(
            one,
            [A, B, other.run.reach.ownHost ?? ''].filter((name) => name !== one.name),
          ),
        ),
      );
    } finally {
      await us?.stop();
      await other[Symbol.asyncDispose]();
    }
  });

  it('are stopped, killed and started again', async () => {
    await peer(B).stop();
    expect(peer(B).state).to.equal('stopped');
    await untilMembersOf(peer(A), [C]);
    await peer(B).start();
    await untilWhole();
    await peer(C).kill();
    expect(peer(C).state).to.equal('stopped');
    await peer(C).start();
    await untilWhole();
  });

  it('are held and go on, and are killed while they are held', async () => {
    await peer(B).pause();
    expect(peer(B).state).to.equal('paused');
    await untilMembersOf(peer(A), [C]);
    await peer(B).resume();
    await untilWhole();
    await peer(B).pause();
    await peer(B).kill();
    await peer(B).start();
    await untilWhole();
  });

  it('are taken off the network and come back', async () => {
    await during(cuts().disconnect(B), async () => {
      await Promise.all([untilMembersOf(peer(A), [C]), untilMembersOf(peer(B), [])]);
      expect(peer(B).state).to.equal('running');
    });
    await untilWhole();
  });

  it('are kept apart by a partition, but for those of no group', async () => {
    await during(cuts().partition([[A, B], [C]]), async () => {
      await Promise.all([untilMembersOf(peer(A), [B]), untilMembersOf(peer(C), [])]);
      const again = await cuts()
        .partition([[A], [B]])
        .catch((error: unknown) => error);
      expect(again).to.be.instanceOf(FabricError).with.property('code', 'WRONG_STATE');
    });
    await untilWhole();
    await during(cuts().partition([[A], [B]]), async () => {
      await untilMembersOf(peer(C), [A, B]);
    });
    await untilWhole();
  });

  it('refuse what does not fit their state', async () => {
    const acts: readonly (() => Promise<unknown>)[] = [
      () => peer(A).start(),
      () => peer(A).resume(),
      () => cuts().disconnect('nobody'),
    ];
    for (const act of acts) {
      const refusal = await act().catch((error: unknown) => error);
      expect(refusal).to.be.instanceOf(FabricError).with.property('code', 'WRONG_STATE');
    }
  });

  it('live beside those of another run', async () => {
    if (image === undefined) throw new Error('no image');
    const before = peer(A).reachedAt(usualPorts.peer.service);
    const other = await startOwnNetwork(engine, image.name, 2);
    try {
      const [first] = other.peers;
      if (first === undefined) throw new Error('no peer');
      expect(first.name).to.equal(A);
      expect(first.reachedAt(usualPorts.peer.service)).not.to.equal(before);
      await untilMembersOf(first, [B]);
    } finally {
      await other[Symbol.asyncDispose]();
    }
    expect(await leftOf(other.run.id)).to.deep.equal([]);
    await untilWhole();
  });

  it('talk through a proxy of this machine, and notice nothing', async () => {
    const recorded: RelayedEnvelope[] = [];
    await using proxy = new RecordingProxy({
      clock: systemClock,
      random: systemRandom,
      observer: { onEnvelope: (envelope) => recorded.push(envelope) },
    });
    const other = await startOwnNetwork(engine, image?.name ?? '', 3, { keep: false, between: proxy });
    try {
      const host = other.run.reach.ownHost ?? '';
      const fronts = other.plan.peers.map(({ place: { front } }) => `${host}:${front?.port ?? 0}`);
      await Promise.all(
        other.peers.map((one, index) =>
          untilMembersOf(
            one,
            fronts.filter((front) => front !== fronts[index]),
          ),
        ),
      );
      const speakers = recorded.map(({ sender, link }) =>
        sender === 'initiator' ? link.initiator : link.responder,
      );
      expect(new Set(speakers.map((peer) => peer?.name))).to.deep.equal(new Set([A, B, C]));
    } finally {
      await other[Symbol.asyncDispose]();
    }
  });

  it('are reached through published ports where their own addresses cannot be', async () => {
    if (image === undefined) throw new Error('no image');
    const published = { host: '127.0.0.1', bindIp: '127.0.0.1' };
    const reach = (): Promise<{ published: typeof published; ownHost: undefined }> =>
      Promise.resolve({ published, ownHost: undefined });
    await using other = await startOwnNetwork(engine, image.name, 1, { keep: false, reach });
    const [alone] = other.peers;
    const address = alone?.reachedAt(usualPorts.peer.service) ?? '';
    expect(address).to.match(/^127\.0\.0\.1:\d+$/);
    expect(address).not.to.equal('127.0.0.1:9');
  });

  it('are taken away one by one, in whatever state they are', async () => {
    const other = await startOwnNetwork(engine, image?.name ?? '', 2);
    try {
      const [first, second] = other.peers;
      await first?.pause();
      await first?.remove();
      await first?.remove();
      expect(await leftOf(other.run.id)).to.have.members([
        `gossipspec-${other.run.id}`,
        `gossipspec-${other.run.id}-${second?.name ?? ''}`,
      ]);
      expect(other.deaths).to.deep.equal([]);
    } finally {
      await other[Symbol.asyncDispose]();
    }
  });

  it('say why they died, and leave nothing', async () => {
    const run = await DockerRun.open(engine, { keep: false });
    try {
      const death = await new Promise<FabricError>((resolve, reject) => {
        const doomed = loneContainer({
          run,
          name: 'doomed',
          image: image?.name ?? '',
          command: ['--config', '/nowhere/core.yaml'],
          onDeath: resolve,
        });
        doomed.start().catch(reject);
      });
      expect(death.code).to.equal('NODE_DIED');
      expect(death.message).to.match(/^doomed ended by itself \(exit code 64\)/);
      expect(death.evidence).to.contain('/nowhere/core.yaml');
    } finally {
      await run.close();
    }
    expect(await leftOf(run.id)).to.deep.equal([]);
  });

  it('come of an image that there is, with a program that there is', async () => {
    const run = await DockerRun.open(engine, { keep: false });
    const startOf = (from: string, command: readonly string[]): Promise<unknown> =>
      loneContainer({ run, name: `of-${from.replace(/\W/g, '-')}`, image: from, command })
        .start()
        .catch((error: unknown) => error);
    try {
      const none = await startOf('gossipspec/there-is-none:1', []);
      expect(none).to.be.instanceOf(FabricError).with.property('code', 'NO_IMAGE');
      const wrong = await startOf(image?.base ?? '', ['orderer']);
      expect(wrong).to.be.instanceOf(FabricError).with.property('code', 'NO_PROGRAM');
      expect(String(wrong)).to.contain('"orderer": executable file not found');
    } finally {
      await run.close();
    }
    expect(await leftOf(run.id)).to.deep.equal([]);
  });
});
