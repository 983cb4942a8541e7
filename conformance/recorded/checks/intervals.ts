import type { Millis } from '../../../src/ports/clock';
import { median } from '../../../src/statistics';
import type { ClauseId } from '../../clauses';
import type { GossipTiming } from '../../harness/timing';
import { isOf, watch, type RecordedCheck } from '../recorded-check';
import { isOwn, type Seen } from '../seen';
import { Newest } from '../newest';
import { signedItemsIn } from '../signed-items';

/** Fewer ticks than this tell nothing. */
const MIN_TICKS = 8;
/** Messages closer together are of one tick: it goes to several members. */
const TICK_MS = 60;
/** How far the median may be off: a machine may be busy, and so timers late. */
const TOLERANCE = { low: 0.75, high: 1.4 };
/** For the last message made before the end of a period, and for a busy machine. */
const PERIOD_SLACK_NANOS = 1_500_000_000n;
/** Gaps that are remembered of each peer. */
const MAX_GAPS = 2_000;

/** A check that a peer does something at each tick of an interval: the median of the gaps between ticks is near it. */
const ticking = (
  clause: ClauseId,
  title: string,
  intervalMs: (timing: GossipTiming) => Millis,
  isTick: (seen: Seen) => boolean,
): RecordedCheck =>
  watch(
    clause,
    title,
    (scene, docket) => {
      const ticks = new Map<string, { lastMs: Millis; gapsMs: Millis[] }>();
      return {
        envelope: (seen) => {
          if (!isTick(seen)) return;
          const { name } = seen.recorded.from;
          const known = ticks.get(name);
          if (known === undefined) {
            ticks.set(name, { lastMs: seen.atMs, gapsMs: [] });
            return;
          }
          const gapMs = seen.atMs - known.lastMs;
          if (gapMs < TICK_MS) return;
          known.lastMs = seen.atMs;
          if (known.gapsMs.length < MAX_GAPS) known.gapsMs.push(gapMs);
        },
        finish: () => {
          if (scene.timing === undefined) return;
          const wantedMs = intervalMs(scene.timing);
          for (const [name, { gapsMs }] of ticks) {
            if (gapsMs.length < MIN_TICKS) continue;
            const medianMs = median(gapsMs);
            const holds = medianMs >= wantedMs * TOLERANCE.low && medianMs <= wantedMs * TOLERANCE.high;
            docket.demandOf(
              name,
              holds,
              `one every ${wantedMs} ms`,
              `one every ${Math.round(medianMs)} ms (median)`,
            );
          }
        },
      };
    },
    'timing',
    'between-peers',
  );

export const intervalChecks: readonly RecordedCheck[] = [
  ticking(
    'ALIVE-03',
    'a heartbeat goes out every aliveTimeInterval',
    ({ aliveTimeIntervalMs }) => aliveTimeIntervalMs,
    (seen) => isOf(seen, 'aliveMsg') && isOwn(seen, seen.value.membership?.pkiId),
  ),
  ticking(
    'MEMB-12',
    'membership requests with nonce 0 go out every pullInterval',
    ({ pullIntervalMs }) => pullIntervalMs,
    (seen) => seen.kind === 'memReq' && seen.message.nonce === 0n,
  ),
  ticking(
    'PULL-09',
    'identity Hellos go out every pullInterval',
    ({ pullIntervalMs }) => pullIntervalMs,
    (seen) => isOf(seen, 'hello') && seen.message.channel.length === 0,
  ),
  ticking(
    'SINF-08',
    'requests for state info go out every requestStateInfoInterval',
    ({ requestStateInfoIntervalMs }) => requestStateInfoIntervalMs,
    (seen) => seen.kind === 'stateInfoPullReq',
  ),
  ticking(
    'ELECT-07',
    'a leader declares itself every half leaderAliveThreshold',
    ({ electionLeaderAliveThresholdMs }) => electionLeaderAliveThresholdMs / 2,
    (seen) => isOf(seen, 'leadershipMsg') && seen.value.isDeclaration && isOwn(seen, seen.value.pkiId),
  ),
  watch(
    'ALIVE-04',
    'an alive message carries the identity for publishCertPeriod after the process’s start, and not later',
    (scene, docket) => {
      const newest = new Newest();
      return {
        envelope: (seen) => {
          const timing = scene.timersOf(seen.recorded.from.name);
          if (timing === undefined || (seen.kind !== 'aliveMsg' && seen.kind !== 'memReq')) return;
          for (const item of signedItemsIn(seen)) {
            const { content, authorId } = item;
            if (content.kind !== 'aliveMsg') continue;
            // Told of its own message of long ago, a peer passes it on.
            if (!newest.isNew(item) || !isOwn(seen, authorId)) continue;
            const ageNanos = BigInt(seen.recorded.wallUs) * 1000n - (content.value.timestamp?.incNum ?? 0n);
            const periodNanos = BigInt(Math.round(timing.publishCertPeriodMs)) * 1_000_000n;
            const hasIdentity = content.value.identity.length > 0;
            const ageMs = ageNanos / 1_000_000n;
            // Whoever joins repeats the bytes of its request until it is answered (MEMB-13).
            if (seen.kind === 'memReq' && seen.message.nonce !== 0n) continue;
            if (ageNanos > periodNanos + PERIOD_SLACK_NANOS)
              docket.demand(seen, !hasIdentity, 'no identity any more', () => `one after ${ageMs} ms`);
            else if (ageNanos < periodNanos - PERIOD_SLACK_NANOS)
              docket.demand(seen, hasIdentity, 'the identity', () => `none after ${ageMs} ms`);
          }
        },
      };
    },
    'timing',
  ),
];
