import { readFileSync } from 'node:fs';
import { parse, YAMLParseError } from 'yaml';
import { resolveClause } from '../../conformance/selection';
import { UsageError } from '../../conformance/run-types';
import type { Baseline } from '../report/baseline';
import type { KnownDeviation } from '../report/model';
import { parseVersionRange } from '../report/version-range';

const required = ['clause', 'version', 'failure', 'reason', 'link', 'expires'] as const;
const optional = ['peer', 'check'] as const;
const known: readonly string[] = [...required, ...optional];

type Field = (typeof required)[number] | (typeof optional)[number];

/** Reads known deviations. Throws a UsageError that names the file and the key which is wrong. */
export function readBaseline(file: string): Baseline {
  const root = parseYaml(file);
  const wrong = complainer(file);
  if (!isMapping(root)) throw wrong('deviations', 'is missing');
  const stray = Object.keys(root).find((key) => key !== 'deviations');
  if (stray !== undefined) throw wrong(stray, 'is no key of a baseline; the only one is deviations');
  const { deviations } = root;
  if (!Array.isArray(deviations)) throw wrong('deviations', 'must be a list');
  const read = deviations.map((entry: unknown, i) => readEntry(entry, `deviations[${i}]`, wrong));
  const seen = new Map<string, number>();
  read.forEach((one, i) => {
    const { clause, version, peer, check, failure } = one;
    const key = JSON.stringify([clause, version, peer, check, failure]);
    const first = seen.get(key);
    if (first !== undefined) throw wrong(`deviations[${i}]`, `says the same as deviations[${first}]`);
    seen.set(key, i);
  });
  return { file, deviations: read };
}

function parseYaml(file: string): unknown {
  try {
    return parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const what =
      error instanceof YAMLParseError
        ? `the baseline ${file} is no YAML`
        : `cannot read the baseline ${file}`;
    throw new UsageError(`${what}: ${why}`, { cause: error });
  }
}

type Complainer = (key: string, what: string) => UsageError;

const complainer =
  (file: string): Complainer =>
  (key, what) =>
    new UsageError(`${file}: ${key}: ${what}`);

const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function readEntry(entry: unknown, at: string, wrong: Complainer): KnownDeviation {
  if (!isMapping(entry)) throw wrong(at, 'must have keys and values');
  const stray = Object.keys(entry).find((key) => !known.includes(key));
  if (stray !== undefined)
    throw wrong(`${at}.${stray}`, `is no key of an entry; those are ${known.join(', ')}`);
  const textOf = (field: Field): string | undefined => {
    const value = entry[field];
    if (value === undefined || value === null) return undefined;
    // To YAML 2.10 is the number 2.1.
    if (typeof value !== 'string') throw wrong(`${at}.${field}`, 'must be text: put it in quotes');
    if (value.trim() === '') throw wrong(`${at}.${field}`, 'is empty');
    return value.trim();
  };
  const demand = (field: (typeof required)[number]): string => {
    const text = textOf(field);
    if (text === undefined) throw wrong(`${at}.${field}`, 'is missing');
    return text;
  };
  const deviation: KnownDeviation = {
    clause: clauseAt(`${at}.clause`, demand('clause'), wrong),
    version: demand('version'),
    peer: textOf('peer'),
    check: textOf('check'),
    failure: demand('failure'),
    reason: demand('reason'),
    link: demand('link'),
    expires: demand('expires'),
  };
  if (parseVersionRange(deviation.version) === undefined) {
    throw wrong(
      `${at}.version`,
      `"${deviation.version}" is no version or range, such as 2.5.16, 2.5.x, ">=2.5.11 <3" or any`,
    );
  }
  if (!/^https?:\/\/\S+$/.test(deviation.link)) {
    throw wrong(`${at}.link`, `"${deviation.link}" is no http or https address`);
  }
  if (!isDay(deviation.expires)) {
    throw wrong(`${at}.expires`, `"${deviation.expires}" is no date, such as 2027-03-31`);
  }
  return deviation;
}

function clauseAt(key: string, text: string, wrong: Complainer): string {
  try {
    return resolveClause(text);
  } catch (error) {
    throw wrong(key, error instanceof Error ? error.message : String(error));
  }
}

/** Whether a text is a day of the calendar: `2027-03-31`. */
function isDay(text: string): boolean {
  const [, year, month, day] = (/^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? []).map(Number);
  if (year === undefined || month === undefined || day === undefined) return false;
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
  return day >= 1 && day <= days;
}
