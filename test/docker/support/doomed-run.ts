/** A run that is never closed: prints its id when it is open, and waits to be killed. */
import { Engine } from '../../../docker/engine';
import { DockerRun } from '../../../docker/run';
import { loneContainer } from './lone-container';

async function main([image = '', keep = '']: readonly string[]): Promise<void> {
  const run = await DockerRun.open(await Engine.connect(), { keep: keep === 'keep' });
  const container = loneContainer({
    run,
    name: 'idle',
    image,
    command: ['node', '-e', 'setInterval(() => undefined, 1_000)'],
    files: { 'a/b': 'c' },
  });
  await container.start();
  process.stdout.write(`${run.id}\n`);
}

void main(process.argv.slice(2));
