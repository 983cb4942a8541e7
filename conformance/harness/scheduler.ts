import type { Clock, Millis, Timer } from '../../src/ports/clock';
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

/** Where the testers of a lease come from. */
type Sources = Readonly<Record<keyof Lease, PapersSource | undefined>>;

const sourcesOf = (target: Target, peer: PeerUnderTest): Sources => ({
  own: target.own(peer),
  foreign: target.foreign(peer),
});

function giveBack({ own, foreign }: Sources, lease: Lease): void {
  for (const papers of lease.own) own?.giveBack(papers);
  for (const papers of lease.foreign) foreign?.giveBack(papers);
}

/** Whether a case has to wait for another that is waiting or under way: some want to see a channel without blocks. */
const comesAfter = ({ check: { needs } }: Case, { check: { needs: others } }: Case): boolean =>
  needs.includes('add-block') && others.includes('block-pull');

/** Takes `count` papers that will do, or none at all. */
function borrow(
  source: PapersSource | undefined,
  count: number,
  willDo: (papers: Papers) => boolean,
): readonly Papers[] | undefined {
  const taken: Papers[] = [];
  const passedOver: Papers[] = [];
  while (taken.length < count) {
    const papers = source?.borrow();
    if (papers === undefined) break;
    (willDo(papers) ? taken : passedOver).push(papers);
  }
  for (const one of passedOver) source?.giveBack(one);
  if (taken.length === count) return taken;
  for (const one of taken) source?.giveBack(one);
  return undefined;
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

const laneOrder = { aside: 0, view: 1, alone: 2 } as const;

/**
 * Runs cases side by side, as many as the target's lanes and its testers allow: in order, but those aside first and
 * those alone last, and of each of these the long ones first. A tester who was in the peers' view is not lent to a check aside before they have given it up:
 * the check would be sent what members are sent, and lose its stream when the member expires (DEAD-01).
 * Returns a promise for each case; it rejects only with the reason of an abort.
 */
export function schedule(
  cases: readonly Case[],
  options: SchedulerOptions,
): ReadonlyMap<Case, Promise<CheckResult>> {
  const { target, clock, signal, judge } = options;
  const restMs = 1.1 * target.timing.aliveExpirationTimeoutMs + 200;
  const restsUntil = new Map<Papers, Millis>();
  let wake: { readonly at: Millis; readonly timer: Timer } | undefined;
  const lanes = { all: options.jobs ?? target.lanes.all, view: target.lanes.view };
  const running = { all: 0, view: 0, alone: 0 };
  const underWay = new Set<Case>();
  const promises = new Map<Case, Promise<CheckResult>>();
  const waiting: { one: Case; begin: (lease: Lease) => void; abort: (reason: unknown) => void }[] = [];

  const isItsTurn = (one: Case): boolean =>
    ![...underWay, ...waiting.map((entry) => entry.one)].some((other) => comesAfter(one, other));

  const fits = (one: Case): boolean => {
    const { check } = one;
    if (!isItsTurn(one)) return false;
    if (running.alone > 0 || running.all >= lanes.all) return false;
    switch (check.lane) {
      case 'alone':
        return running.all === 0;
      case 'view':
        return running.view < lanes.view;
      case 'aside':
        // The slots of those in view are kept for them: they are few, and take longest.
        return running.all - running.view < Math.max(1, lanes.all - lanes.view);
    }
  };

  /** Looks again when a tester has rested. */
  const wakeAfter = (delayMs: Millis): void => {
    const at = clock.now() + delayMs;
    if (wake !== undefined && wake.at <= at) return;
    wake?.timer.cancel();
    wake = { at, timer: clock.after(delayMs, pump) };
  };

  const leaseFor = ({ check, peer }: Case): Lease | undefined => {
    const now = clock.now();
    const willDo = (papers: Papers): boolean => {
      const restLeftMs = (restsUntil.get(papers) ?? now) - now;
      if (check.lane !== 'aside' || restLeftMs <= 0) return true;
      wakeAfter(restLeftMs);
      return false;
    };
    const sources = sourcesOf(target, peer);
    const own = borrow(sources.own, check.own, willDo);
    const foreign = borrow(sources.foreign, check.foreign, willDo);
    if (own !== undefined && foreign !== undefined) return { own, foreign };
    giveBack(sources, { own: own ?? [], foreign: foreign ?? [] });
    return undefined;
  };

  const count = (one: Case, by: 1 | -1): void => {
    const { check } = one;
    if (by > 0) underWay.add(one);
    else underWay.delete(one);
    running.all += by;
    if (check.lane === 'view') running.view += by;
    if (check.lane === 'alone') running.alone += by;
  };

  const run = async (one: Case, lease: Lease): Promise<CheckResult> => {
    try {
      return await judge(one, lease);
    } finally {
      count(one, -1);
      if (one.check.lane !== 'aside') {
        for (const papers of [...lease.own, ...lease.foreign]) restsUntil.set(papers, clock.now() + restMs);
      }
      giveBack(sourcesOf(target, one.peer), lease);
      pump();
    }
  };

  const pump = (): void => {
    wake?.timer.cancel();
    wake = undefined;
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
    ({ check: a }, { check: b }) => laneOrder[a.lane] - laneOrder[b.lane] || Number(b.long) - Number(a.long),
  );
  for (const one of inOrder) {
    const promise = new Promise<Lease>((begin, abort) => {
      waiting.push({ one, begin, abort });
    }).then((lease) => run(one, lease));
    promise.catch(() => undefined); // Whoever awaits it handles it; until then it must not count as unhandled.
    promises.set(one, promise);
  }
  signal.addEventListener('abort', () => {
    wake?.timer.cancel();
    for (const { abort } of waiting.splice(0)) abort(signal.reason);
  });
  pump();
  return promises;
}
