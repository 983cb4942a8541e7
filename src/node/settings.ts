/**
 * A peer's settings from core.yaml and CORE_PEER_* variables, as a Fabric peer reads them.
 *
 *     variable, if not empty ──► core.yaml, if not empty ──► code default      each: zero means the default, where Fabric says so
 */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse, YAMLParseError } from 'yaml';
import type { GossipSettings } from '../core';
import type { GrpcSettings } from '../transport';
import { SettingsError } from './settings-error';
import { checkSettings } from './settings-rules';
import {
  settingKeys,
  settingsTable,
  variableOf,
  type Setting,
  type SettingKey,
  type SettingValues,
} from './settings-table';
import { readValue, type Found } from './settings-values';

export interface SettingsSources {
  /** Path of a core.yaml; undefined: there is none. */
  readonly coreYaml?: string | undefined;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export interface PeerSettings {
  /** Every key of the table, by Fabric's name: `values['peer.gossip.pullInterval']`, in milliseconds. */
  readonly values: SettingValues;
  /** Keys and variables that look like gossip settings but are none, for the user to be told. */
  readonly unknown: readonly string[];
}

/** Reads and checks settings. Throws SettingsError. */
export function loadSettings(sources: SettingsSources): PeerSettings {
  const { values, unknown } = readSettings(sources);
  checkSettings(values);
  return { values, unknown };
}

/** Reads settings without checking whether a peer can run with them. Throws SettingsError UNREADABLE, INVALID. */
export function readSettings({ coreYaml, env = {} }: SettingsSources): PeerSettings {
  const file = coreYaml === undefined ? new Map<string, unknown>() : readCoreYaml(coreYaml);
  const folder = coreYaml === undefined ? resolve('.') : dirname(resolve(coreYaml));
  const find = (key: SettingKey): Found | undefined => {
    const variable = variableOf(key);
    const inEnv = env[variable];
    if (inEnv !== undefined && inEnv !== '') {
      return { value: inEnv, from: variable, folder };
    }
    const inFile = file.get(key.toLowerCase());
    return inFile === undefined || inFile === null || inFile === ''
      ? undefined
      : { value: inFile, from: coreYaml ?? '', folder };
  };
  return { values: valuesOf(find, folder), unknown: [...unknownKeys(file), ...unknownVariables(env)] };
}

function valuesOf(find: (key: SettingKey) => Found | undefined, folder: string): SettingValues {
  const values: Record<string, unknown> = {};
  for (const key of settingKeys) {
    const { kind, zeroIsDefault, fallback, fallbackTo }: Setting = settingsTable[key];
    const found = find(key);
    const value = found === undefined ? undefined : readValue(key, kind, found);
    if (value !== undefined && !(zeroIsDefault && value === 0)) {
      values[key] = value;
    } else if (fallbackTo !== undefined) {
      values[key] = Number(values[fallbackTo.key]) * fallbackTo.times;
    } else {
      values[key] = kind === 'path' && fallback !== '' ? resolve(folder, String(fallback)) : fallback;
    }
  }
  // The table gives each key the kind that its value was just read as.
  const read: unknown = values;
  return read as SettingValues;
}

/** The leaves of the file by their dotted keys in lower case: Fabric's keys do not heed case. */
function readCoreYaml(path: string): Map<string, unknown> {
  let document: unknown;
  try {
    document = parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const why = error instanceof YAMLParseError ? 'is no YAML' : 'cannot be read';
    throw new SettingsError('UNREADABLE', path, `${why}: ${String(error)}`, { cause: error });
  }
  const leaves = new Map<string, unknown>();
  const walk = (node: unknown, prefix: string): void => {
    if (typeof node !== 'object' || node === null || Array.isArray(node)) {
      leaves.set(prefix, node);
      return;
    }
    for (const [name, child] of Object.entries(node)) {
      walk(child, prefix === '' ? name.toLowerCase() : `${prefix}.${name.toLowerCase()}`);
    }
  };
  walk(document, '');
  return leaves;
}

const knownKeys = new Set(settingKeys.map((key) => key.toLowerCase()));
const unknownKeys = (file: ReadonlyMap<string, unknown>): string[] =>
  [...file.keys()].filter((key) => key.startsWith('peer.gossip.') && !knownKeys.has(key));

const knownVariables = new Set(settingKeys.map(variableOf));
const unknownVariables = (env: Readonly<Record<string, string | undefined>>): string[] =>
  Object.keys(env).filter((name) => name.startsWith('CORE_PEER_GOSSIP_') && !knownVariables.has(name));

/** What the gossip machines need of it. */
export const gossipSettingsOf = (values: SettingValues): GossipSettings => ({
  internalEndpoint: values['peer.gossip.endpoint'] || values['peer.address'],
  externalEndpoint: values['peer.gossip.externalEndpoint'],
  bootstrap: values['peer.gossip.bootstrap'],
  aliveTimeIntervalMs: values['peer.gossip.aliveTimeInterval'],
  aliveExpirationTimeoutMs: values['peer.gossip.aliveExpirationTimeout'],
  reconnectIntervalMs: values['peer.gossip.reconnectInterval'],
  maxConnectionAttempts: values['peer.gossip.maxConnectionAttempts'],
  msgExpirationFactor: values['peer.gossip.msgExpirationFactor'],
  publishCertPeriodMs: values['peer.gossip.publishCertPeriod'],
  pullIntervalMs: values['peer.gossip.pullInterval'],
  pullPeerNum: values['peer.gossip.pullPeerNum'],
  digestWaitTimeMs: values['peer.gossip.digestWaitTime'],
  requestWaitTimeMs: values['peer.gossip.requestWaitTime'],
  responseWaitTimeMs: values['peer.gossip.responseWaitTime'],
  propagateIterations: values['peer.gossip.propagateIterations'],
  propagatePeerNum: values['peer.gossip.propagatePeerNum'],
  maxPropagationBurstSize: values['peer.gossip.maxPropagationBurstSize'],
  maxPropagationBurstLatencyMs: values['peer.gossip.maxPropagationBurstLatency'],
  dialTimeoutMs: values['peer.gossip.dialTimeout'],
  connTimeoutMs: values['peer.gossip.connTimeout'],
  sendBuffSize: values['peer.gossip.sendBuffSize'],
  publishStateInfoIntervalMs: values['peer.gossip.publishStateInfoInterval'],
  requestStateInfoIntervalMs: values['peer.gossip.requestStateInfoInterval'],
  maxBlockCountToStore: values['peer.gossip.maxBlockCountToStore'],
  stateEnabled: values['peer.gossip.state.enabled'],
  stateCheckIntervalMs: values['peer.gossip.state.checkInterval'],
  stateResponseTimeoutMs: values['peer.gossip.state.responseTimeout'],
  stateBatchSize: values['peer.gossip.state.batchSize'],
  stateMaxRetries: values['peer.gossip.state.maxRetries'],
  stateBlockBufferSize: values['peer.gossip.state.blockBufferSize'],
  stateChannelSize: values['peer.gossip.state.channelSize'],
  useLeaderElection: values['peer.gossip.useLeaderElection'],
  electionStartupGracePeriodMs: values['peer.gossip.election.startupGracePeriod'],
  electionMembershipSampleIntervalMs: values['peer.gossip.election.membershipSampleInterval'],
  electionLeaderAliveThresholdMs: values['peer.gossip.election.leaderAliveThreshold'],
  electionLeaderElectionDurationMs: values['peer.gossip.election.leaderElectionDuration'],
});

/** What the transport needs of it. */
export const grpcSettingsOf = (values: SettingValues): Partial<GrpcSettings> => ({
  sendBuffSize: values['peer.gossip.sendBuffSize'],
  maxRecvMsgSizeBytes: values['peer.maxRecvMsgSize'],
  maxSendMsgSizeBytes: values['peer.maxSendMsgSize'],
  connectionTimeoutMs: values['peer.connectiontimeout'],
  serverKeepaliveIntervalMs: values['peer.keepalive.interval'],
  serverKeepaliveTimeoutMs: values['peer.keepalive.timeout'],
  serverKeepaliveMinIntervalMs: values['peer.keepalive.minInterval'],
  clientKeepaliveIntervalMs: values['peer.keepalive.client.interval'],
  clientKeepaliveTimeoutMs: values['peer.keepalive.client.timeout'],
});
