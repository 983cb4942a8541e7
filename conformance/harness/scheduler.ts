import type { Clock } from '../../src/ports/clock';
import type { CheckResult } from '../../src/report/model';
import { isDestructive, type Check } from './check';
import { NetworkSlots, type Case, type NetworkSlotsOptions } from './network-slots';
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

/**
 * Runs cases side by side, as many as the target and its twins take: in order, but the long ones first and those alone
 * last, and among the others those in view before those aside, which fill the gaps. What may bring a peer down comes after
 * everything else.
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

  const inOrder = [...cases].sort(
    ({ check: a }, { check: b }) =>
      Number(isDestructive(a)) - Number(isDestructive(b)) ||
      turnOf(a, networks.length > 1) - turnOf(b, networks.length > 1) ||
      laneOrder[a.lane] - laneOrder[b.lane],
  );
  for (const one of inOrder) {
    const promise = new Promise<{ on: NetworkSlots; lease: Lease }>((resolve, abort) => {
      waiting.push({
        one,
        begin: (on, lease) => {
          resolve({ on, lease });
        },
        abort,
      });
    })
      .then(({ on, lease }) => on.run(one, lease))
      .finally(() => {
        pace.ended();
        pump();
      });
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
