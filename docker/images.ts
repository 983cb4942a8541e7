import type { Clock } from '../src/ports/clock';
import { FabricError } from '../src/fabric/fabric-error';
import { ORDERER, turnOf } from '../src/fabric/network-plan';
import type { NodeKind } from '../src/fabric/node-place';
import { isTagged } from '../src/fabric/release';
import type { Engine } from './engine';
import { reasonOf } from './engine-error';
import { registryOf } from './registry-credentials';

/** Which images a network is made of. */
export interface ImageChoice {
  /**
   * Releases, such as 2.5.16, or lines of releases, such as 3.1; the oldest first. Of several, each organisation has peers
   * of all in turn, and the orderer is of the oldest.
   */
  readonly versions: readonly string[];
  /** Names in place of Fabric's own, of a private registry or a fork; tagged with the release if they name no tag. */
  readonly peer: string | undefined;
  readonly orderer: string | undefined;
}

/** The image of a node, by the node's name. */
export function imageOf(choice: ImageChoice, node: string): string {
  const kind: NodeKind = node === ORDERER ? 'orderer' : 'peer';
  const name = choice[kind] ?? `hyperledger/fabric-${kind}`;
  return isTagged(name) ? name : `${name}:${turnOf(node, choice.versions)}`;
}

export interface PullTools {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly note: (line: string) => void;
}

const STEP_PERCENT = 25;
/** What an engine refuses that has to do with the image asked for; its disk may be full as well. */
const ofTheImage: ReadonlySet<FabricError['code']> = new Set(['NO_IMAGE', 'ENGINE_FAILED']);

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
    if (!(error instanceof FabricError) || !ofTheImage.has(error.code)) throw error;
    const reason = reasonOf(error.cause ?? error);
    throw new FabricError('NO_IMAGE', `There is no image ${image}: ${reason}. ${adviceFor(image, reason)}`, {
      cause: error,
    });
  }
  note(`${image} pulled in ${((clock.now() - startedMs) / 1_000).toFixed(1)} s`);
}

function adviceFor(image: string, reason: string): string {
  const registry = registryOf(image);
  if (/no such host|dial tcp|timeout|connection refused|TLS handshake/i.test(reason))
    return `Does the engine reach ${registry}? Where it cannot, load the image (docker save, docker load).`;
  if (/denied|unauthorized|authentication|no basic auth/i.test(reason))
    return `Is the name right, and are you logged in (docker login ${registry})?`;
  return 'Is the name right?';
}
