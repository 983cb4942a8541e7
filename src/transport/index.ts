/** The Transport port over gRPC. That over memory is in `./memory`, for those who want no gRPC. */
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
export type { GrpcSettings } from './grpc-settings';
export { GrpcStream, InitiatorStream } from './grpc-stream';
export type { StreamLimits } from './stream';
export type { ClientTls, ServerTls, TlsKeyPair } from './grpc-tls';
export { parseEndpoint } from './endpoint';
export { GrpcTransport, type GrpcTransportOptions, type PeerTls } from './grpc-transport';
