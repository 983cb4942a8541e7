import type { ChannelOptions } from '@grpc/grpc-js';
import type { Millis } from '../ports/clock';
import { DEFAULT_STREAM_LIMITS, type StreamLimits } from './stream';

/** How long things may take, and how much of them there may be. Defaults are Fabric's. */
export interface GrpcSettings extends StreamLimits {
  /** `peer.keepalive.client.interval`: a silent outbound connection is pinged this often (RPC-06). */
  readonly clientKeepaliveIntervalMs: Millis;
  /** `peer.keepalive.client.timeout`: how long such a ping may stay unanswered before the connection is dropped. */
  readonly clientKeepaliveTimeoutMs: Millis;
  /** `peer.keepalive.interval`: the same for inbound connections. */
  readonly serverKeepaliveIntervalMs: Millis;
  /** `peer.keepalive.timeout`. */
  readonly serverKeepaliveTimeoutMs: Millis;
  /** `peer.keepalive.minInterval`: a client that pings more often is sent away (RPC-05). */
  readonly serverKeepaliveMinIntervalMs: Millis;
  /** `peer.connectiontimeout`: an inbound connection that has not begun HTTP/2 by then is dropped (RPC-07). */
  readonly connectionTimeoutMs: Millis;
  /** How long a closing connection or listener waits for the other side before it breaks the socket. */
  readonly closeGraceMs: Millis;
}

export const DEFAULT_GRPC_SETTINGS: GrpcSettings = {
  ...DEFAULT_STREAM_LIMITS,
  clientKeepaliveIntervalMs: 60_000,
  clientKeepaliveTimeoutMs: 20_000,
  serverKeepaliveIntervalMs: 7_200_000,
  serverKeepaliveTimeoutMs: 20_000,
  serverKeepaliveMinIntervalMs: 60_000,
  connectionTimeoutMs: 5_000,
  closeGraceMs: 1_000,
};

/** The longest that a timer of grpc-js can be set to. */
const NEVER_MS = 2 ** 31 - 1;

/** One TCP connection for each channel, which never comes back by itself: no pool, proxy, retry or idle state. */
export function channelOptions(settings: GrpcSettings, authority: string): ChannelOptions {
  return {
    'grpc.default_authority': authority,
    'grpc.use_local_subchannel_pool': 1,
    'grpc.enable_http_proxy': 0,
    'grpc.enable_retries': 0,
    // Without this a message counts as sent once it is copied into the retry buffer, and nothing is held back.
    'grpc.per_rpc_retry_buffer_size': 0,
    'grpc.service_config_disable_resolution': 1,
    'grpc.enable_channelz': 0,
    'grpc.client_idle_timeout_ms': NEVER_MS,
    'grpc.keepalive_time_ms': settings.clientKeepaliveIntervalMs,
    'grpc.keepalive_timeout_ms': settings.clientKeepaliveTimeoutMs,
    'grpc.keepalive_permit_without_calls': 1,
    'grpc.max_receive_message_length': settings.maxRecvMsgSizeBytes,
    'grpc.max_send_message_length': settings.maxSendMsgSizeBytes,
  };
}

/** Keepalive of what dialled us, and the largest messages (RPC-04). */
export function serverOptions(settings: GrpcSettings): ChannelOptions {
  return {
    'grpc.enable_channelz': 0,
    'grpc.keepalive_time_ms': settings.serverKeepaliveIntervalMs,
    'grpc.keepalive_timeout_ms': settings.serverKeepaliveTimeoutMs,
    'grpc.max_receive_message_length': settings.maxRecvMsgSizeBytes,
    'grpc.max_send_message_length': settings.maxSendMsgSizeBytes,
  };
}
