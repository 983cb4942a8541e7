import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { UsageError } from '../../run-types';
import { unknownName } from '../../suggest';
import type { DescribedNetwork } from './network-description';

const KEYS = ['peers', 'testers', 'issuers', 'channel', 'listen', 'tls', 'coreYaml', 'timing', 'versions'];

/**
 * Reads a profile of a network that is up: YAML, its keys and an example are in the README. Paths in it are relative to
 * its folder. Throws a UsageError that names the key.
 */
export function readProfile(path: string): DescribedNetwork {
  const fail = (key: string, what: string): never => {
    throw new UsageError(`${path}: ${key} ${what}`);
  };
  const root = asMap(load(path), () => fail('it', 'must be a map of keys, such as peers and testers'));
  const unknown = Object.keys(root).find((key) => !KEYS.includes(key));
  if (unknown !== undefined)
    throw new UsageError(`${path}: ${unknownName('key', unknown, KEYS, KEYS.join(', '))}`);

  const text = (value: unknown, key: string): string =>
    typeof value === 'string' && value !== '' ? value : fail(key, 'must be text; put quotes around a number');
  const optionalText = (key: string): string | undefined =>
    root[key] === undefined ? undefined : text(root[key], key);
  const list = (key: string): readonly (readonly [unknown, string])[] => {
    const value = root[key] ?? [];
    if (!Array.isArray(value)) return fail(key, 'must be a list');
    return value.map((item: unknown, i) => [item, `${key}[${i}]`] as const);
  };
  const pathFrom = (value: unknown, key: string): string => resolve(dirname(path), text(value, key));

  const peers = list('peers').map(([value, key]) => {
    const endpoint = text(value, key);
    return /^\S+:\d{1,5}$/.test(endpoint) ? endpoint : fail(key, `"${endpoint}" is no host:port`);
  });
  if (peers.length === 0) fail('peers', 'must name at least one host:port');
  const testers = list('testers').map(([value, key]) => {
    if (typeof value === 'string') return { mspId: undefined, dir: pathFrom(value, key) };
    const { dir, mspId, ...rest } = asMap(value, () =>
      fail(key, 'must be a folder, or a map of mspId and dir'),
    );
    const [stray] = Object.keys(rest);
    if (stray !== undefined) fail(`${key}.${stray}`, 'is unknown; a tester has mspId and dir');
    return {
      mspId: mspId === undefined ? undefined : text(mspId, `${key}.mspId`),
      dir: pathFrom(dir, `${key}.dir`),
    };
  });
  const { tls = true, timing = {}, coreYaml } = root;
  const timers = Object.entries(
    asMap(timing, () => fail('timing', 'must be a map, such as pullInterval: 1s')),
  );
  const versions = list('versions').map(([value, key]) => text(value, key));
  return {
    peers,
    testers,
    issuers: list('issuers').map(([value, key]) => pathFrom(value, key)),
    channel: optionalText('channel'),
    listen: optionalText('listen'),
    tls: typeof tls === 'boolean' ? tls : fail('tls', 'must be true or false'),
    timing: {
      coreYaml: coreYaml === undefined ? undefined : pathFrom(coreYaml, 'coreYaml'),
      overrides: Object.fromEntries(timers.map(([key, value]) => [key, text(value, `timing.${key}`)])),
    },
    fabricVersion: versions.length === 0 ? undefined : versions.join(' and '),
  };
}

function load(path: string): unknown {
  try {
    return parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const [why = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw new UsageError(`${path} cannot be read: ${why}`, { cause: error });
  }
}

function asMap(value: unknown, otherwise: () => never): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return otherwise();
  return Object.fromEntries(Object.entries(value));
}
