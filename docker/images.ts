import type { Clock } from '../src/ports/clock';
import { FabricError } from '../src/fabric/fabric-error';
import type { NodeKind } from '../src/fabric/node-place';
import type { Engine } from './engine';
import { reasonOf } from './engine-error';

/** Which images a network is made of. */
export interface ImageChoice {
  /** The release, such as 2.5.16, or a line of releases, such as 3.1. */
  readonly version: string;
  /** Names in place of Fabric's own, of a private registry or a fork; tagged with the release if they name no tag. */
  readonly peer: string | undefined;
  readonly orderer: string | undefined;
}

export const imageOf = (choice: ImageChoice, kind: NodeKind): string => {
  const name = choice[kind] ?? `hyperledger/fabric-${kind}`;
  // A colon before the last slash is that of a registry's port.
  const isTagged = /[:@][^/]*$/.test(name);
  return isTagged ? name : `${name}:${choice.version}`;
};

/** The release's major number. */
export const majorOf = ({ version }: ImageChoice): number => Number.parseInt(version, 10);

export interface PullTools {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly note: (line: string) => void;
}

const STEP_PERCENT = 25;

/** Has the engine fetch those images that it lacks, and tells how that goes. Rejects with a FabricError NO_IMAGE. */
export async function provideImages(
  engine: Engine,
  images: readonly string[],
  tools: PullTools,
): Promise<void> {
  const here = await Promise.all(images.map((image) => engine.hasImage(image)));
  const missing = images.filter((_, index) => here[index] === false);
  await Promise.all(missing.map((image) => pull(engine, image, tools)));
}

async function pull(engine: Engine, image: string, { clock, signal, note }: PullTools): Promise<void> {
  note(`the engine has no ${image}: pulling it`);
  const startedMs = clock.now();
  let toldPercent = 0;
  try {
    await engine.pull(image, signal, (got, total) => {
      const percent = Math.floor((100 * got) / total / STEP_PERCENT) * STEP_PERCENT;
      if (percent <= toldPercent) return;
      toldPercent = percent;
      note(`${image}: ${percent} % of ${Math.ceil(total / 1_000_000)} MB`);
    });
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof FabricError) || error.code === 'NO_ENGINE') throw error;
    const reason = reasonOf(error.cause ?? error);
    const advice = `Is the name right? An image of a private registry has to be pulled beforehand: docker pull ${image}`;
    throw new FabricError('NO_IMAGE', `There is no image ${image}: ${reason}. ${advice}`, { cause: error });
  }
  note(`${image} pulled in ${((clock.now() - startedMs) / 1_000).toFixed(1)} s`);
}
