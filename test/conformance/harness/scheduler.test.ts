import { expect } from 'chai';
import { check, type Check } from '../../../conformance/harness/check';
import { PapersPool } from '../../../conformance/harness/papers-pool';
import { notRun } from '../../../conformance/harness/judge';
import type { Judged } from '../../../conformance/harness/network-slots';
import { casesOf } from '../../../conformance/harness/run-checks';
import { schedule, whyNotRun } from '../../../conformance/harness/scheduler';
import type { Papers, Target } from '../../../conformance/harness/target';
import { issueOrganisation, type Organisation } from '../../../src/identity';
import { VirtualClock } from '../../../src/sim/virtual-clock';
import { barePeer, bareTarget } from './support/bare-target';

type Options = Parameters<typeof check>[2];

const named = (title: string, options: Options = {}): Check =>
  check('CONN-01', title, { own: 0, ...options }, () => Promise.resolve());
const many = (count: number, title: string, options: Options = {}): readonly Check[] =>
  Array.from({ length: count }, (_, i) => named(`${title} ${i}`, options));

describe('the scheduler', () => {
  let organisation: Organisation;
  before(async () => {
    organisation = await issueOrganisation({
      mspId: 'Org1MSP',
      domain: 'org1.example.com',
      nowMs: Date.now(),
    });
  });

  async function papers(count: number): Promise<readonly Papers[]> {
    return Promise.all(
      Array.from({ length: count }, async (_, i) => {
        const { identity } = await organisation.issue({ name: `tester${i}`, role: 'peer' });
        return { name: `tester${i}`, identity, tls: undefined, listenHost: undefined };
      }),
    );
  }

  /** Cases that end when they are told to. */
  class Run {
    readonly clock = new VirtualClock();
    readonly abort = new AbortController();
    /** In the order in which they began. */
    readonly begun: string[] = [];
    readonly running = new Map<string, () => void>();
    readonly outcomes: Promise<unknown>[] = [];

    /** `isUndecided`: whether a case of this title ends so. */
    constructor(
      checks: readonly Check[],
      target: Target,
      isUndecided: (title: string) => boolean = () => false,
    ) {
      const promised = schedule(casesOf(target, checks), {
        target,
        clock: this.clock,
        signal: this.abort.signal,
        jobs: undefined,
        judgeOn: () => (one) =>
          new Promise<Judged>((resolve) => {
            const { title } = one.check;
            this.begun.push(title);
            this.running.set(title, () => {
              this.running.delete(title);
              resolve({ result: notRun(one, ''), isUndecided: isUndecided(title) });
            });
          }),
      });
      this.outcomes.push(
        ...[...promised.values()].map((promise) => promise.catch((error: unknown) => error)),
      );
    }

    /** Ends a case, or all that run. */
    async end(title?: string): Promise<void> {
      for (const [each, end] of [...this.running]) if (title === undefined || each === title) end();
      await this.settle();
    }

    /** Lets what has been promised happen. */
    async settle(): Promise<void> {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  const targetOf = (lanes: Target['lanes'], testers: readonly Papers[] = []): Target => {
    const pool = new PapersPool({ mspId: 'Org1MSP', papers: testers });
    return { ...bareTarget, lanes, own: () => pool, foreign: () => undefined };
  };

  async function inOrder(checks: readonly Check[]): Promise<readonly string[]> {
    const run = new Run(checks, targetOf({ all: 1, view: 1 }));
    await run.settle();
    while (run.running.size > 0) await run.end();
    return run.begun;
  }

  it('begins with the long ones, and with those aside only after those in view', async () => {
    expect(
      await inOrder([named('aside'), named('view', { lane: 'view' }), named('long', { long: true })]),
    ).to.deep.equal(['long', 'view', 'aside']);
  });

  it('leaves what makes channels until late, then what has to be alone, and what may bring the peer down to the end', async () => {
    const checks = [
      named('destructive', { needs: ['disposable'], long: true }),
      named('alone', { lane: 'alone' }),
      named('channel', { needs: ['own-channel'], long: true }),
      named('plain'),
    ];
    expect(await inOrder(checks)).to.deep.equal(['plain', 'channel', 'alone', 'destructive']);
  });

  it('keeps slots for those in view as long as any wait, and gives them to the others then', async () => {
    const run = new Run(
      [...many(9, 'aside'), ...many(3, 'view', { lane: 'view' })],
      targetOf({ all: 5, view: 3 }),
    );
    await run.settle();
    expect([...run.running.keys()]).to.have.members(['aside 0', 'aside 1', 'view 0', 'view 1', 'view 2']);
    await run.end();
    expect([...run.running.keys()]).to.deep.equal(['aside 2', 'aside 3', 'aside 4', 'aside 5', 'aside 6']);
  });

  it('runs nothing beside what has to be alone', async () => {
    const run = new Run([named('plain'), named('alone', { lane: 'alone' })], targetOf({ all: 4, view: 2 }));
    await run.settle();
    expect([...run.running.keys()]).to.deep.equal(['plain']);
    await run.end();
    expect([...run.running.keys()]).to.deep.equal(['alone']);
  });

  it('lends a tester who was in view to those aside only when it must have been given up', async () => {
    const [tester] = await papers(1);
    const target = targetOf({ all: 2, view: 1 }, tester === undefined ? [] : [tester]);
    const run = new Run(
      [named('view', { lane: 'view', own: 1, long: true }), named('aside', { own: 1 })],
      target,
    );
    await run.settle();
    await run.end('view');
    expect([...run.running.keys()]).to.deep.equal([]);
    run.clock.advance(1.1 * target.timing.aliveExpirationTimeoutMs + 200);
    await run.settle();
    expect([...run.running.keys()]).to.deep.equal(['aside']);
    await run.end();
  });

  it('lends testers who never were in view to those aside, where the target has some', async () => {
    const [inView, aside] = (await papers(2)).map((one) => targetOf({ all: 2, view: 1 }, [one]));
    if (inView === undefined) throw new Error('no papers');
    const checks = [named('view', { lane: 'view', own: 1 }), named('aside', { own: 1 })];
    const run = new Run(checks, { ...inView, apart: aside });
    await run.settle();
    expect([...run.running.keys()]).to.deep.equal(['view', 'aside']);
    await run.end();
  });

  it('has testers issued as cases need them, and no more than there may be', async () => {
    let issued = 0;
    const issue = async (): Promise<Papers> => {
      issued += 1;
      const [one] = await papers(1);
      if (one === undefined) throw new Error('no papers');
      return one;
    };
    const pool = new PapersPool({ mspId: 'Org1MSP', papers: [], issue, reserve: 3 });
    const target = { ...targetOf({ all: 9, view: 0 }), own: () => pool };
    const run = new Run([named('two', { own: 2 }), ...many(3, 'one', { own: 1 })], target);
    expect(issued).to.equal(3);
    while (run.running.size === 0) await run.settle();
    while (run.running.size > 0) await run.end();
    expect(run.begun).to.have.members(['two', 'one 0', 'one 1', 'one 2']);
    expect(issued).to.equal(3);
  });

  it('uses twins as soon as the network is full', async () => {
    const target = targetOf({ all: 2, view: 1 });
    const run = new Run(many(5, 'aside'), {
      ...target,
      lanes: { all: 2, view: 0 },
      twins: [targetOf({ all: 2, view: 0 })],
    });
    await run.settle();
    expect(run.running.size).to.equal(4);
  });

  it('leaves what makes channels to the last twin, and does not wait with it then', async () => {
    const checks = [...many(2, 'plain'), ...many(2, 'channel', { needs: ['own-channel'], long: true })];
    const own = { ...targetOf({ all: 1, view: 0 }), twins: [targetOf({ all: 2, view: 0 })] };
    const run = new Run(checks, own);
    await run.settle();
    expect([...run.running.keys()]).to.deep.equal(['channel 0', 'channel 1', 'plain 0']);
  });

  it('runs what was undecided once more when nothing else runs, before what may bring the peer down', async () => {
    const checks = [
      named('destructive', { needs: ['disposable'], lane: 'alone' }),
      ...many(2, 'undecided'),
      named('plain'),
    ];
    const run = new Run(checks, targetOf({ all: 4, view: 2 }), (title) => title.startsWith('undecided'));
    await run.settle();
    await run.end('undecided 0');
    await run.end('undecided 1');
    expect([...run.running.keys()]).to.deep.equal(['plain']);
    await run.end();
    expect([...run.running.keys()]).to.deep.equal(['undecided 0']);
    while (run.running.size > 0) await run.end();
    const again = ['undecided 0', 'undecided 1', 'destructive'];
    expect(run.begun).to.deep.equal(['undecided 0', 'undecided 1', 'plain', ...again]);
    expect(await Promise.all(run.outcomes)).to.have.length(4);
  });

  it('runs no more than ten again', async () => {
    const run = new Run(many(12, 'undecided'), targetOf({ all: 12, view: 0 }), () => true);
    await run.settle();
    while (run.running.size > 0) await run.end();
    expect(run.begun).to.have.length(22);
  });

  it('begins no more than it can keep up with, but for the least', async () => {
    const run = new Run(many(9, 'aside'), targetOf({ all: 9, view: 0, least: 3 }));
    await run.settle();
    expect(run.running.size).to.equal(3);
    run.clock.advance(50);
    await run.settle();
    expect(run.running.size).to.equal(5);
  });

  it('rejects what waits when it is aborted, with the reason', async () => {
    const run = new Run(many(2, 'aside'), targetOf({ all: 1, view: 0 }));
    await run.settle();
    const reason = new Error('enough');
    run.abort.abort(reason);
    await run.end();
    expect(await Promise.all(run.outcomes)).to.include(reason);
    expect(run.begun).to.deep.equal(['aside 0']);
  });

  it('tells why a case cannot run: what the target lacks, or how many testers', () => {
    const why = (options: Options): string | undefined => {
      const target = targetOf({ all: 1, view: 1 });
      return whyNotRun(target, { check: named('one', options), peer: barePeer });
    };
    expect(why({})).to.equal(undefined);
    expect(why({ needs: ['tls'] })).to.equal('TLS is off on this network');
    expect(why({ own: 2 })).to.equal('needs 2 testers of Org1MSP, 0 given (see --tester)');
  });
});
