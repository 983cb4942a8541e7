import { abortable } from '../../../src/ports/abortable';
import type { AttachOptions, ConformanceOptions } from '../../run-types';
import { GrpcLines } from '../grpc-lines';
import type { SurveyTools } from '../survey';
import type { Target } from '../target';
import { systemClock, systemRandom } from '../../../src/node';
import { attach } from './attach';
import { docker } from './docker';
import { resolveAttachment } from './described-network';
import { embedded } from './embedded';
import { issueCast } from './embedded-cast';
import { native } from './native';
import { timingOf } from './timing-source';

/** Testers on an embedded network: enough for the checks that run at once, and for those who rest in between. */
const EMBEDDED_TESTERS = { own: 20, foreign: 8 };

/** What targets and testers live on: the machine's own time and chance, and gRPC. */
export type Tools = Omit<SurveyTools, 'timing'>;

export const systemTools = (): Tools => ({
  clock: systemClock,
  random: systemRandom,
  lines: new GrpcLines(systemClock),
});

/** Our own peers; see `embedded`. */
export const bringUpEmbedded = async (tls: boolean, tools: Tools): Promise<Target> =>
  embedded({ cast: await issueCast(tls, EMBEDDED_TESTERS, tools.clock) }, tools);

/** Brings up, or reaches, the network that a run is to judge. Rejects with a UsageError or a NetworkError. */
export async function bringUp(options: ConformanceOptions, tools: Tools): Promise<Target> {
  const { target, signal, view } = options;
  const note = (line: string): void => {
    view.note(line);
  };
  switch (target.kind) {
    case 'embedded':
      return bringUpEmbedded(target.tls, tools);
    case 'native':
      return native(target, { ...tools, signal, note });
    case 'docker':
      return docker(target, { ...tools, signal, note });
    case 'attach':
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
