import type { CheckResult } from '../../src/report/model';
import { checks } from '../checks';
import { clauses, type ClauseId } from '../clauses';
import { Etiquette } from '../harness/etiquette';
import { judgeWith } from '../harness/judge';
import { casesOf } from '../harness/run-checks';
import { schedule, whyNotRun } from '../harness/scheduler';
import { systemTools } from '../harness/targets';
import { embedded } from '../harness/targets/embedded';
import { issueNetworkPapers, type NetworkPapers } from '../harness/targets/embedded-papers';
import type { MutantResult } from '../run-types';
import type { EmbeddedMutant } from './mutant';

/** What came of judging a mutant once. */
export type Found = Omit<MutantResult, 'mutant' | 'tries'>;

/** Testers of each organisation for one mutant. */
const TESTERS = { own: 6, foreign: 6 };

const tools = systemTools();
/** Papers with and without TLS, issued when they are first needed; every mutant's network has the same. */
const issuedByTls = new Map<boolean, Promise<NetworkPapers>>();

function papersFor({ tls }: EmbeddedMutant): Promise<NetworkPapers> {
  const issued = issuedByTls.get(tls) ?? issueNetworkPapers(tls, TESTERS, tools.clock);
  issuedByTls.set(tls, issued);
  return issued;
}

/**
 * Judges one mutant on a network of its own. `quick`: by the clauses that must find it alone, and no longer than until
 * they have.
 */
export async function judgeMutant(mutant: EmbeddedMutant, quick: boolean): Promise<Found> {
  const issued = await papersFor(mutant);
  const startedAtMs = tools.clock.now();
  const target = await embedded({ issued, deviation: mutant.deviation }, tools);
  const done = new AbortController();
  const faults: string[] = [];
  const results: CheckResult[] = [];
  const foundBy = (): readonly ClauseId[] => {
    const failed = new Set(
      results.filter(({ verdict }) => verdict === 'fail').map(({ clause }) => clause.id),
    );
    return [...clauses.keys()].filter((id) => failed.has(id));
  };
  try {
    // Whoever refers to another would find what that one finds.
    const own = checks.filter(({ refersTo }) => refersTo === undefined);
    const runnable = casesOf(target, own).filter((one) => whyNotRun(target, one) === undefined);
    const cases = quick ? runnable.filter(({ check }) => mutant.expected.includes(check.clause)) : runnable;
    const onFault = (message: string): void => {
      if (!done.signal.aborted) faults.push(message);
    };
    const promised = schedule(cases, {
      target,
      clock: tools.clock,
      signal: done.signal,
      jobs: undefined,
      judgeOn: (on) =>
        judgeWith({ ...tools, target: on, etiquette: new Etiquette(), hurried: true, onFault }),
    });
    const enough = new Promise<void>((resolve) => {
      done.signal.addEventListener('abort', () => {
        resolve();
      });
    });
    const judged = [...promised.values()].map(async (promise) => {
      // What was still waiting when enough was known is not judged.
      const result = await promise.catch(() => undefined);
      if (result === undefined) return;
      results.push(result);
      const found = foundBy();
      if (quick && mutant.expected.every((id) => found.includes(id))) done.abort();
    });
    // Checks that are under way when enough is known end by themselves, since their network does.
    await Promise.race([Promise.all(judged), enough]);
    return {
      foundBy: foundBy(),
      undecided: results.flatMap(({ clause, verdict, reason }) =>
        verdict === 'inconclusive' ? [`${clause.id}: ${reason}`] : [],
      ),
      judgeable: [...new Set(runnable.map(({ check }) => check.clause))],
      faults,
      durationMs: tools.clock.now() - startedAtMs,
    };
  } finally {
    await target.close();
  }
}
