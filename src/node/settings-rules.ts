/** What settings no peer can run with. */
import { formatGoDuration } from './go-duration';
import { SettingsError } from './settings-error';
import { settingKeys, settingsTable, type SettingKey, type SettingValues } from './settings-table';

/** Keys of durations that are zero or shorter than a timer can be. */
const SHORTEST_TIMER_MS = 1;

type DurationKey = {
  [K in SettingKey]: (typeof settingsTable)[K]['kind'] extends 'duration' ? K : never;
}[SettingKey];

/** Throws SettingsError IMPOSSIBLE for the first rule that is broken. */
export function checkSettings(values: SettingValues): void {
  for (const key of settingKeys) {
    checkNumber(key, values);
  }
  mustBeShorter(values, ['peer.gossip.digestWaitTime'], 'peer.gossip.requestWaitTime');
  mustBeShorter(
    values,
    ['peer.gossip.digestWaitTime', 'peer.gossip.responseWaitTime'],
    'peer.gossip.pullInterval',
  );
  mustBeShorter(values, ['peer.gossip.aliveTimeInterval'], 'peer.gossip.aliveExpirationTimeout');
  if (values['peer.gossip.useLeaderElection'] && values['peer.gossip.orgLeader']) {
    throw impossible(
      'peer.gossip.useLeaderElection',
      'is true, and so is peer.gossip.orgLeader: a leader is either elected or appointed',
    );
  }
  checkAddresses(values);
  if (values['peer.localMspId'] === '') {
    throw impossible('peer.localMspId', 'is not set: give the MSP-ID of the organisation, such as Org1MSP');
  }
  checkTls(values);
}

function checkNumber(key: SettingKey, values: SettingValues): void {
  const value = values[key];
  if (typeof value !== 'number') {
    return;
  }
  const isDuration = settingsTable[key].kind === 'duration';
  const said = isDuration ? formatGoDuration(value) : String(value);
  if (value < 0) {
    throw impossible(key, `${said} is negative`);
  }
  if (isDuration && value > 0 && value < SHORTEST_TIMER_MS) {
    throw impossible(key, `${said} is shorter than 1ms: a number without a unit is nanoseconds`);
  }
}

function mustBeShorter(values: SettingValues, parts: readonly DurationKey[], whole: DurationKey): void {
  const sum = parts.reduce((total, key) => total + values[key], 0);
  if (sum >= values[whole]) {
    const said = parts.map((key) => `${key} (${formatGoDuration(values[key])})`).join(' + ');
    throw impossible(whole, `${formatGoDuration(values[whole])} must be more than ${said}`);
  }
}

function checkAddresses(values: SettingValues): void {
  mustBeHostPort('peer.listenAddress', values['peer.listenAddress'], 0);
  for (const endpoint of values['peer.gossip.bootstrap']) {
    mustBeHostPort('peer.gossip.bootstrap', endpoint, 1);
  }
  if (values['peer.gossip.externalEndpoint'] !== '') {
    mustBeReachable('peer.gossip.externalEndpoint', values['peer.gossip.externalEndpoint']);
  }
  if (values['peer.gossip.endpoint'] === '') {
    mustBeReachable('peer.address', values['peer.address']);
  } else {
    mustBeReachable('peer.gossip.endpoint', values['peer.gossip.endpoint']);
  }
}

function mustBeReachable(key: SettingKey, endpoint: string): void {
  const host = mustBeHostPort(key, endpoint, 1);
  if (['', '0.0.0.0', '::', '[::]'].includes(host)) {
    throw impossible(
      key,
      `"${endpoint}" is not where others can reach this peer: give its host name or address`,
    );
  }
}

/** Returns the host. */
function mustBeHostPort(key: SettingKey, endpoint: string, lowestPort: number): string {
  const [, host, port] = /^(.*):(\d{1,5})$/.exec(endpoint) ?? [];
  if (host === undefined || Number(port) < lowestPort || Number(port) > 65_535) {
    throw impossible(key, `"${endpoint}" is not host:port with a port of ${lowestPort} to 65535`);
  }
  return host;
}

function checkTls(values: SettingValues): void {
  if (!values['peer.tls.enabled']) {
    return;
  }
  for (const key of ['peer.tls.cert.file', 'peer.tls.key.file', 'peer.tls.rootcert.file'] as const) {
    if (values[key] === '') {
      throw impossible(key, 'is not set, though peer.tls.enabled is true');
    }
  }
  if ((values['peer.tls.clientCert.file'] === '') !== (values['peer.tls.clientKey.file'] === '')) {
    throw impossible('peer.tls.clientCert.file', 'and peer.tls.clientKey.file must be set both, or neither');
  }
  if (values['peer.tls.clientAuthRequired'] && values['peer.tls.clientRootCAs.files'].length === 0) {
    throw impossible('peer.tls.clientAuthRequired', 'is true, but peer.tls.clientRootCAs.files names no CA');
  }
}

const impossible = (key: SettingKey, message: string): SettingsError =>
  new SettingsError('IMPOSSIBLE', key, message);
