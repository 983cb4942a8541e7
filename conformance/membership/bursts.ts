import type { Envelope } from '../../src/wire';
import { check, type Check } from '../harness/check';
import { relayed } from '../harness/floor';
import { demandInTime } from '../harness/verdict';
import { markerBehind, Observer } from '../steps/membership';
import { isPushOf } from '../steps/relay';

/** maxPropagationBurstLatency of a peer where messages surely wait for one another. */
const BURST_MS = 100;
/** As many as go out together at most, by Fabric's default: maxPropagationBurstSize. */
const BURST = 10;
/** A busy machine may spoil some of so many. */
const BURSTS = 5;
const MOST_BURSTS = 3;

/** What becomes of messages that wait for one another. */
export const burstChecks: readonly Check[] = [
  check(
    'EMIT-01',
    'passes on all messages that wait together',
    {
      own: 2,
      recruit: { timing: { maxPropagationBurstLatencyMs: BURST_MS } },
      floor: relayed(BURSTS),
    },
    async (t) => {
      await t.recruit.start({});
      const { stream: watcher } = await Observer.join(t, t.witness);
      const { stream } = await Observer.join(t, t.tester);
      const counts: number[] = [];
      for (let i = 0; i < BURSTS; i++) {
        const sent = Array.from({ length: BURST }, (): Envelope => t.tester.alive());
        for (const envelope of sent) stream.send(envelope);
        await markerBehind(t, stream);
        await t.quiet(3 * BURST_MS);
        counts.push(
          sent.filter((envelope) =>
            watcher.received.some((one) => one.kind === 'aliveMsg' && isPushOf(one, envelope)),
          ).length,
        );
        t.saw(counts.at(-1) ?? 0);
      }
      demandInTime(
        counts.filter((count) => count === BURST).length >= MOST_BURSTS,
        `${BURST} of ${BURST} alive messages relayed that came at once`,
        counts.join(', '),
      );
    },
  ),
];
