import { abortable } from '../../../src/ports/abortable';
import { UsageError, type AttachOptions, type ConformanceOptions } from '../../run-types';
import { GrpcLines } from '../grpc-lines';
import type { SurveyTools } from '../survey';
import type { Target } from '../target';
import { systemClock, systemRandom } from '../../../src/node';
import type { Random } from '../../../src/ports/random';
import { drawSeed } from '../../../src/ports/seeded-random';
import { attach } from './attach';
import { docker } from './docker';
import { resolveAttachment } from './described-network';
import { embedded } from './embedded';
import { issueNetworkPapers } from './embedded-papers';
import { native } from './native';
import { timingOf } from './timing-source';

/** Testers on an embedded network: enough for the checks that run at once, and for those who rest in between. */
const EMBEDDED_TESTERS = { own: 16, foreign: 6 };

/** What targets and testers live on: the machine's own time and gRPC, its chance for targets, and a seed for testers. */
export interface Tools extends Omit<SurveyTools, 'timing'> {
  readonly random: Random;
}

export const systemTools = (seed = drawSeed(systemRandom)): Tools => ({
  seed,
  clock: systemClock,
  random: systemRandom,
  lines: new GrpcLines(systemClock),
});

/**
 * Networks of our own peers that share the checks of a process: what a network's members say goes to each of them, so that
 * several small crowds make far fewer messages than a large one.
 */
const EMBEDDED_NETWORKS = 2;

/** Our own peers; see `embedded`. */
export async function bringUpEmbedded(tls: boolean, tools: Tools): Promise<Target> {
  const issued = await issueNetworkPapers(tls, EMBEDDED_TESTERS, tools.clock);
  const first = await embedded({ issued }, tools);
  const twins = await Promise.all(
    Array.from({ length: EMBEDDED_NETWORKS - 1 }, () => embedded({ issued }, tools)),
  );
  const close = async (): Promise<void> => {
    await Promise.all([first, ...twins].map((network) => network.close()));
  };
  return { ...first, twins, close };
}

/** Brings up, or reaches, the network that a run is to judge. Rejects with a UsageError or a NetworkError. */
export async function bringUp(options: ConformanceOptions, tools: Tools): Promise<Target> {
  const { target, signal, view, destructive } = options;
  const note = (line: string): void => {
    view.note(line);
  };
  switch (target.kind) {
    case 'embedded':
      return bringUpEmbedded(target.tls, tools);
    case 'native':
      return native(target, { ...tools, signal, note, destructive });
    case 'docker':
      return docker(target, { ...tools, signal, note, destructive });
    case 'attach':
      if (destructive) {
        throw new UsageError(
          '--destructive brings some versions of Fabric down: only on a network that is started for the run',
        );
      }
      return abortable(reach(target, options, { ...tools, note }), signal);
  }
}

async function reach(
  target: AttachOptions,
  options: ConformanceOptions,
  tools: Tools & { readonly note: (line: string) => void },
): Promise<Target> {
  const { attach: described, run } = resolveAttachment(target, options);
  const timing = timingOf(run.timing);
  return attach(described, {
    ...tools,
    timing,
    fabricVersion: run.fabricVersion,
    stateTransfer: timing.stateEnabled,
  });
}
