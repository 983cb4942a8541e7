/** The Transport port over gRPC and over memory. Whoever wants no gRPC imports `./memory`. */
export { TransportError, type TransportErrorCode } from './transport-error';
export { GrpcConnection, type UnaryResult } from './grpc-connection';
export { GrpcDialer, type GrpcDialerOptions, type GrpcDialResult } from './grpc-dialer';
export {
  GrpcListener,
  type GrpcServerOptions,
  type GrpcStreamAcceptor,
  type ServerObserver,
} from './grpc-server';
export { GOSSIP_STREAM_PATH, PING_PATH } from './grpc-service';
export { DEFAULT_GRPC_SETTINGS, type GrpcSettings } from './grpc-settings';
export { GrpcStream, InitiatorStream } from './grpc-stream';
export { type LinkFaults, MemoryNetwork, type MemoryNetworkOptions, type MemoryTls } from './memory';
export { DEFAULT_STREAM_LIMITS, type StreamLimits } from './stream';
export type { ClientTls, ServerTls, TlsKeyPair } from './grpc-tls';
export { parseEndpoint, formatEndpoint } from './endpoint';
export { GrpcTransport, type GrpcTransportOptions, type PeerTls } from './grpc-transport';
