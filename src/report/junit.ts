import { create } from 'xmlbuilder2';
import type { XMLBuilder } from 'xmlbuilder2/lib/interfaces';
import type { CheckResult, RunResult, Verdict } from './model';
import { failureText } from './summary';
import { oneLine, printable } from './text';
import type { VersionOutcome } from './versions';
import { conclude, outcomes, worst } from './verdict';

/** A clause on one peer: JUnit's unit of counting. */
interface TestCase {
  readonly results: readonly [CheckResult, ...CheckResult[]];
  readonly verdict: Verdict;
}

const columns = 100;

function testCases(results: readonly CheckResult[]): readonly TestCase[] {
  return outcomes(results).flatMap((outcome) => {
    const byPeer = new Map<string, [CheckResult, ...CheckResult[]]>();
    for (const result of outcome.results) {
      const known = byPeer.get(result.peer);
      if (known === undefined) byPeer.set(result.peer, [result]);
      else known.push(result);
    }
    return [...byPeer.values()].map((all) => ({
      results: all,
      verdict: worst(all.map(({ verdict }) => verdict)),
    }));
  });
}

const count = (cases: readonly TestCase[], verdict: Verdict): number =>
  cases.filter((one) => one.verdict === verdict).length;

const seconds = (ms: number): string => (ms / 1000).toFixed(3);

/** JUnit's counters; what is inconclusive is an error, what was not run is skipped. */
const counters = (cases: readonly TestCase[]): Record<string, string> => ({
  tests: String(cases.length),
  failures: String(count(cases, 'fail')),
  errors: String(count(cases, 'inconclusive')),
  skipped: String(count(cases, 'not-run')),
});

function addProperties(parent: XMLBuilder, properties: Readonly<Record<string, string>>): void {
  const list = parent.ele('properties');
  for (const [name, value] of Object.entries(properties))
    list.ele('property', { name, value: oneLine(value) });
}

/** The element that says how a case ended, unless it passed; only what ended as badly as the case itself. */
function addOutcome(element: XMLBuilder, { results, verdict }: TestCase): void {
  const told = results.filter((result) => result.verdict === verdict);
  const message = oneLine([...new Set(told.map(({ reason }) => reason))].join('; '));
  switch (verdict) {
    case 'pass':
      return;
    case 'fail':
      element
        .ele('failure', { message, type: 'violation' })
        .txt(told.map((result) => failureText(result, columns).join('\n')).join('\n\n'));
      return;
    case 'inconclusive':
      element
        .ele('error', { message, type: 'inconclusive' })
        .txt(told.map((result) => failureText(result, columns).join('\n')).join('\n\n'));
      return;
    case 'not-run':
      element.ele('skipped', { message });
      return;
  }
}

function addTestCase(suite: XMLBuilder, testCase: TestCase): void {
  const { results } = testCase;
  const { clause, peer } = results[0];
  const element = suite.ele('testcase', {
    classname: oneLine(`${clause.area}.${peer}`),
    name: `${clause.id} ${oneLine(results.map(({ title }) => title).join('; '))}`,
    time: seconds(results.reduce((sum, { durationMs }) => sum + durationMs, 0)),
  });
  addProperties(element, { clause: clause.id, level: clause.level, source: clause.source, peer });
  addOutcome(element, testCase);
}

/**
 * The run as JUnit XML: a suite for each area of the specification, a test case for each clause and peer, and, if this
 * program itself had faults, a suite of those.
 */
export const junitReport = (run: RunResult): string => report([run], [], () => '');

/** Several versions as JUnit XML: the suites of each, and one error for each whose network did not come up. */
export function versionsJunit(versions: readonly VersionOutcome[]): string {
  const reached = versions.flatMap(({ run }) => run ?? []);
  const missed = versions.flatMap(({ label, noNetwork }) =>
    noNetwork === undefined ? [] : [{ label, noNetwork }],
  );
  const labels = new Map(versions.map(({ label, run }) => [run, ` [${label}]`]));
  return report(reached, missed, (run) => labels.get(run) ?? '');
}

interface Missed {
  readonly label: string;
  readonly noNetwork: string;
}

/** `suffixOf`: what tells suites of one run from those of others. */
function report(
  runs: readonly RunResult[],
  missed: readonly Missed[],
  suffixOf: (run: RunResult) => string,
): string {
  const cases = runs.flatMap(({ results }) => testCases(results));
  const faults = runs.flatMap(({ harnessErrors }) => harnessErrors).length + missed.length;
  const [first] = runs;
  const root = create({ version: '1.0', encoding: 'UTF-8' }).ele('testsuites', {
    name: first === undefined ? '' : `${first.tool.name} ${first.tool.version}`,
    ...counters(cases),
    tests: String(cases.length + faults),
    errors: String(count(cases, 'inconclusive') + faults),
    time: seconds(runs.reduce((sum, { durationMs }) => sum + durationMs, 0)),
    timestamp: first?.startedAt ?? '',
  });
  for (const run of runs) addRun(root, run, suffixOf(run));
  for (const { label, noNetwork } of missed) {
    const name = `no network [${label}]`;
    const suite = root.ele('testsuite', { name, tests: '1', failures: '0', errors: '1', skipped: '0' });
    const element = suite.ele('testcase', { classname: name, name: 'the network comes up' });
    element.ele('error', { message: oneLine(noNetwork), type: 'network' });
  }
  return `${root.end({ prettyPrint: true })}\n`;
}

function addRun(root: XMLBuilder, run: RunResult, suffix: string): void {
  const { tool, target, results, harnessErrors, startedAt, command } = run;
  const cases = testCases(results);
  const properties = {
    conclusion: conclude(run),
    target: `${target.kind}: ${target.description}`,
    fabricPeerTested: String(target.real),
    ...(target.fabricVersion === undefined ? {} : { fabricVersion: target.fabricVersion }),
    command,
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
  if (harnessErrors.length > 0) {
    const tests = String(harnessErrors.length);
    const suite = root.ele('testsuite', {
      name: tool.name + suffix,
      tests,
      failures: '0',
      errors: tests,
      skipped: '0',
    });
    harnessErrors.forEach((error, i) => {
      const element = suite.ele('testcase', { classname: tool.name, name: `fault ${i + 1} of our own` });
      element.ele('error', { message: oneLine(error), type: 'fault' }).txt(printable(error));
    });
  }
}
