import { stringify } from 'yaml';
import { addressAt, type NodePlace } from './node-place';

export interface OrdererYamlRequest {
  readonly mspId: string;
  readonly place: NodePlace;
  readonly tls: boolean;
}

/** An orderer's orderer.yaml with what it needs and nothing else. Source: sampleconfig/orderer.yaml. */
export function ordererYaml({ mspId, place, tls }: OrdererYamlRequest): string {
  const { home, listenHost, ports } = place;
  const certificate = `${home}/tls/server.crt`;
  const privateKey = `${home}/tls/server.key`;
  const roots = [`${home}/tls/ca.crt`];
  const secured = { Enabled: tls, Certificate: certificate, PrivateKey: privateKey };
  // Its replication service uses TLS always: where the orderer's own has none, it listens apart.
  const ownListener = {
    ListenAddress: listenHost,
    ListenPort: ports.cluster,
    ServerCertificate: certificate,
    ServerPrivateKey: privateKey,
  };
  return stringify({
    General: {
      ListenAddress: listenHost,
      ListenPort: ports.service,
      LocalMSPID: mspId,
      LocalMSPDir: `${home}/msp`,
      BootstrapMethod: 'none',
      TLS: { ...secured, RootCAs: roots },
      Cluster: {
        ClientCertificate: certificate,
        ClientPrivateKey: privateKey,
        RootCAs: roots,
        ...(tls ? {} : ownListener),
      },
      Authentication: { TimeWindow: '15m' },
    },
    FileLedger: { Location: `${home}/data/ledger` },
    Consensus: { WALDir: `${home}/data/wal`, SnapDir: `${home}/data/snapshots` },
    ChannelParticipation: { Enabled: true, MaxRequestBodySize: '1 MB' },
    Admin: {
      ListenAddress: addressAt(listenHost, place, 'admin'),
      TLS: { ...secured, ClientAuthRequired: tls, ClientRootCAs: roots },
    },
    Operations: { ListenAddress: addressAt(listenHost, place, 'operations') },
    Metrics: { Provider: 'prometheus' },
  });
}
