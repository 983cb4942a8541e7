/** What is wrong with bytes that do not decode, or with a value that does not encode. Codes are stable. */
export type WireFault =
  /** The bytes end inside a field. */
  | { readonly code: 'TRUNCATED'; readonly message: string; readonly field: string }
  /** A varint above 64 bits, a field number out of range, a group that does not close, an impossible wire type. */
  | { readonly code: 'MALFORMED'; readonly message: string; readonly field: string }
  /** A string that is not UTF-8 (BAD-34). */
  | { readonly code: 'UTF8'; readonly message: string; readonly field: string }
  /** More than a limit of `limits.ts` allows. */
  | {
      readonly code: 'LIMIT';
      readonly message: string;
      readonly field: string;
      readonly limit: number;
      readonly actual: number;
    }
  /** A value its field cannot hold, such as 2n ** 64n or a lone surrogate. From encoders only: the caller's bug. */
  | { readonly code: 'VALUE'; readonly message: string; readonly field: string };

/**
 * Thrown by decoders and encoders, and nothing else is. `fault.field` is the path to the culprit, such as
 * `GossipMessage.aliveMsg.membership.endpoint`; an unknown field appears as `#` and its number.
 */
export class WireError extends Error {
  override readonly name = 'WireError';
  readonly fault: WireFault;

  constructor(fault: WireFault, options?: ErrorOptions) {
    super(`${fault.field}: ${fault.message}`, options);
    this.fault = fault;
  }
}
