import type { Millis } from '../../src/ports/clock';
import { median } from '../../src/statistics';
import { check, type Check } from '../harness/check';
import { pause } from '../harness/signal';
import { demand, demandInTime, Inconclusive } from '../harness/verdict';
import { gapsOf } from '../steps/pace';
import { demandIdentityPull, hellosOn, joinToPull } from '../steps/pull';
import { commonRound, roundsOn, timelyHellosOn } from '../steps/pull-rounds';

/** Goes on where chance did not bring what the step waits for. */
async function maybe(step: Promise<unknown>): Promise<void> {
  try {
    await step;
  } catch (error) {
    if (!(error instanceof Inconclusive)) throw error;
  }
}

/** Rounds in which a nonce of the first ones may come again. */
const MORE_ROUNDS = 5;

/** Least distance of two random nonces: closer ones come once in ten million checks. */
const NONCE_DISTANCE = 2n ** 36n;

/** With fewer intervals between rounds than these, chance may have picked them. */
const FEW_GAPS = 4;

function demandRandom(nonces: readonly bigint[]): void {
  const sorted = [...nonces].sort((a, b) => (a < b ? -1 : 1));
  const close = sorted.some((nonce, i) => i > 0 && nonce - (sorted[i - 1] ?? 0n) < NONCE_DISTANCE);
  const seen = `nonces ${sorted.join(', ')}`;
  demand(new Set(nonces).size === nonces.length, 'a fresh nonce for every Hello', seen);
  demand(!close, 'random nonces: no two close to each other', seen);
  demand(
    nonces.some((nonce) => nonce >= 2n ** 53n),
    'random nonces of 64 bits: one of them above 2^53',
    seen,
  );
}

export const roundChecks: readonly Check[] = [
  check(
    'PULL-01',
    'says Hello with a fresh random nonce to each member and in each round',
    { lane: 'view', own: 2, long: true },
    async (t) => {
      const streams = [await joinToPull(t, t.tester), await joinToPull(t, t.witness)] as const;
      await t.eventually(
        'five Hellos to members at least',
        t.waits.chosenMs(t.waits.settings.pullIntervalMs),
        () => streams.flatMap(hellosOn).length >= 5,
      );
      await maybe(commonRound(t, streams));
      await t.quiet(MORE_ROUNDS * t.waits.settings.pullIntervalMs);
      const hellos = streams.flatMap(hellosOn);
      for (const hello of hellos) {
        demandIdentityPull(hello);
        const { metadata } = hello.value;
        demand(metadata.length === 0, 'no metadata', `${metadata.length} bytes of it`);
      }
      demandRandom(hellos.map(({ value }) => value.nonce));
    },
  ),

  check(
    'PULL-09',
    'begins a round every pullInterval',
    { lane: 'view', own: 2, floor: { of: 'intervals between rounds', atLeast: FEW_GAPS } },
    async (t) => {
      const { pullIntervalMs } = t.waits.settings;
      const streams = [await joinToPull(t, t.tester), await joinToPull(t, t.witness)];
      await t.eventually(
        'two rounds in which the peer says Hello to a member',
        t.waits.chosenMs(pullIntervalMs),
        () => roundsOn(t, streams).length > 1,
      );
      const deadline = t.clock.now() + 1.5 * t.waits.chosenMs(t.waits.settings.pullIntervalMs);
      const isShort = (gap: Millis): boolean => gap < 1.5 * pullIntervalMs;
      let gaps = gapsOf(roundsOn(t, streams));
      // Chance may leave both testers out of a round, but hardly of every other one.
      const enough = (): number =>
        streams.every((stream) => timelyHellosOn(t, stream).length >= gaps.length) ? 6 : 20;
      while (t.clock.now() < deadline && gaps.length < enough()) {
        if (gaps.length >= FEW_GAPS && gaps.some(isShort)) break;
        await pause(t.clock, pullIntervalMs / 4);
        gaps = gapsOf(roundsOn(t, streams));
      }
      t.saw(gaps.length);
      const seen = `gaps of ${gaps.map(Math.round).join(', ')} ms`;
      demandInTime(
        median(gaps) >= 0.6 * pullIntervalMs,
        `rounds no less than ${pullIntervalMs} ms apart (pullInterval)`,
        seen,
      );
      if (gaps.some(isShort)) return;
      if (gaps.length < enough())
        throw new Inconclusive(`too few Hellos to tell the interval of rounds: ${seen}`);
      demandInTime(false, `rounds no more than ${pullIntervalMs} ms apart (pullInterval)`, seen);
    },
  ),
];
