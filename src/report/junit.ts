import { create } from 'xmlbuilder2';
import type { XMLBuilder } from 'xmlbuilder2/lib/interfaces';
import { deviationText, staleDeviations } from './baseline';
import { addProperties, addTestCase, counters, seconds, testCases } from './junit-case';
import type { RunResult } from './model';
import { tooLittleText } from './summary';
import { oneLine, printable } from './text';
import type { VersionOutcome } from './versions';
import { conclude } from './verdict';

/** Something wrong that is of no clause: a test case of its own. */
interface Trouble {
  readonly suite: string;
  readonly name: string;
  readonly element: 'failure' | 'error';
  readonly type: string;
  readonly text: string;
}

/**
 * The run as JUnit XML: a suite for each area of the specification, a test case for each clause and peer; and suites of what
 * the gate does not put up with, and of faults of this program itself, where there are any.
 */
export const junitReport = (run: RunResult): string => report([run], [], () => '');

/** Several versions as JUnit XML: the suites of each, and one error for each whose network did not come up. */
export function versionsJunit(versions: readonly VersionOutcome[]): string {
  const reached = versions.flatMap(({ run }) => run ?? []);
  const missed = versions.flatMap(({ label, noNetwork }): readonly Trouble[] =>
    noNetwork === undefined
      ? []
      : [
          {
            suite: `no network [${label}]`,
            name: 'the network comes up',
            element: 'error',
            type: 'network',
            text: noNetwork,
          },
        ],
  );
  const labels = new Map(versions.map(({ label, run }) => [run, ` [${label}]`]));
  return report(reached, missed, (run) => labels.get(run) ?? '');
}

/** `suffixOf`: what tells suites of one run from those of others. */
function report(
  runs: readonly RunResult[],
  missed: readonly Trouble[],
  suffixOf: (run: RunResult) => string,
): string {
  const cases = runs.flatMap(({ results }) => testCases(results));
  const troubles = [...runs.flatMap((run) => troublesOf(run, suffixOf(run))), ...missed];
  const [first] = runs;
  const root = create({ version: '1.0', encoding: 'UTF-8' }).ele('testsuites', {
    name: first === undefined ? '' : `${first.tool.name} ${first.tool.version}`,
    ...counters(cases, troubles),
    time: seconds(runs.reduce((sum, { durationMs }) => sum + durationMs, 0)),
    timestamp: first?.startedAt ?? '',
  });
  for (const run of runs) addRun(root, run, suffixOf(run));
  for (const suite of new Set(troubles.map((one) => one.suite))) {
    addTroubles(
      root,
      suite,
      troubles.filter((one) => one.suite === suite),
    );
  }
  return `${root.end({ prettyPrint: true })}\n`;
}

function addRun(root: XMLBuilder, run: RunResult, suffix: string): void {
  const { target, startedAt, command, seed } = run;
  const cases = testCases(run.results);
  const properties = {
    conclusion: conclude(run),
    target: `${target.kind}: ${target.description}`,
    fabricPeerTested: String(target.real),
    ...(target.fabricVersion === undefined ? {} : { fabricVersion: target.fabricVersion }),
    command,
    ...(seed === undefined ? {} : { seed: String(seed) }),
  };
  for (const area of new Set(cases.map((one) => one.results[0].clause.area))) {
    const ofArea = cases.filter((one) => one.results[0].clause.area === area);
    const time = ofArea.flatMap((one) => one.results).reduce((sum, result) => sum + result.durationMs, 0);
    const suite = root.ele('testsuite', {
      name: area + suffix,
      ...counters(ofArea),
      time: seconds(time),
      timestamp: startedAt,
    });
    addProperties(suite, properties);
    for (const one of ofArea) addTestCase(suite, one);
  }
}

function troublesOf(run: RunResult, suffix: string): readonly Trouble[] {
  const { tool, gate, harnessErrors, inputFaults = [] } = run;
  return [
    ...staleDeviations(gate).map((one): Trouble => ({
      suite: `the gate${suffix}`,
      name: `the baseline holds for ${one.deviation.clause}`,
      element: 'failure',
      type: 'baseline',
      text: deviationText(one),
    })),
    ...tooLittleText(run).map((text): Trouble => ({
      suite: `the gate${suffix}`,
      name: 'enough clauses are judged',
      element: 'error',
      type: 'too little',
      text,
    })),
    ...inputFaults.map((text, i): Trouble => ({
      suite: `the recording${suffix}`,
      name: `fault ${i + 1} of the recording`,
      element: 'error',
      type: 'input',
      text,
    })),
    ...harnessErrors.map((text, i): Trouble => ({
      suite: tool.name + suffix,
      name: `fault ${i + 1} of our own`,
      element: 'error',
      type: 'fault',
      text,
    })),
  ];
}

function addTroubles(root: XMLBuilder, name: string, troubles: readonly Trouble[]): void {
  const suite = root.ele('testsuite', { name, ...counters([], troubles) });
  for (const { name: title, element, type, text } of troubles) {
    suite
      .ele('testcase', { classname: name, name: title })
      .ele(element, { message: oneLine(text), type })
      .txt(printable(text));
  }
}
