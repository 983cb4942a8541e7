import { expect } from 'chai';
import Docker from 'dockerode';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Engine } from '../../docker/engine';
import { DockerRun } from '../../docker/run';
import { listDockerRuns, sweepDockerRuns } from '../../docker/sweep';
import { engineOrNone, notRun } from './support/engine';
import { makeBaseImage, type OwnImage } from './support/own-image';

const DOOMED = join(__dirname, 'support', 'doomed-run.ts');

describe('what killed runs left on a Docker engine', function () {
  this.timeout(60_000);
  let engine: Engine;
  let image: OwnImage | undefined;
  let stranger: Docker.Container | undefined;

  before(async function () {
    const found = await engineOrNone();
    if (found === undefined) notRun(this, 'no Docker engine answers');
    engine = found;
    image = await makeBaseImage();
    const command = ['node', '-e', 'setInterval(() => undefined, 1_000)'];
    stranger = await new Docker().createContainer({
      Image: image.name,
      Cmd: command,
      HostConfig: { NetworkMode: 'none' },
      Labels: { service: 'x' },
    });
    await stranger.start();
  });
  after(async () => {
    await stranger?.remove({ force: true });
    await image?.remove();
  });

  /** Starts a run in a process of its own; resolves to the run's id when it is open. */
  async function open(keep = ''): Promise<{ readonly owner: ChildProcess; readonly id: string }> {
    const args = ['-r', 'ts-node/register', DOOMED, image?.name ?? '', keep];
    const owner = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const [id] = (await once(createInterface(owner.stdout), 'line')) as [string];
    return { owner, id };
  }
  async function killed(keep = ''): Promise<string> {
    const { owner, id } = await open(keep);
    const ended = once(owner, 'exit');
    owner.kill('SIGKILL');
    await ended;
    return id;
  }
  const stateOf = async (id: string): Promise<string | undefined> =>
    (await listDockerRuns(engine)).find((run) => run.id === id)?.state;
  const idsOf = (runs: readonly { readonly id: string }[]): readonly string[] => runs.map(({ id }) => id);

  it('is found and removed, and nothing else is', async () => {
    const ours = await DockerRun.open(engine, { keep: false });
    const alive = await open();
    const dead = await killed();
    try {
      expect(await stateOf(ours.id)).to.equal('running');
      expect(await stateOf(alive.id)).to.equal('running');
      const [found] = await sweepDockerRuns({ engine, dryRun: true });
      expect(found?.id).to.equal(dead);
      expect(found?.containers).to.deep.equal([`gossipspec-${dead}-idle`]);
      expect(found?.networks).to.deep.equal([`gossipspec-${dead}`]);
      expect(await stateOf(dead)).to.equal('abandoned');

      expect(idsOf(await sweepDockerRuns({ engine }))).to.deep.equal([dead]);
      expect(await stateOf(dead)).to.be.undefined;
      expect(await sweepDockerRuns({ engine })).to.deep.equal([]);
      expect(await stateOf(ours.id)).to.equal('running');
      expect(await stateOf(alive.id)).to.equal('running');
      expect((await stranger?.inspect())?.State.Running).to.be.true;
    } finally {
      await ours.close();
      const ended = once(alive.owner, 'exit');
      alive.owner.kill('SIGKILL');
      await ended;
      await sweepDockerRuns({ engine });
    }
  });

  it('is removed by several at once, none of whom minds the others', async () => {
    const dead = await killed();
    const found = await Promise.all(Array.from({ length: 4 }, () => sweepDockerRuns({ engine })));
    expect(found.flatMap(idsOf)).to.include(dead);
    expect(await stateOf(dead)).to.be.undefined;
  });

  it('is let alone where it was kept on purpose, until that is asked for too', async () => {
    const kept = await killed('keep');
    expect(await stateOf(kept)).to.equal('kept');
    expect(await sweepDockerRuns({ engine })).to.deep.equal([]);
    expect(idsOf(await sweepDockerRuns({ engine, kept: true }))).to.deep.equal([kept]);
    expect(await stateOf(kept)).to.be.undefined;
  });
});
