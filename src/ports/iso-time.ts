import { NANOS_PER_MILLI } from './clock';

/** A wall time in nanoseconds since the Unix epoch (Clock.wallNanos) in ISO 8601, to the millisecond, in UTC. */
export const isoTime = (wallNanos: bigint): string =>
  // eslint-disable-next-line no-restricted-globals -- writes a time that was given; reads no clock
  new Date(Number(wallNanos / NANOS_PER_MILLI)).toISOString();
