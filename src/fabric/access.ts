import { credentials, type ChannelCredentials, type ChannelOptions } from '@grpc/grpc-js';
import { wallMs, type Clock, type Millis } from '../ports/clock';

/** How to reach a service of a node. */
export interface Access {
  /** What messages call the node, such as org1.peer0. */
  readonly node: string;
  /** host:port. */
  readonly endpoint: string;
  /** The name in its TLS certificate, whatever the address it is reached at. */
  readonly serverName: string;
  /** TLS roots in PEM; undefined where TLS is off. */
  readonly rootsPem: readonly string[] | undefined;
}

/** What a call needs besides: time, and how much of it. */
export interface Calling {
  readonly clock: Clock;
  readonly timeoutMs: Millis;
}

export const channelCredentials = ({ rootsPem }: Access): ChannelCredentials =>
  rootsPem === undefined
    ? credentials.createInsecure()
    : credentials.createSsl(Buffer.from(rootsPem.join('')));

export const channelOptions = ({ serverName }: Access): ChannelOptions => ({
  'grpc.ssl_target_name_override': serverName,
});

/** The wall time in milliseconds since the Unix epoch when the call's time is up. */
export const deadlineOf = ({ clock, timeoutMs }: Calling): number => wallMs(clock) + timeoutMs;
