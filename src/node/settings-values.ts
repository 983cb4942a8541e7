/** From what a file or a variable says to a value of the key's kind. */
import { resolve } from 'node:path';
import { parseGoDuration } from './go-duration';
import { SettingsError } from './settings-error';
import type { Kind, KindValues, SettingKey } from './settings-table';

/** Where a value came from: a variable has text only; a file has what YAML makes of it. */
export interface Found {
  readonly value: unknown;
  /** For messages: `CORE_PEER_ADDRESS`, or the file. */
  readonly from: string;
  /** What relative paths are relative to. */
  readonly folder: string;
}

const TRUE = ['1', 't', 'T', 'TRUE', 'true', 'True'];
const FALSE = ['0', 'f', 'F', 'FALSE', 'false', 'False'];

const listOf = (value: unknown): readonly string[] | undefined => {
  if (Array.isArray(value)) {
    return value.every((each) => typeof each === 'string') ? value : undefined;
  }
  return typeof value === 'string' ? value.split(/\s+/).filter((word) => word !== '') : undefined;
};

const scalarText = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value).trim()
    : undefined;

/** Reads a value of one kind; undefined: it is none. */
const readers: { readonly [K in Kind]: (found: Found) => KindValues[K] | undefined } = {
  duration: ({ value }) => parseGoDuration(scalarText(value) ?? ''),
  integer: ({ value }) => {
    const text = scalarText(value) ?? '';
    return /^[+-]?\d+$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : undefined;
  },
  boolean: ({ value }) => {
    const text = scalarText(value) ?? '';
    return TRUE.includes(text) ? true : FALSE.includes(text) ? false : undefined;
  },
  text: ({ value }) => scalarText(value),
  list: ({ value }) => listOf(value),
  path: ({ value, folder }) => (typeof value === 'string' ? resolve(folder, value) : undefined),
  paths: ({ value, folder }) => listOf(value)?.map((each) => resolve(folder, each)),
};

const expectations: Readonly<Record<Kind, string>> = {
  duration: 'a duration such as 4s, 500ms or 1m30s',
  integer: 'a whole number',
  boolean: 'true or false',
  text: 'text',
  list: 'a list, or words separated by spaces',
  path: 'a path',
  paths: 'a list of paths, or paths separated by spaces',
};

/** Throws SettingsError INVALID for what is not of the kind. */
export function readValue<K extends Kind>(key: SettingKey, kind: K, found: Found): KindValues[K] {
  const value = readers[kind](found);
  if (value === undefined) {
    const said = JSON.stringify(found.value);
    throw new SettingsError('INVALID', key, `${said} (from ${found.from}) is not ${expectations[kind]}`);
  }
  return value;
}
