import type { XMLBuilder } from 'xmlbuilder2/lib/interfaces';
import { deviationText } from './baseline';
import type { CheckResult, Verdict } from './model';
import { waitsText } from './sections';
import { failureText } from './summary';
import { oneLine } from './text';
import { outcomes, worst } from './verdict';

/** A clause on one peer: JUnit's unit of counting. */
export interface TestCase {
  readonly results: readonly [CheckResult, ...CheckResult[]];
  readonly verdict: Verdict;
}

const columns = 100;

/** A run's results by clause and peer. */
export function testCases(results: readonly CheckResult[]): readonly TestCase[] {
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

/** JUnit's times are in seconds. */
export const seconds = (ms: number): string => (ms / 1000).toFixed(3);

/** JUnit's counters; what is inconclusive is an error, what was not run, or is known to deviate, is skipped. */
export function counters(
  cases: readonly TestCase[],
  others: readonly { readonly element: 'failure' | 'error' }[] = [],
): Record<string, string> {
  const count = (...verdicts: readonly Verdict[]): number =>
    cases.filter(({ verdict }) => verdicts.includes(verdict)).length;
  const of = (wanted: 'failure' | 'error'): number =>
    others.filter(({ element }) => element === wanted).length;
  return {
    tests: String(cases.length + others.length),
    failures: String(count('fail') + of('failure')),
    errors: String(count('inconclusive') + of('error')),
    skipped: String(count('not-run', 'known-deviation')),
  };
}

/** Properties of a suite or a case. */
export function addProperties(parent: XMLBuilder, properties: Readonly<Record<string, string>>): void {
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
    case 'known-deviation':
      element.ele('skipped', { message: `known deviation: ${message}` });
      return;
    case 'not-run':
      element.ele('skipped', { message });
      return;
  }
}

/** A property, unless there is nothing to tell. */
const told = (name: string, texts: readonly string[]): Readonly<Record<string, string>> =>
  texts.length === 0 ? {} : { [name]: [...new Set(texts)].join('; ') };

/** `5 gaps between rounds, at least 4 needed` */
const observedText = ({ observed }: CheckResult): readonly string[] =>
  observed === undefined ? [] : [`${observed.seen} ${observed.what}, at least ${observed.needed} needed`];

/** A test case, with the clause's source and what else is known of it as properties. */
export function addTestCase(suite: XMLBuilder, testCase: TestCase): void {
  const { results } = testCase;
  const { clause, peer } = results[0];
  const element = suite.ele('testcase', {
    classname: oneLine(`${clause.area}.${peer}`),
    name: `${clause.id} ${oneLine(results.map(({ title }) => title).join('; '))}`,
    time: seconds(results.reduce((sum, { durationMs }) => sum + durationMs, 0)),
  });
  addProperties(element, {
    clause: clause.id,
    level: clause.level,
    source: clause.source,
    peer,
    ...told(
      'waitedFor',
      results.flatMap(({ waits }) => (waits === undefined ? [] : waitsText(waits))),
    ),
    ...told('observed', results.flatMap(observedText)),
    ...told(
      'judgedAgain',
      results.flatMap(({ attempts = [] }) => attempts.map(({ because, reason }) => `${because} (${reason})`)),
    ),
    ...told(
      'baseline',
      results.flatMap(({ listed }) => (listed === undefined ? [] : deviationText({ ...listed, peer }))),
    ),
  });
  addOutcome(element, testCase);
}
