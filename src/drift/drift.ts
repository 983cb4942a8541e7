import { parseCites, placeText, type Place } from './cite';
import { textOf, textOfFile } from './go-source';
import type { Revision } from './revision';

/** Something that rests on places in Fabric's sources. */
export interface Citing {
  readonly id: string;
  readonly source: string;
}

/** What became of a place: `new`, `unknown`: it was not there, or is in neither. */
export type Fate = 'same' | 'changed' | 'gone' | 'new' | 'unknown';

export interface PlaceDrift {
  /** `gossip/comm/conn.go send` */
  readonly place: string;
  readonly fate: Fate;
  /** Where a function that is gone from its file is declared now. */
  readonly nowIn: readonly string[];
  /** Who cites it. */
  readonly ids: readonly string[];
}

export interface Drift {
  /** In the order in which they are cited. */
  readonly places: readonly PlaceDrift[];
  /** What is cited that is not in Fabric's sources. */
  readonly elsewhere: readonly { readonly text: string; readonly ids: readonly string[] }[];
}

/** What is cited, and by whom. */
function gather<T>(pairs: readonly (readonly [key: string, id: string, value: T])[]): readonly {
  readonly key: string;
  readonly value: T;
  readonly ids: readonly string[];
}[] {
  const found = new Map<string, { readonly value: T; readonly ids: Set<string> }>();
  for (const [key, id, value] of pairs) {
    const known = found.get(key) ?? { value, ids: new Set<string>() };
    known.ids.add(id);
    found.set(key, known);
  }
  return [...found].map(([key, { value, ids }]) => ({ key, value, ids: [...ids] }));
}

/** The texts of every place in one revision; undefined for one that is not there. */
function textsIn(revision: Revision, places: readonly Place[]): (place: Place) => string | undefined {
  const folders = new Map(
    [...new Set(places.map(({ path }) => path))]
      .filter((path) => !/\.\w+$/.test(path))
      .map((path) => [path, revision.goFiles(path)]),
  );
  const files = revision.files([...new Set(places.flatMap(({ path }) => folders.get(path) ?? [path]))]);
  return ({ path, name }) => {
    const members = folders.get(path);
    if (members !== undefined) {
      if (members.length === 0) return undefined;
      return members.map((file) => `${file}\n${plain(file, files.get(file) ?? '')}`).join('\n');
    }
    const text = files.get(path);
    if (text === undefined) return undefined;
    return name === undefined ? plain(path, text) : textOf(text, name);
  };
}

/** A file without its comments, as far as its kind is known. */
function plain(path: string, text: string): string {
  if (path.endsWith('.go')) return textOfFile(text);
  if (!/\.ya?ml$/.test(path)) return text;
  return text.replace(/(^|\s)#[^\n]*/g, '').replace(/\s*\n/g, '\n');
}

function fateOf(before: string | undefined, after: string | undefined): Fate {
  if (before === undefined) return after === undefined ? 'unknown' : 'new';
  if (after === undefined) return 'gone';
  return before === after ? 'same' : 'changed';
}

/** Compares every place that is cited in two revisions. What changed in comments and white space alone is the same. */
export function compare(citing: readonly Citing[], from: Revision, to: Revision): Drift {
  const cites = citing.map(({ id, source }) => ({ id, ...parseCites(source) }));
  const cited = gather(
    cites.flatMap(({ id, places }) => places.map((place) => [placeText(place), id, place] as const)),
  );
  const elsewhere = gather(
    cites.flatMap(({ id, elsewhere: texts }) => texts.map((text) => [text, id, text] as const)),
  );
  const all = cited.map(({ value }) => value);
  const [before, after] = [textsIn(from, all), textsIn(to, all)];
  return {
    places: cited.map(({ key, value, ids }) => {
      const fate = fateOf(before(value), after(value));
      const nowIn = fate === 'gone' && value.name !== undefined ? to.declaring(value.name) : [];
      return { place: key, fate, nowIn, ids };
    }),
    elsewhere: elsewhere.map(({ key, ids }) => ({ text: key, ids })),
  };
}
