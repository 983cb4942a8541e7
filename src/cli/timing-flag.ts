import { UsageError } from '../../conformance/run-types';
import { timingProfiles, type TimingProfile } from '../fabric/gossip-profile';

const profileNames = Object.keys(timingProfiles);
const isProfile = (text: string): text is TimingProfile => profileNames.includes(text);
const profilesText = profileNames.map((name) => `--timing ${name}`).join(' or ');

/** Single timers, such as `pullInterval` → `1s`, of what --timing was given. Throws a UsageError. */
export function parseTimers(texts: readonly string[] = []): Readonly<Record<string, string>> {
  const entries = texts
    .filter((text) => !isProfile(text))
    .map((text): [string, string] => {
      const [, key, value] = /^(?:peer\.gossip\.)?([A-Za-z][\w.]*)=(\S+)$/.exec(text) ?? [];
      if (key === undefined || value === undefined) {
        throw new UsageError(
          `--timing "${text}" is no KEY=DURATION, such as pullInterval=1s, nor one of ${profileNames.join(', ')}`,
        );
      }
      return [key, value];
    });
  return Object.fromEntries(entries);
}

/** The profile of a network that is started; `fast` if none is named. Throws a UsageError. */
export function parseTimingProfile(texts: readonly string[] = []): TimingProfile {
  const timer = texts.find((text) => !isProfile(text));
  if (timer !== undefined) {
    throw new UsageError(
      `--timing ${timer} goes with --target attach; a network that is started takes ${profilesText}`,
    );
  }
  const [profile = 'fast', ...others] = new Set(texts.filter(isProfile));
  if (others.length === 0) return profile;
  throw new UsageError(`${profilesText}: give one of them`);
}

/** Throws a UsageError where a profile is named for peers that are up, which have timers of their own. */
export function refuseTimingProfile(texts: readonly string[] = []): void {
  const profile = texts.find(isProfile);
  if (profile === undefined) return;
  throw new UsageError(
    `--timing ${profile} goes with --target native or --target docker; of peers that are up it tells single timers, such as pullInterval=1s`,
  );
}
