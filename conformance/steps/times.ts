/** 2015-01-01, before there was any Fabric, in nanoseconds since the Unix epoch: no peer has started before. */
export const BEFORE_FABRIC_NANOS = 1_420_070_400_000_000_000n;
