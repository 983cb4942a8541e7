/** What is wrong with a configuration block; stable codes. */
export type ChannelConfigErrorCode =
  | 'NO_CONFIG_BLOCK' // no block, or its only transaction is no configuration
  | 'INCOMPLETE' // a group, a value or a policy is missing that every channel has
  | 'BAD_ORGANISATION' // an organisation's definition is no MSP
  | 'UNSUPPORTED'; // a policy or a kind of MSP that is not understood here

/** Thrown for a configuration block that a channel cannot be joined with. */
export class ChannelConfigError extends Error {
  override readonly name = 'ChannelConfigError';
  readonly code: ChannelConfigErrorCode;

  constructor(code: ChannelConfigErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
