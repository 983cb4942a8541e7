/** How many letters to insert, delete, replace or swap to make `b` of `a` (Damerau–Levenshtein, adjacent swaps only). */
function distance(a: string, b: string): number {
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(
        Math.min(
          (row[j - 1] ?? 0) + 1,
          (last[j] ?? 0) + 1,
          (last[j - 1] ?? 0) + (same ? 0 : 1),
          swapped ? (beforeLast[j - 2] ?? 0) + 1 : Infinity,
        ),
      );
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length] ?? 0;
}

/** The names nearest to a misspelt one, at most three; none if nothing is near. Case does not count. */
export function suggest(misspelt: string, names: Iterable<string>): readonly string[] {
  const wanted = misspelt.toLowerCase();
  const near = Math.max(1, Math.floor(wanted.length / 3));
  return [...names]
    .map((name) => ({ name, away: distance(wanted, name.toLowerCase()) }))
    .filter(({ away }) => away <= near)
    .sort((a, b) => a.away - b.away)
    .slice(0, 3)
    .map(({ name }) => name);
}

/** `unknown clause "CONN-7"; did you mean CONN-07?` */
export function unknownName(
  kind: string,
  misspelt: string,
  names: Iterable<string>,
  otherwise: string,
): string {
  const near = suggest(misspelt, names);
  const hint = near.length > 0 ? `did you mean ${near.join(', or ')}?` : otherwise;
  return `unknown ${kind} "${misspelt}"; ${hint}`;
}
