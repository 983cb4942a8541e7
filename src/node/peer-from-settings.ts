/** From settings to what a peer is started with: reads the key material that they name. */
import { readFileSync } from 'node:fs';
import { createTlsCredentials, loadLocalMsp, loadMsp, MspRegistry, type Msp } from '../identity';
import { wallMs, type Clock } from '../ports/clock';
import { silentLog, type Log } from '../ports/log';
import type { PeerTls, TlsKeyPair } from '../transport';
import type { GossipPeerOptions } from './gossip-peer-options';
import { gossipSettingsOf, grpcSettingsOf, type PeerSettings } from './settings';
import { SettingsError } from './settings-error';
import type { SettingKey, SettingValues } from './settings-table';
import { systemClock } from './system-clock';

export interface FromSettings {
  /**
   * MSP folders of other organisations, by MSP-ID. A Fabric peer learns them, and their TLS roots, from the channels
   * that it has joined.
   */
  readonly organisations?: ReadonlyMap<string, string>;
  readonly clock?: Clock;
  readonly log?: Log;
}

/**
 * Loads identity, organisations and TLS as the settings say.
 * Throws SettingsError for a file that cannot be read, IdentityError for key material that is no good.
 */
export function peerOptionsFrom(
  { values }: PeerSettings,
  { organisations = new Map<string, string>(), clock = systemClock, log = silentLog }: FromSettings = {},
): GossipPeerOptions {
  const nowMs = wallMs(clock);
  const mspId = values['peer.localMspId'];
  const { msp, identity } = loadLocalMsp(values['peer.mspConfigPath'], mspId, { log, nowMs });
  const others = Array.from(organisations, ([id, folder]) => loadMsp(folder, id, { log }));
  return {
    identity,
    validator: new MspRegistry([msp, ...others]),
    network: {
      listenAddress: values['peer.listenAddress'],
      tls: tlsFrom(values, others, nowMs),
      grpc: grpcSettingsOf(values),
    },
    settings: gossipSettingsOf(values),
    clock,
    log,
  };
}

function tlsFrom(values: SettingValues, others: readonly Msp[], nowMs: number): PeerTls | undefined {
  if (!values['peer.tls.enabled']) {
    return undefined;
  }
  const roots = [readPem('peer.tls.rootcert.file', values['peer.tls.rootcert.file']), ...tlsRootsOf(others)];
  const pair = (certificate: PathKey, key: PathKey): TlsKeyPair => {
    const credentials = createTlsCredentials(
      {
        certificateChainPem: readPem(certificate, values[certificate]),
        privateKeyPem: readPem(key, values[key]),
        rootsPem: roots,
      },
      { nowMs },
    );
    return { certificate: credentials.certificateChainPem, key: credentials.privateKeyPem };
  };
  const hasClientPair = values['peer.tls.clientCert.file'] !== '';
  return {
    server: pair('peer.tls.cert.file', 'peer.tls.key.file'),
    ...(hasClientPair ? { client: pair('peer.tls.clientCert.file', 'peer.tls.clientKey.file') } : {}),
    serverRoots: roots,
    clientAuthRequired: values['peer.tls.clientAuthRequired'],
    clientRoots: [
      ...values['peer.tls.clientRootCAs.files'].map((file) => readPem('peer.tls.clientRootCAs.files', file)),
      ...tlsRootsOf(others),
    ],
  };
}

type PathKey =
  'peer.tls.cert.file' | 'peer.tls.key.file' | 'peer.tls.clientCert.file' | 'peer.tls.clientKey.file';

const tlsRootsOf = (msps: readonly Msp[]): string[] =>
  msps.flatMap(({ config }) => [...(config.tlsRootCerts ?? []), ...(config.tlsIntermediateCerts ?? [])]);

function readPem(key: SettingKey, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new SettingsError('UNREADABLE', key, `"${path}" cannot be read`, { cause: error });
  }
}
