import type { Clock } from '../../src/ports/clock';
import type { Attempt, CheckResult } from '../../src/report/model';
import { isDestructive, type Check } from './check';
import { NetworkSlots, type Case, type Judged, type NetworkSlotsOptions } from './network-slots';
import { Pace } from './pace';
import { describeNeed, type Lease, type Target } from './target';

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

export interface SchedulerOptions {
  readonly target: Target;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** At most so many at once, on one network; as many as the target and its twins take by default. */
  readonly jobs: number | undefined;
  /** Makes what judges one case on a network. */
  readonly judgeOn: (target: Target) => NetworkSlotsOptions['judge'];
}

const laneOrder = { view: 0, aside: 1, alone: 2 } as const;

const makesChannels = ({ needs }: Check): boolean => needs.includes('own-channel');

/**
 * Those alone come last, the long ones first. Channels that are made for a check stay: a peer asks everybody in its view for
 * the state info of each. Where there are twins, the last is theirs; otherwise they disturb the fewest when they come late.
 */
function turnOf(check: Check, hasTwins: boolean): number {
  if (check.lane === 'alone') return 3;
  if (!hasTwins && makesChannels(check)) return 2;
  return check.long ? 0 : 1;
}

/** With the one that came to this result. */
const attemptsOf = ({ verdict, reason, attempts = [] }: CheckResult): readonly Attempt[] => [
  ...attempts,
  { verdict, reason, because: 'it was undecided beside others' },
];

/** So many undecided cases are run once more; where there are more, it is not for the company they had. */
const LAST_ATTEMPTS = 10;

/**
 * Runs cases side by side, as many as the target and its twins take: in order, but the long ones first and those alone
 * last, and among the others those in view before those aside, which fill the gaps. What may bring a peer down comes after
 * everything else. What was undecided runs once more when nothing else runs.
 * Returns a promise for each case; it rejects only with the reason of an abort.
 */
export function schedule(
  cases: readonly Case[],
  { target, clock, signal, jobs, judgeOn }: SchedulerOptions,
): ReadonlyMap<Case, Promise<CheckResult>> {
  const targets = jobs === undefined ? [target, ...(target.twins ?? [])] : [target];
  const networks = targets.map((one) => new NetworkSlots({ target: one, clock, jobs, judge: judgeOn(one) }));
  const promises = new Map<Case, Promise<CheckResult>>();
  const waiting: {
    one: Case;
    begin: (on: NetworkSlots, lease: Lease) => void;
    abort: (reason: unknown) => void;
  }[] = [];

  const begin = ({ one, begin }: (typeof waiting)[number], all: readonly Case[]): boolean => {
    if (!pace.hasRoom) return false;
    const fit = makesChannels(one.check) ? networks.slice(-1) : [...networks].sort((a, b) => a.load - b.load);
    for (const network of fit) {
      const lease = network.lease(one, all, pump);
      if (lease === undefined) continue;
      pace.begun();
      begin(network, lease);
      return true;
    }
    return false;
  };

  const pump = (): void => {
    for (const network of networks) network.cancelWake();
    if (waiting.length === 0) pace[Symbol.dispose]();
    const all = waiting.map(({ one }) => one);
    for (let i = 0; i < waiting.length;) {
      const entry = waiting[i];
      if (entry === undefined) return;
      if (begin(entry, all)) waiting.splice(i, 1);
      else i += 1;
    }
  };

  /** What may bring a peer down is still the last. */
  const placeBeforeDestructive = (): number => {
    const place = waiting.findIndex(({ one }) => isDestructive(one.check));
    return place === -1 ? waiting.length : place;
  };

  const inOrder = [...cases].sort(
    ({ check: a }, { check: b }) =>
      Number(isDestructive(a)) - Number(isDestructive(b)) ||
      turnOf(a, networks.length > 1) - turnOf(b, networks.length > 1) ||
      laneOrder[a.lane] - laneOrder[b.lane],
  );
  let lastAttempts = 0;
  const outcomeOf = async (one: Case, place: number): Promise<CheckResult> => {
    const { on, lease } = await new Promise<{ on: NetworkSlots; lease: Lease }>((resolve, abort) => {
      waiting.splice(place, 0, {
        one,
        begin: (on, lease) => {
          resolve({ on, lease });
        },
        abort,
      });
    });
    let judged: Judged;
    try {
      judged = await on.run(one, lease);
    } finally {
      pace.ended();
      pump();
    }
    const { result, isUndecided } = judged;
    if (!isUndecided || one.before !== undefined || lastAttempts === LAST_ATTEMPTS) return result;
    lastAttempts += 1;
    const again = outcomeOf({ ...one, before: attemptsOf(result) }, placeBeforeDestructive());
    pump();
    return again;
  };
  for (const one of inOrder) {
    const promise = outcomeOf(one, waiting.length);
    promise.catch(() => undefined); // Whoever awaits it handles it; until then it must not count as unhandled.
    promises.set(one, promise);
  }
  signal.addEventListener('abort', () => {
    for (const network of networks) network.cancelWake();
    for (const { abort } of waiting.splice(0)) abort(signal.reason);
    pace[Symbol.dispose]();
  });
  const pace = new Pace(clock, target.lanes.least ?? Infinity, pump);
  pump();
  return promises;
}
