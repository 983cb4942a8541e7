import { checks } from '../checks';
import { clauses, type ClauseId } from '../clauses';
import { runChecks } from '../harness/run-checks';
import { whyNotRun } from '../harness/scheduler';
import { systemTools } from '../harness/targets';
import { embedded } from '../harness/targets/embedded';
import { issueCast, type Cast } from '../harness/targets/embedded-cast';
import type { Target } from '../harness/target';
import { UsageError, type Mutant, type MutantResult, type MutantsOptions } from '../run-types';
import { unknownName } from '../suggest';
import { mutants } from './index';
import { missedBy } from './matrix';
import type { EmbeddedMutant } from './mutant';

/** Mutants whose networks are up at once. More would upset one another: a late timer looks like a broken rule. */
const SIDE_BY_SIDE = 4;
/** How often a mutant is judged again, alone, of which the first time could not tell. */
const MORE_TRIES = 2;
/** Testers of each organisation for one mutant. */
const TESTERS = 6;

const tools = systemTools();

export const listMutants = (): readonly Mutant[] => mutants;

/** Judges mutants, a few side by side, each on a network of its own. */
export async function runMutants(options: MutantsOptions): Promise<readonly MutantResult[]> {
  const { signal, finished } = options;
  const casts = castings();
  const results = new Map<string, MutantResult>();
  const settle = (result: MutantResult): void => {
    results.set(result.mutant.name, result);
    finished(result);
  };
  const again: EmbeddedMutant[] = [];
  await inParallel(named(options.only), SIDE_BY_SIDE, async (one) => {
    signal.throwIfAborted();
    const result = await judge(one, casts, options);
    if (isUnsettled(result)) again.push(one);
    else settle(result);
  });
  for (const one of again) {
    let result = await judge(one, casts, options);
    for (let left = MORE_TRIES - 1; left > 0 && isUnsettled(result); left--)
      result = await judge(one, casts, options);
    settle(result);
  }
  return mutants.flatMap(({ name }) => results.get(name) ?? []);
}

/** Missed by a clause that could not tell: the machine was too busy, or a control failed. */
const isUnsettled = (result: MutantResult): boolean =>
  missedBy(result).some((id) => result.undecided.some((why) => why.startsWith(`${id}: inconclusive`)));

async function inParallel<T>(
  items: readonly T[],
  width: number,
  run: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = [...items];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await run(next);
  };
  await Promise.all(Array.from({ length: width }, work));
}

function named(names: readonly string[]): readonly EmbeddedMutant[] {
  for (const name of names) {
    if (mutants.some((one) => one.name === name)) continue;
    throw new UsageError(
      unknownName(
        'mutant',
        name,
        mutants.map((one) => one.name),
        'see --list',
      ),
    );
  }
  return names.length === 0 ? mutants : mutants.filter(({ name }) => names.includes(name));
}

/** Papers with and without TLS, issued when they are first needed. */
function castings(): (tls: boolean) => Promise<Cast> {
  const issued = new Map<boolean, Promise<Cast>>();
  return (tls) => {
    const cast = issued.get(tls) ?? issueCast(tls, TESTERS, tools.clock);
    issued.set(tls, cast);
    return cast;
  };
}

async function judge(
  one: EmbeddedMutant,
  castOf: (tls: boolean) => Promise<Cast>,
  { quick, signal }: MutantsOptions,
): Promise<MutantResult> {
  const cast = await castOf(one.tls);
  const startedAtMs = tools.clock.now();
  const target = await embedded({ cast, deviation: one.deviation }, tools);
  try {
    const { results, faults } = await runChecks({
      ...tools,
      target,
      checks: quick ? checks.filter(({ clause }) => one.expected.includes(clause)) : checks,
      signal: AbortSignal.any([signal]), // Its listeners go with this run.
      jobs: undefined,
      finished: () => undefined,
    });
    const failed = new Set(
      results.filter(({ verdict }) => verdict === 'fail').map(({ clause }) => clause.id),
    );
    const foundBy = [...clauses.keys()].filter((id) => failed.has(id));
    const unfound = results.filter(({ clause }) => !failed.has(clause.id));
    return {
      mutant: one,
      foundBy,
      undecided: unfound.flatMap(({ clause, verdict, reason }) =>
        verdict === 'pass' ? [] : [`${clause.id}: ${verdict}, ${reason}`],
      ),
      judgeable: judgeableOn(target),
      faults,
      durationMs: tools.clock.now() - startedAtMs,
    };
  } finally {
    await target.close();
  }
}

/** The clauses with a check that can run on a target. */
function judgeableOn(target: Target): readonly ClauseId[] {
  const runnable = checks.filter((check) =>
    target.peers.some((peer) => whyNotRun(target, { check, peer }) === undefined),
  );
  return [...new Set(runnable.map(({ clause }) => clause))];
}
