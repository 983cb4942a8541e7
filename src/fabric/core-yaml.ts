import { Document } from 'yaml';
import type { CoreOverrides } from './core-overrides';
import type { NetworkSettings } from './network-settings';
import { addressAt, advertisedAddress, type NodePlace } from './node-place';

export interface CoreYamlRequest {
  readonly id: string;
  readonly mspId: string;
  readonly place: NodePlace;
  /** Peers of the same organisation, host:port. */
  readonly bootstrap: readonly string[];
  readonly settings: NetworkSettings;
  /** Keys of core.yaml that shall be otherwise, dotted, such as peer.gossip.propagatePeerNum. */
  readonly overrides?: CoreOverrides | undefined;
}

const ms = (value: number): string => `${value}ms`;

/**
 * A peer's core.yaml with what it needs and nothing else; paths are below its home. Source: sampleconfig/core.yaml.
 */
export function coreYaml({ id, mspId, place, bootstrap, settings, overrides = {} }: CoreYamlRequest): string {
  const { tls, timers } = settings;
  const { home, listenHost } = place;
  const advertised = advertisedAddress(place);
  const document = new Document({
    peer: {
      id,
      networkId: settings.channel,
      localMspId: mspId,
      mspConfigPath: `${home}/msp`,
      fileSystemPath: `${home}/data`,
      address: advertised,
      listenAddress: addressAt(listenHost, place, 'service'),
      chaincodeListenAddress: addressAt(listenHost, place, 'chaincode'),
      tls: {
        enabled: tls,
        cert: { file: `${home}/tls/server.crt` },
        key: { file: `${home}/tls/server.key` },
        clientCert: { file: `${home}/tls/client.crt` },
        clientKey: { file: `${home}/tls/client.key` },
        // With its own root alone, a peer cannot reach foreign anchor peers before it has read the channel.
        rootcert: { file: `${home}/tls/roots.crt` },
      },
      gossip: {
        bootstrap,
        endpoint: advertised,
        externalEndpoint: advertised,
        useLeaderElection: settings.leaderElection,
        orgLeader: !settings.leaderElection,
        propagatePeerNum: settings.attention,
        pullPeerNum: settings.attention,
        aliveTimeInterval: ms(timers.aliveTimeIntervalMs),
        aliveExpirationTimeout: ms(timers.aliveExpirationTimeoutMs),
        reconnectInterval: ms(timers.reconnectIntervalMs),
        pullInterval: ms(timers.pullIntervalMs),
        digestWaitTime: ms(timers.digestWaitTimeMs),
        requestWaitTime: ms(timers.requestWaitTimeMs),
        responseWaitTime: ms(timers.responseWaitTimeMs),
        // What is installed with Fabric says so; left out it is 20, and a burst of pushes costs somebody an answer.
        sendBuffSize: 200,
        connTimeout: ms(timers.connTimeoutMs),
        dialTimeout: ms(timers.dialTimeoutMs),
        publishCertPeriod: ms(timers.publishCertPeriodMs),
        maxPropagationBurstLatency: ms(timers.maxPropagationBurstLatencyMs),
        requestStateInfoInterval: ms(timers.requestStateInfoIntervalMs),
        publishStateInfoInterval: ms(timers.publishStateInfoIntervalMs),
        membershipTrackerInterval: ms(timers.membershipTrackerIntervalMs),
        election: {
          startupGracePeriod: ms(timers.electionStartupGracePeriodMs),
          membershipSampleInterval: ms(timers.electionMembershipSampleIntervalMs),
          leaderAliveThreshold: ms(timers.electionLeaderAliveThresholdMs),
          leaderElectionDuration: ms(timers.electionLeaderElectionDurationMs),
        },
        state: {
          enabled: settings.stateTransfer,
          checkInterval: ms(timers.stateCheckIntervalMs),
          responseTimeout: ms(timers.stateResponseTimeoutMs),
        },
        pvtData: { reconciliationEnabled: false, transientstoreMaxBlockRetention: 1_000 },
      },
      deliveryclient: {
        blockGossipEnabled: settings.blockGossip,
        reConnectBackoffThreshold: '1s',
      },
      // Answers of cscc and qscc are endorsed, and no other endorser is built in.
      handlers: {
        authFilters: [{ name: 'DefaultAuth' }, { name: 'ExpirationCheck' }],
        decorators: [{ name: 'DefaultDecorator' }],
        endorsers: { escc: { name: 'DefaultEndorsement' } },
        validators: { vscc: { name: 'DefaultValidation' } },
      },
      BCCSP: { Default: 'SW', SW: { Hash: 'SHA2', Security: 256 } },
      authentication: { timewindow: '15m' },
      discovery: { enabled: true },
      gateway: { enabled: false },
      limits: { concurrency: { endorserService: 2_500, deliverService: 2_500 } },
    },
    chaincode: {
      // Without Docker one external builder has to be named. Nothing is ever built, so it need not exist.
      externalBuilders: [{ name: 'none', path: `${home}/no-builder` }],
      installTimeout: '300s',
      executetimeout: '30s',
      mode: 'net',
      system: { cscc: 'enable', qscc: 'enable' },
    },
    ledger: {
      state: { stateDatabase: 'goleveldb' },
      history: { enableHistoryDatabase: false },
      snapshots: { rootDir: `${home}/data/snapshots` },
    },
    operations: { listenAddress: addressAt(listenHost, place, 'operations') },
    metrics: { provider: 'prometheus' },
  });
  for (const [key, value] of Object.entries(overrides)) document.setIn(key.split('.'), value);
  return document.toString();
}
