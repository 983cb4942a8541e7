import type { Clock } from '../../src/ports/clock';
import type { CheckResult } from '../../src/report/model';
import type { Check } from './check';
import {
  describeNeed,
  type Lease,
  type Papers,
  type PapersSource,
  type PeerUnderTest,
  type Target,
} from './target';

/** One check of one peer. */
export interface Case {
  readonly check: Check;
  readonly peer: PeerUnderTest;
}

/** Why this case cannot run on this target; undefined if it can. */
export function whyNotRun(target: Target, { check, peer }: Case): string | undefined {
  const offers = target.offers(peer);
  const lacking = check.needs.find((need) => !offers.has(need));
  if (lacking !== undefined) return describeNeed(lacking);
  if (target.own(peer).capacity < check.own) {
    return `needs ${check.own} testers of ${peer.mspId}, ${target.own(peer).capacity} given (see --tester)`;
  }
  const foreign = target.foreign(peer)?.capacity ?? 0;
  if (foreign < check.foreign)
    return `needs ${check.foreign} testers of another organisation, ${foreign} given`;
  return undefined;
}

/** Takes `count` papers, or none at all. */
function borrow(source: PapersSource | undefined, count: number): readonly Papers[] | undefined {
  const taken: Papers[] = [];
  while (taken.length < count) {
    const papers = source?.borrow();
    if (papers === undefined) {
      for (const one of taken) source?.giveBack(one);
      return undefined;
    }
    taken.push(papers);
  }
  return taken;
}

export interface SchedulerOptions {
  readonly target: Target;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** At most so many at once; the target's own number by default. */
  readonly jobs: number | undefined;
  /** Judges one case with the testers it was given; never rejects. */
  readonly judge: (one: Case, lease: Lease) => Promise<CheckResult>;
}

/**
 * Runs cases side by side: as many as the target's lanes and its testers allow, in order, those that must be alone
 * last. Returns a promise for each case; it rejects only with the reason of an abort.
 */
export function schedule(
  cases: readonly Case[],
  options: SchedulerOptions,
): ReadonlyMap<Case, Promise<CheckResult>> {
  const { target, signal, judge } = options;
  const lanes = { all: options.jobs ?? target.lanes.all, view: target.lanes.view };
  const running = { all: 0, view: 0, alone: 0 };
  const promises = new Map<Case, Promise<CheckResult>>();
  const waiting: { one: Case; begin: (lease: Lease) => void; abort: (reason: unknown) => void }[] = [];

  const fits = ({ check }: Case): boolean => {
    if (running.alone > 0) return false;
    if (check.lane === 'alone') return running.all === 0;
    return running.all < lanes.all && (check.lane !== 'view' || running.view < lanes.view);
  };

  const leaseFor = ({ check, peer }: Case): Lease | undefined => {
    const own = borrow(target.own(peer), check.own);
    if (own === undefined) return undefined;
    const foreign = borrow(target.foreign(peer), check.foreign);
    if (foreign !== undefined) return { own, foreign };
    for (const papers of own) target.own(peer).giveBack(papers);
    return undefined;
  };

  const count = ({ check }: Case, by: 1 | -1): void => {
    running.all += by;
    if (check.lane === 'view') running.view += by;
    if (check.lane === 'alone') running.alone += by;
  };

  const run = async (one: Case, lease: Lease): Promise<CheckResult> => {
    try {
      return await judge(one, lease);
    } finally {
      count(one, -1);
      for (const papers of lease.own) target.own(one.peer).giveBack(papers);
      for (const papers of lease.foreign) target.foreign(one.peer)?.giveBack(papers);
      pump();
    }
  };

  const pump = (): void => {
    for (let i = 0; i < waiting.length;) {
      const entry = waiting[i];
      if (entry === undefined) return;
      const lease = fits(entry.one) ? leaseFor(entry.one) : undefined;
      if (lease === undefined) {
        i += 1;
      } else {
        waiting.splice(i, 1);
        // At once: what begins runs only after this loop.
        count(entry.one, 1);
        entry.begin(lease);
      }
    }
  };

  const inOrder = [...cases].sort(
    (a, b) => Number(a.check.lane === 'alone') - Number(b.check.lane === 'alone'),
  );
  for (const one of inOrder) {
    const promise = new Promise<Lease>((begin, abort) => {
      waiting.push({ one, begin, abort });
    }).then((lease) => run(one, lease));
    promise.catch(() => undefined); // Whoever awaits it handles it; until then it must not count as unhandled.
    promises.set(one, promise);
  }
  signal.addEventListener('abort', () => {
    for (const { abort } of waiting.splice(0)) abort(signal.reason);
  });
  pump();
  return promises;
}
