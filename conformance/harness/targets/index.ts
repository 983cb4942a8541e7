import type { ConformanceOptions } from '../../run-types';
import type { SurveyTools } from '../survey';
import type { Target } from '../target';
import { attach } from './attach';
import { embedded } from './embedded';
import { timingOf } from './timing-source';

/** Brings up, or reaches, the network that a run is to judge. Rejects with a UsageError or a NetworkError. */
export async function bringUp(
  options: ConformanceOptions,
  tools: Omit<SurveyTools, 'timing'>,
): Promise<Target> {
  const { target, timing, fabricVersion, view } = options;
  if (target.kind === 'embedded') return embedded({ tls: target.tls }, tools);
  const note = (line: string): void => {
    view.note(line);
  };
  return attach(target, { ...tools, timing: timingOf(timing), fabricVersion, note });
}
