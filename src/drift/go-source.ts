/** Go source without comments, each run of white space one space or newline; texts and runes stay as they are. */
function withoutComments(source: string): string {
  return pieces(source)
    .map(({ kind, text }) => {
      if (kind === 'comment') return text.includes('\n') ? '\n' : ' ';
      return kind === 'code' ? text.replace(/[ \t\r]+/g, ' ') : text;
    })
    .join('')
    .replace(/ *\n\s*/g, '\n');
}

interface Piece {
  readonly kind: 'code' | 'comment' | 'literal';
  readonly text: string;
}

/** Comments, and the literals in which one could not begin. */
const special =
  /(?<comment>\/\/[^\n]*|\/\*[\s\S]*?\*\/)|(?<literal>"(?:\\.|[^"\\\n])*"|`[^`]*`|'(?:\\.|[^'\\\n])+')/g;

function pieces(source: string): readonly Piece[] {
  const found: Piece[] = [];
  let at = 0;
  for (const match of source.matchAll(special)) {
    if (match.index > at) found.push({ kind: 'code', text: source.slice(at, match.index) });
    found.push({ kind: match.groups?.['comment'] === undefined ? 'literal' : 'comment', text: match[0] });
    at = match.index + match[0].length;
  }
  if (at < source.length) found.push({ kind: 'code', text: source.slice(at) });
  return found;
}

/** A declaration at the top of a Go file. */
export interface Declaration {
  /** `send`, for a method also `connection.send`; all of a group. */
  readonly names: readonly string[];
  /** Without comments, and in one form where its meaning has several. */
  readonly text: string;
}

/** The declarations of a Go file, but its imports. Source that gofmt would not leave as it is may be read wrongly. */
export function declarations(source: string): readonly Declaration[] {
  const all: Declaration[] = [];
  let text = '';
  let depth = 0;
  const end = (): void => {
    const names = namesOf(text);
    if (names.length > 0) all.push({ names, text: inOneForm(text) });
    text = '';
  };
  for (const { kind, text: piece } of pieces(withoutComments(source))) {
    if (kind !== 'code') {
      text += piece;
      continue;
    }
    for (const character of piece) {
      text += character;
      if ('{(['.includes(character)) depth += 1;
      if ('})]'.includes(character)) depth -= 1;
      if (character === '\n' && depth === 0) end();
    }
  }
  end();
  return all;
}

/** What gofmt and linters may write either way: where lines break, a comma at the end of a list, brackets around a field. */
const inOneForm = (text: string): string =>
  text
    .trim()
    .replace(/&\(([\w.]+)\)/g, '&$1')
    .replace(/\n/g, ' ')
    .replace(/,? ([)}\]])/g, '$1')
    .replace(/([({[]) /g, '$1');

/** Whatever is declared by one text; nothing for an import or the package's name. */
function namesOf(text: string): readonly string[] {
  const [, receiver, method] = /^\s*func (?:\((?:\w+ )?\*?(\w+)(?:\[[^\]]*\])?\) )?(\w+)/.exec(text) ?? [];
  if (method !== undefined) return receiver === undefined ? [method] : [method, `${receiver}.${method}`];
  const [, group] = /^\s*(?:type|var|const) \(\n([\s\S]*)/.exec(text) ?? [];
  if (group !== undefined) return groupNames(group);
  const [, single] = /^\s*(?:type|var|const) (\w+)/.exec(text) ?? [];
  return single === undefined ? [] : [single];
}

/** The first word of each line of a group that is not inside of something. */
function groupNames(group: string): readonly string[] {
  const names: string[] = [];
  let depth = 0;
  for (const line of group.split('\n')) {
    const [name] = /^\w+/.exec(line) ?? [];
    if (depth === 0 && name !== undefined) names.push(name);
    depth += (line.match(/[{([]/g) ?? []).length;
    depth -= (line.match(/[})\]]/g) ?? []).length;
  }
  return names;
}

/** The declarations of a whole file, but its imports. */
export const textOfFile = (source: string): string =>
  declarations(source)
    .map(({ text }) => text)
    .join('\n');

/**
 * The text that a name stands for in a Go file: that of its declarations (several methods may bear one name), or else, for a
 * field or a local name, that of the declarations in which it occurs. Undefined where it does not.
 */
export function textOf(source: string, name: string): string | undefined {
  const all = declarations(source);
  const declared = all.filter(({ names }) => names.includes(name));
  const last = name.slice(name.lastIndexOf('.') + 1);
  const word = new RegExp(`\\b${last}\\b`);
  const found = declared.length > 0 ? declared : all.filter(({ text }) => word.test(text));
  return found.length === 0 ? undefined : found.map(({ text }) => text).join('\n');
}
