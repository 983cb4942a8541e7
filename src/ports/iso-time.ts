/** A wall time in nanoseconds since the Unix epoch (Clock.wallNanos) in ISO 8601, to the millisecond, in UTC. */
// eslint-disable-next-line no-restricted-globals -- writes a time that was given; reads no clock
export const isoTime = (wallNanos: bigint): string => new Date(Number(wallNanos / 1_000_000n)).toISOString();
