/**
 * Why settings are refused:
 * `UNREADABLE`  a file cannot be read, or is not what it should be;
 * `INVALID`     a value is not of its key's kind;
 * `IMPOSSIBLE`  values that no peer can run with, or that contradict each other.
 */
export type SettingsErrorCode = 'UNREADABLE' | 'INVALID' | 'IMPOSSIBLE';

/** Settings that a peer cannot start with. The message names the key, the value and the rule. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly code: SettingsErrorCode;
  /** The key, such as `peer.gossip.pullInterval`; for a file that cannot be read, the file. */
  readonly key: string;

  constructor(code: SettingsErrorCode, key: string, message: string, options?: ErrorOptions) {
    super(`${key}: ${message}`, options);
    this.code = code;
    this.key = key;
  }
}
