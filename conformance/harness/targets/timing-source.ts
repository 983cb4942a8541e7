import {
  gossipSettingsOf,
  readSettings,
  SettingsError,
  settingsTable,
  toldTimers,
  variableOf,
  type ChannelSettings,
} from '../../../src/node';
import { UsageError, type ConformanceOptions } from '../../run-types';
import { unknownName } from '../../suggest';
import type { GossipTiming } from '../timing';

const PREFIX = 'peer.gossip.';

/** Fabric's keys below peer.gossip, without that prefix. */
const keys = Object.keys(settingsTable)
  .filter((key) => key.startsWith(PREFIX))
  .map((key) => key.slice(PREFIX.length));

/** The full name of a key that a user gave in any case, with or without `peer.gossip.`. */
function fullKey(given: string): string {
  const bare = given.toLowerCase().replace(PREFIX, '');
  const found = keys.find((key) => key.toLowerCase() === bare);
  if (found === undefined) {
    throw new UsageError(
      unknownName('timing key', given, keys, 'keys are those of peer.gossip in core.yaml'),
    );
  }
  return PREFIX + found;
}

/**
 * The peers' gossip settings: Fabric's defaults, then those of a core.yaml, then single keys. Throws a UsageError for a
 * file that cannot be read, a key that does not exist and a value that is none.
 */
export function timingOf({
  coreYaml,
  overrides,
}: ConformanceOptions['timing']): GossipTiming & Pick<ChannelSettings, 'stateEnabled'> {
  const env = Object.fromEntries(
    Object.entries(overrides).map(([key, value]) => [variableOf(fullKey(key)), value]),
  );
  try {
    return gossipSettingsOf(readSettings({ coreYaml, env }).values);
  } catch (error) {
    if (error instanceof SettingsError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}

/** Timers as a recording tells them. */
export const tellTiming = (timing: GossipTiming): Readonly<Record<string, string>> => toldTimers(timing);

/**
 * The settings that a recording tells, over Fabric's defaults; undefined where it tells none. Keys that gossip lacks
 * are left out.
 */
export function recordedTiming(settings: Readonly<Record<string, string>>): GossipTiming | undefined {
  const known = Object.entries(settings).filter(([name]) => keys.includes(name));
  return known.length === 0
    ? undefined
    : timingOf({ coreYaml: undefined, overrides: Object.fromEntries(known) });
}
