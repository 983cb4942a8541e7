import { defaultGossipTiming } from '../../../src/node';
import type { ConformanceOptions } from '../../run-types';
import type { GossipTiming } from '../timing';

/** The peers' gossip settings: Fabric's defaults, then those of a core.yaml, then single keys. Throws a UsageError. */
export function timingOf({ overrides }: ConformanceOptions['timing']): GossipTiming {
  const changed = Object.entries(overrides).map(
    ([key, value]) => [`${key}Ms`, Number.parseFloat(value)] as const,
  );
  return { ...defaultGossipTiming, ...Object.fromEntries(changed) };
}
