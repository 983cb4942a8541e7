import type { Member } from '../core';

/** A member as the outside is told of it. */
export interface MemberInfo {
  readonly pkiId: Uint8Array;
  /** The organisation; undefined if its identity is not held any more. */
  readonly mspId: string | undefined;
  /** External endpoint, host:port; empty: none. */
  readonly endpoint: string;
  /** Internal endpoint, host:port; empty: not known. */
  readonly internalEndpoint: string;
  readonly metadata: Uint8Array;
  /** When its process started, in nanoseconds since the Unix epoch. */
  readonly incNum: bigint;
  /** Counts its alive messages. */
  readonly seqNum: bigint;
  /** Milliseconds since the last news of it. */
  readonly silentMs: number;
}

/** Alive and dead members; the peer itself is in neither list. */
export interface MembershipInfo {
  readonly alive: readonly MemberInfo[];
  readonly dead: readonly MemberInfo[];
}

/** `nowMs`: the monotonic time by which the member was last seen. */
export const memberInfo = (member: Member, mspId: string | undefined, nowMs: number): MemberInfo => ({
  pkiId: member.pkiId,
  mspId,
  endpoint: member.endpoint,
  internalEndpoint: member.internalEndpoint,
  metadata: member.metadata,
  incNum: member.time.incNum,
  seqNum: member.time.seqNum,
  silentMs: nowMs - member.lastSeenMs,
});
