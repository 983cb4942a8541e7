import { expect } from 'chai';
import { check, type CheckOptions } from '../../../conformance/harness/check';
import type { CheckContext } from '../../../conformance/harness/context';
import { Etiquette } from '../../../conformance/harness/etiquette';
import { judgeWith } from '../../../conformance/harness/judge';
import type { Case } from '../../../conformance/harness/network-slots';
import { PulseWatch } from '../../../conformance/harness/pulse';
import { embeddedTiming } from '../../../conformance/harness/targets/embedded-timing';
import { CutOff, Inconclusive, Lateness, Violation } from '../../../conformance/harness/verdict';
import type { Clock, Millis, Timer } from '../../../src/ports/clock';
import type { CheckResult } from '../../../src/report/model';
import { VirtualClock } from '../../../src/sim/virtual-clock';
import { bareTarget as target, barePeer as peer, never, noLines } from './support/bare-target';

/** A clock of a machine that may stand still: time passes, and no timer fires when it is due. */
class StallingClock implements Clock {
  readonly #clock = new VirtualClock();
  #stalledMs = 0;

  now(): Millis {
    return this.#clock.now() + this.#stalledMs;
  }

  wallNanos(): bigint {
    return this.#clock.wallNanos();
  }

  after(delayMs: Millis, fire: () => void): Timer {
    return this.#clock.after(delayMs, fire);
  }

  advance(durationMs: Millis): void {
    this.#clock.advance(durationMs);
  }

  /** And then goes on for a moment. */
  standStill(durationMs: Millis): void {
    this.#stalledMs += durationMs;
    this.#clock.advance(100);
  }
}

/** Does in one attempt what a check is to do. */
type Attempt = (clock: StallingClock, t: CheckContext) => Promise<void> | void;

type Outcome = CheckResult & {
  readonly isUndecided: boolean;
  readonly times: number;
  readonly faults: readonly string[];
};

/** Judges by a check that does in each attempt what it is told, the last again and again; the peer gives a sign in each. */
const judge = (...attempts: readonly Attempt[]): Promise<Outcome> =>
  judgeBy(
    {},
    ...attempts.map((attempt): Attempt => (clock, t) => {
      t.sign('it lives');
      return attempt(clock, t);
    }),
  );

async function judgeBy(
  { pulseMs, before, ...options }: CheckOptions & { readonly pulseMs?: Millis } & Pick<Case, 'before'>,
  ...attempts: readonly Attempt[]
): Promise<Outcome> {
  const clock = new StallingClock();
  const faults: string[] = [];
  let times = 0;
  const one = check('CONN-01', 'does as it is told', { own: 0, ...options }, async (t) => {
    const attempt = attempts[Math.min(times, attempts.length - 1)];
    times += 1;
    await attempt?.(clock, t);
  });
  const judging = judgeWith({
    target,
    clock,
    seed: 1,
    lines: { ...noLines, ping: () => Promise.resolve(undefined) },
    etiquette: new Etiquette(),
    pulseOf: () => ({
      watch: () =>
        new PulseWatch(
          () => pulseMs ?? 0,
          () => undefined,
        ),
    }),
    onFault: (fault) => faults.push(fault),
  });
  const { result, isUndecided } = await judging({ check: one, peer, before }, { own: [], foreign: [] });
  return { ...result, isUndecided, times, faults };
}

const undecided = (): never => {
  throw new Inconclusive('no answer to the control');
};
const late = (): never => {
  throw new Lateness('an answer', 'nothing');
};
const wrong = (): never => {
  throw new Violation('silence', 'an answer');
};
const STALL_MS = embeddedTiming.aliveExpirationTimeoutMs;

describe('judging', () => {
  it('takes the first attempt that can judge, and tells nothing of attempts where that is the first', async () => {
    expect(await judge(() => undefined)).to.include({ verdict: 'pass', times: 1 });
    expect(await judge(() => undefined)).not.to.have.property('attempts');
    for (const failing of [late, wrong]) {
      expect(await judge(failing, () => undefined)).to.include({ verdict: 'fail', times: 1 });
    }
  });

  it('gives each run of a check chance of its own, the same again for the same seed', async () => {
    const draws = async (): Promise<readonly bigint[]> => {
      const drawn: bigint[] = [];
      await judge((_, t) => {
        drawn.push(t.random.uint64());
        if (drawn.length === 1) undecided();
      });
      return drawn;
    };
    const [first, second] = await draws();
    expect(first).not.to.equal(second);
    expect(await draws()).to.deep.equal([first, second]);
  });

  it('judges again what could not be judged, once, and tells it', async () => {
    const attempts = [
      { verdict: 'inconclusive', reason: 'no answer to the control', because: 'it could not judge' },
    ];
    expect(await judge(undecided, () => undefined)).to.deep.include({ verdict: 'pass', times: 2, attempts });
    expect(await judge(undecided)).to.deep.include({ verdict: 'inconclusive', times: 2, attempts });
    expect(await judge(undecided, wrong)).to.deep.include({ verdict: 'fail', times: 2, attempts });
  });

  it('says of what is inconclusive whether it may be decided later', async () => {
    const stalled = (clock: StallingClock): never => {
      clock.standStill(STALL_MS);
      return late();
    };
    for (const attempt of [undecided, stalled]) {
      expect(await judge(attempt)).to.include({ verdict: 'inconclusive', isUndecided: true });
    }
    const broken = (): never => {
      throw new TypeError('not a function');
    };
    expect(await judge(broken)).to.include({ verdict: 'inconclusive', isUndecided: false });
    expect(await judge(late)).to.include({ verdict: 'fail', isUndecided: false });
  });

  it('counts the attempts of a case that was undecided before', async () => {
    const before = { verdict: 'inconclusive', reason: 'no answer', because: 'it was undecided' } as const;
    const { attempts } = await judgeBy({ before: [before] }, undecided, () => undefined);
    expect(attempts?.map(({ because }) => because)).to.deep.equal([before.because, 'it could not judge']);
  });

  it('judges again what a machine that stood still may explain, and tells it', async () => {
    const stalled = (clock: StallingClock): never => {
      clock.standStill(STALL_MS);
      return late();
    };
    const ended = await judge(stalled, () => undefined);
    expect(ended).to.include({ verdict: 'pass', times: 2 });
    expect(ended.attempts?.map(({ verdict, because }) => `${verdict}, ${because}`)).to.deep.equal([
      `fail, this machine stood still for ${STALL_MS} ms`,
    ]);
    const always = await judge(stalled);
    expect(always).to.include({ verdict: 'inconclusive', times: 3 });
    expect(always.attempts).to.have.length(2);
  });

  it('looks twice at a failure on a machine that is somewhat late, and then believes it', async () => {
    const busy = (clock: StallingClock): never => {
      clock.standStill(STALL_MS / 10);
      return late();
    };
    expect(await judge(busy, () => undefined)).to.include({ verdict: 'pass', times: 2 });
    expect(await judge(busy)).to.include({ verdict: 'fail', times: 3 });
  });

  it('believes what no delay explains of a machine that stood still only when it is seen again', async () => {
    const stalled = (clock: StallingClock): never => {
      clock.standStill(STALL_MS);
      return wrong();
    };
    expect(await judge(stalled, () => undefined)).to.include({
      verdict: 'inconclusive',
      reason:
        'it failed on a machine that was too busy, and passed when it was run again: expected silence; got an answer',
      times: 2,
    });
    expect(await judge(stalled, wrong)).to.include({ verdict: 'fail', times: 2 });
    expect(await judge(stalled)).to.include({ verdict: 'fail', times: 3 });
  });

  it('looks twice at a stream that was cut off in view, and no more', async () => {
    const cut = (): never => {
      throw new CutOff('an answer', 'stream ended: OK');
    };
    const inView = { lane: 'view' } as const;
    expect(
      await judgeBy(inView, cut, (_, t) => {
        t.sign('it lives');
      }),
    ).to.include({
      verdict: 'pass',
      times: 2,
    });
    expect(await judgeBy(inView, cut)).to.include({ verdict: 'fail', times: 2 });
    expect(await judge(cut, () => undefined)).to.include({ verdict: 'fail', times: 1 });
  });

  it('knows a busy machine by the pulse of the peer, too, where the check does not bring that down', async () => {
    const slow = { pulseMs: STALL_MS };
    const ended = await judgeBy(slow, late);
    expect(ended).to.include({ verdict: 'inconclusive', times: 3 });
    expect(ended.attempts?.[0]?.because).to.equal(`the peer took ${STALL_MS} ms to answer a Ping`);
    expect(await judgeBy({ ...slow, needs: ['disposable'] }, late)).to.include({ verdict: 'fail', times: 1 });
  });

  it('tells a fault of its own, and does not try again', async () => {
    const ended = await judge(never);
    expect(ended).to.include({ verdict: 'inconclusive', times: 1 });
    expect(ended.faults).to.have.length(1);
  });

  it('cannot judge a peer that gave no sign of itself', async () => {
    const ended = await judgeBy({}, () => undefined);
    expect(ended).to.include({
      verdict: 'inconclusive',
      times: 2,
      reason: 'too little was seen: 0 signs of the peer, at least 1 needed',
    });
    expect((await judge(() => undefined)).observed).to.deep.equal({
      what: 'signs of the peer',
      needed: 1,
      seen: 1,
    });
  });

  it('passes nobody of whom it saw less than its floor, and fails who did what is forbidden all the same', async () => {
    const floor = { of: 'heartbeats', atLeast: 3 };
    const saw =
      (...counts: readonly number[]): Attempt =>
      (_, t) => {
        for (const count of counts) t.saw(count);
      };
    expect(await judgeBy({ floor }, saw(2))).to.deep.include({
      verdict: 'inconclusive',
      reason: 'too little was seen: 2 heartbeats, at least 3 needed',
      observed: { what: 'heartbeats', needed: 3, seen: 2 },
    });
    expect(await judgeBy({ floor }, saw(2, 1))).to.include({ verdict: 'pass', times: 1 });
    expect(await judgeBy({ floor }, wrong)).to.include({ verdict: 'fail', times: 1 });
    const undetailed = await judgeBy({ floor }, (_, t) => {
      t.demandEnough('it was busy');
    });
    expect(undetailed.reason).to.equal('too little was seen: 0 heartbeats, at least 3 needed (it was busy)');
  });

  it('tells the longest waits of the attempt that it tells', async () => {
    const ended = await judge(undecided, async (clock, t) => {
      const waiting = [t.quiet(400), t.eventually('a member', 1_000, () => clock.now() >= 300)];
      for (let i = 0; i < 10; i++) {
        // For whoever waits to go on.
        await new Promise(setImmediate);
        clock.advance(50);
      }
      await Promise.all(waiting);
    });
    expect(ended.verdict).to.equal('pass');
    expect(ended.waits).to.deep.equal([
      { what: 'silence', ms: 400 },
      { what: 'a member', ms: 300 },
    ]);
  });
});
