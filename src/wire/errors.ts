/** What is wrong with bytes that do not decode. Codes are stable. */
export type WireFault =
  /** The bytes end inside a field. */
  | { readonly code: 'TRUNCATED'; readonly message: string; readonly field: string }
  /** A varint of more than 10 bytes, field number 0, a group that does not close, an impossible wire type. */
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
    };

/** Thrown by the decoders, and nothing else is. */
export class WireError extends Error {
  override readonly name = 'WireError';
  readonly fault: WireFault;

  constructor(fault: WireFault, options?: ErrorOptions) {
    super(fault.message, options);
    this.fault = fault;
  }
}
