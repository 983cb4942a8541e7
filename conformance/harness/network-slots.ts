import type { Clock, Millis, Timer } from '../../src/ports/clock';
import type { Attempt, CheckResult } from '../../src/report/model';
import type { Check, Lane } from './check';
import type { Lanes, Lease, Papers, PapersSource, PeerUnderTest, Target } from './target';

/** One check of one peer. */
export interface Case {
  readonly check: Check;
  readonly peer: PeerUnderTest;
  /** Of one that was undecided: its attempts so far. Nothing runs beside its last. */
  readonly before?: readonly Attempt[] | undefined;
}

/** What judging a case came to. */
export interface Judged {
  readonly result: CheckResult;
  /** Whether it may be decided where nothing else runs. */
  readonly isUndecided: boolean;
}

/** Where the testers of a lease come from. */
type Sources = Readonly<Record<keyof Lease, PapersSource | undefined>>;

function sourcesOf(target: Target, { check, peer }: Case): Sources {
  const { own, foreign } = check.lane === 'aside' ? (target.apart ?? target) : target;
  return { own: own(peer), foreign: foreign(peer) };
}

function giveBack({ own, foreign }: Sources, lease: Lease): void {
  for (const papers of lease.own) own?.giveBack(papers);
  for (const papers of lease.foreign) foreign?.giveBack(papers);
}

/** The lane that it runs in now. */
const laneOf = ({ check, before }: Case): Lane => (before === undefined ? check.lane : 'alone');

/** Whether a case has to wait for others that are waiting or under way: some want to see a channel without blocks. */
const mustWait = ({ check: { needs } }: Case, others: readonly Case[]): boolean =>
  needs.includes('add-block') && others.some(({ check }) => check.needs.includes('block-pull'));

/** Takes `count` papers that will do, or none at all; `onMore` is called when more are issued for it. */
function borrow(
  source: PapersSource | undefined,
  count: number,
  willDo: (papers: Papers) => boolean,
  onMore: () => void,
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
  source?.replenish(count - taken.length, onMore);
  return undefined;
}

export interface NetworkSlotsOptions {
  readonly target: Target;
  readonly clock: Clock;
  /** At most so many cases at once; the target's own number by default. */
  readonly jobs: number | undefined;
  /** Judges one case with the testers it was given; never rejects. */
  readonly judge: (one: Case, lease: Lease) => Promise<Judged>;
}

/**
 * A network on which cases run side by side, as many as its lanes and its testers allow. A tester who was in the peers'
 * view is not lent to a check aside before they have given it up: the check would be sent what members are sent, and lose
 * its stream when the member expires (DEAD-01).
 */
export class NetworkSlots {
  readonly #target: Target;
  readonly #clock: Clock;
  readonly #judge: NetworkSlotsOptions['judge'];
  readonly #lanes: Lanes;
  readonly #restMs: Millis;
  readonly #restsUntil = new Map<Papers, Millis>();
  readonly #underWay = new Set<Case>();
  #wake: { readonly at: Millis; readonly timer: Timer } | undefined;

  constructor({ target, clock, jobs, judge }: NetworkSlotsOptions) {
    this.#target = target;
    this.#clock = clock;
    this.#judge = judge;
    this.#lanes = { all: jobs ?? target.lanes.all, view: target.lanes.view };
    this.#restMs = 1.1 * target.timing.aliveExpirationTimeoutMs + 200;
  }

  /** Cases that run on it now. */
  get load(): number {
    return this.#underWay.size;
  }

  /**
   * Takes what this case needs, if it can begin now; it counts as running from then on. `waiting`: the cases that may
   * still come here, this one among them. `onMore` is called when a tester who was passed over has rested, and when
   * another one is issued.
   */
  lease(one: Case, waiting: readonly Case[], onMore: () => void): Lease | undefined {
    const { check, peer } = one;
    if (!this.#fits(one, waiting) || mustWait(one, [...this.#underWay, ...waiting])) return undefined;
    const now = this.#clock.now();
    const willDo = (papers: Papers): boolean => {
      const restLeftMs = (this.#restsUntil.get(papers) ?? now) - now;
      if (check.lane !== 'aside' || restLeftMs <= 0) return true;
      this.#wakeAfter(restLeftMs, onMore);
      return false;
    };
    const sources = sourcesOf(this.#target, { check, peer: this.#peerLike(peer) });
    const own = borrow(sources.own, check.own, willDo, onMore);
    const foreign = borrow(sources.foreign, check.foreign, willDo, onMore);
    if (own !== undefined && foreign !== undefined) {
      this.#underWay.add(one);
      return { own, foreign };
    }
    giveBack(sources, { own: own ?? [], foreign: foreign ?? [] });
    return undefined;
  }

  /** Judges a case with what it was lent, and takes that back. */
  async run(one: Case, lease: Lease): Promise<Judged> {
    const { check } = one;
    const peer = this.#peerLike(one.peer);
    try {
      return await this.#judge({ ...one, peer }, lease);
    } finally {
      this.#underWay.delete(one);
      if (check.lane !== 'aside') {
        const rested = this.#clock.now() + this.#restMs;
        for (const papers of [...lease.own, ...lease.foreign]) this.#restsUntil.set(papers, rested);
      }
      giveBack(sourcesOf(this.#target, { check, peer }), lease);
    }
  }

  /** Nobody is called any more because somebody has rested. */
  cancelWake(): void {
    this.#wake?.timer.cancel();
    this.#wake = undefined;
  }

  #fits(one: Case, waiting: readonly Case[]): boolean {
    const all = this.#underWay.size;
    const inView = this.#countOf('view');
    const lanes = this.#lanes;
    if (this.#countOf('alone') > 0 || all >= lanes.all) return false;
    switch (laneOf(one)) {
      case 'alone':
        return all === 0;
      case 'view':
        return inView < lanes.view;
      case 'aside':
        // The slots of those in view are kept for them as long as any wait: they are few, and take longest.
        return (
          all - inView < Math.max(1, lanes.all - lanes.view) ||
          !waiting.some(({ check }) => check.lane === 'view')
        );
    }
  }

  #countOf(lane: Lane): number {
    return [...this.#underWay].filter((one) => laneOf(one) === lane).length;
  }

  #wakeAfter(delayMs: Millis, onRested: () => void): void {
    const at = this.#clock.now() + delayMs;
    if (this.#wake !== undefined && this.#wake.at <= at) return;
    this.#wake?.timer.cancel();
    this.#wake = { at, timer: this.#clock.after(delayMs, onRested) };
  }

  /** The peer that this network has in the place of that one, which may be of its twin. */
  #peerLike(peer: PeerUnderTest): PeerUnderTest {
    const { peers } = this.#target;
    return peers.includes(peer) ? peer : (peers.find(({ name }) => name === peer.name) ?? peer);
  }
}
