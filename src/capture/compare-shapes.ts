import type { KindShape, Shape } from './shape';

/** How two shapes differ in one thing. */
export interface Difference {
  readonly about: 'kind' | 'field' | 'sequence' | 'interval' | 'size';
  readonly what: string;
  /** In words; `–` where there is none. */
  readonly a: string;
  readonly b: string;
}

/** Rarer than this, something may be missing by chance. */
const RARE = 0.05;
/** A kind of which the other has less than this is told to be missing only if this one has more. */
const FEW = 3;
/** Intervals and sizes are alike within this factor. */
const ALIKE = 1.5;

const percent = (share: number | undefined): string =>
  share === undefined ? '–' : `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;

/** What differs between two recordings, by shape: kinds, fields present, what follows what, intervals, sizes. */
export function compareShapes(a: Shape, b: Shape): readonly Difference[] {
  const kinds = [...new Set([...a.kinds.keys(), ...b.kinds.keys()])].sort();
  return [
    ...kinds.flatMap((kind) => compareKind(kind, a.kinds.get(kind), b.kinds.get(kind))),
    ...compareShares('sequence', a.follows, b.follows, (pair) => {
      const first = `${pair.split(' > ')[0] ?? ''} > `;
      const told = (shape: Shape): boolean => [...shape.follows.keys()].some((key) => key.startsWith(first));
      return told(a) && told(b);
    }),
  ];
}

function compareKind(
  kind: string,
  a: KindShape | undefined,
  b: KindShape | undefined,
): readonly Difference[] {
  if (a === undefined || b === undefined) {
    const count = (shape: KindShape | undefined): string => (shape === undefined ? '–' : String(shape.count));
    return [{ about: 'kind', what: kind, a: count(a), b: count(b) }];
  }
  if (a.count < FEW || b.count < FEW) return [];
  const gaps: Difference[] =
    a.medianGapMs !== undefined && b.medianGapMs !== undefined && !areAlike(a.medianGapMs, b.medianGapMs)
      ? [
          {
            about: 'interval',
            what: kind,
            a: `${a.medianGapMs.toFixed(0)} ms`,
            b: `${b.medianGapMs.toFixed(0)} ms`,
          },
        ]
      : [];
  const sizes: Difference[] = areAlike(a.medianBytes, b.medianBytes)
    ? []
    : [{ about: 'size', what: kind, a: `${a.medianBytes} B`, b: `${b.medianBytes} B` }];
  return [
    ...compareShares('field', a.fields, b.fields, () => true).map((one) => ({
      ...one,
      what: `${kind}: ${one.what}`,
    })),
    ...gaps,
    ...sizes,
  ];
}

/** What one has often and the other never. */
function compareShares(
  about: 'field' | 'sequence',
  a: ReadonlyMap<string, number>,
  b: ReadonlyMap<string, number>,
  concerns: (name: string) => boolean,
): readonly Difference[] {
  return [...new Set([...a.keys(), ...b.keys()])]
    .sort()
    .filter((name) => concerns(name) && a.has(name) !== b.has(name))
    .filter((name) => (a.get(name) ?? b.get(name) ?? 0) >= RARE)
    .map((what) => ({ about, what, a: percent(a.get(what)), b: percent(b.get(what)) }));
}

const areAlike = (a: number, b: number): boolean => Math.max(a, b) <= Math.max(1, Math.min(a, b)) * ALIKE;
