import { systemClock, systemRandom } from '../../src/node';
import { checks } from '../checks';
import { clauses, type ClauseId } from '../clauses';
import { GrpcLines } from '../harness/grpc-lines';
import { runChecks } from '../harness/run-checks';
import { whyNotRun } from '../harness/scheduler';
import { embedded } from '../harness/targets/embedded';
import type { Target } from '../harness/target';
import { UsageError, type Mutant, type MutantResult, type MutantsOptions } from '../run-types';
import { unknownName } from '../suggest';
import { mutants } from './index';
import type { EmbeddedMutant } from './mutant';

/** Mutants whose networks are up at once. More would upset one another: a late timer looks like a broken rule. */
const SIDE_BY_SIDE = 4;
/** Testers of each organisation for one mutant. */
const TESTERS = 6;

export const listMutants = (): readonly Mutant[] => mutants;

/** Judges mutants, a few side by side, each on a network of its own. */
export async function runMutants(options: MutantsOptions): Promise<readonly MutantResult[]> {
  const { signal, finished } = options;
  const waiting = [...named(options.only)];
  const results = new Map<string, MutantResult>();
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      signal.throwIfAborted();
      const result = await judge(next, options);
      results.set(next.name, result);
      finished(result);
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
  return mutants.flatMap(({ name }) => results.get(name) ?? []);
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

async function judge(one: EmbeddedMutant, { quick, signal }: MutantsOptions): Promise<MutantResult> {
  const clock = systemClock;
  const startedAtMs = clock.now();
  const tools = { clock, random: systemRandom };
  const target = await embedded({ tls: one.tls, deviation: one.deviation, testers: TESTERS }, tools);
  try {
    const { results, faults } = await runChecks({
      ...tools,
      target,
      checks: quick ? checks.filter(({ clause }) => one.expected.includes(clause)) : checks,
      lines: new GrpcLines(clock),
      signal,
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
      durationMs: clock.now() - startedAtMs,
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
