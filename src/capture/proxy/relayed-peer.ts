import { createSecureContext, type SecureContext } from 'node:tls';
import type { FrontedPeer } from '../../ports/between';
import { prepareServerTls } from '../../transport/grpc-tls';
import type { PeerName } from './observed';
import { TlsEntry } from './tls-entry';

/** A peer of the network, its keys made ready. */
export class RelayedPeer {
  readonly name: PeerName;
  readonly service: () => string;
  readonly tls:
    | {
        readonly entry: TlsEntry;
        readonly serverLeaf: Uint8Array;
        readonly client: SecureContext;
        readonly clientLeaf: Uint8Array;
      }
    | undefined;

  /** Throws TransportError BAD_CREDENTIALS. */
  constructor({ name, mspId, pkiId, identity, service, tls }: FrontedPeer) {
    this.name = { name, mspId, pkiId, identity };
    this.service = service;
    this.tls = tls && {
      entry: new TlsEntry(tls.server),
      serverLeaf: tls.server.leafDer,
      client: contextOf(tls.client),
      clientLeaf: tls.client.leafDer,
    };
  }

  /** Whether it is the one that dials with this certificate, DER. Some dial with the one that they serve with. */
  dialsWith(certificate: Uint8Array): boolean {
    const { tls } = this;
    return tls !== undefined && Buffer.compare(certificate, tls.clientLeaf) === 0;
  }

  hasPkiId(pkiId: Uint8Array): boolean {
    return Buffer.compare(pkiId, this.name.pkiId) === 0;
  }
}

/** For those whose key is not at hand. */
export const anonymousContext: SecureContext = createSecureContext({ minVersion: 'TLSv1.2' });

const contextOf = ({
  certificateChainPem,
  privateKeyPem,
}: NonNullable<FrontedPeer['tls']>['server']): SecureContext =>
  prepareServerTls({ keyPair: { certificate: certificateChainPem, key: privateKeyPem } }).context;
