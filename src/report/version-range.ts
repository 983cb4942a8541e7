/** Major, minor and patch level. */
type Release = readonly [number, number, number];

type Operator = '>=' | '>' | '<=' | '<' | '=';

interface Bound {
  readonly operator: Operator;
  /** As many parts as were given: `2.5` stands for all of its patch levels. */
  readonly parts: readonly number[];
}

/** Versions that a text stands for: alternatives, each of bounds that must all hold; none: any version, known or not. */
export interface VersionRange {
  readonly alternatives: readonly (readonly Bound[])[];
}

const bound = /^(>=|<=|>|<|=)?v?(\d+(?:\.\d+){0,2})(?:\.x)?$/;

function parseBound(text: string): Bound | undefined {
  const [, operator = '=', digits] = bound.exec(text) ?? [];
  if (digits === undefined) return undefined;
  return { operator: operator as Operator, parts: digits.split('.').map(Number) };
}

/**
 * Reads `any`, `2.5.16`, `2.5` or `2.5.x` (all of its patch levels), `>=2.5.11 <3` (all must hold), and alternatives
 * separated by `||`. Undefined for anything else.
 */
export function parseVersionRange(text: string): VersionRange | undefined {
  if (text.trim() === 'any') return { alternatives: [] };
  const alternatives: Bound[][] = [];
  for (const alternative of text.split('||')) {
    const bounds = alternative
      .trim()
      .split(/\s+/)
      .map((one) => parseBound(one));
    const known = bounds.filter((one) => one !== undefined);
    if (known.length !== bounds.length) return undefined;
    alternatives.push(known);
  }
  return { alternatives };
}

/** The release that a version such as `2.5.16`, `v3.1` or `2.5.16-snapshot-1` is of; undefined if it is no such text. */
function releaseOf(version: string): Release | undefined {
  const [, major, minor, patch = '0'] = /^v?(\d+)\.(\d+)(?:\.(\d+))?(?:[-+].*)?$/.exec(version.trim()) ?? [];
  return major === undefined || minor === undefined
    ? undefined
    : [Number(major), Number(minor), Number(patch)];
}

/** Compares as many parts as the bound has. */
function compare(release: Release, parts: readonly number[]): number {
  for (const [i, part] of parts.entries()) {
    const difference = (release[i] ?? 0) - part;
    if (difference !== 0) return difference;
  }
  return 0;
}

function holds(release: Release, { operator, parts }: Bound): boolean {
  const order = compare(release, parts);
  switch (operator) {
    case '=':
      return order === 0;
    case '>=':
      return order >= 0;
    case '>':
      return order > 0;
    case '<=':
      return order <= 0;
    case '<':
      return order < 0;
  }
}

/** Whether a version is in a range; `unknown` where that depends on the version and it is not known. */
export function isInRange({ alternatives }: VersionRange, version: string | undefined): boolean | 'unknown' {
  if (alternatives.length === 0) return true;
  const release = version === undefined ? undefined : releaseOf(version);
  if (release === undefined) return 'unknown';
  return alternatives.some((bounds) => bounds.every((one) => holds(release, one)));
}
