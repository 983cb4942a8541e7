/**
 * What a transport could not do for us, by code:
 * ADDRESS_IN_USE: somebody listens there already · ADDRESS_NOT_AVAILABLE: not an address of this machine ·
 * ADDRESS_DENIED: no right to listen there · BAD_ADDRESS: not `host:port`, or the host does not resolve ·
 * BAD_CREDENTIALS: a key, certificate or root that cannot be used · LISTEN_FAILED: any other reason, see `cause`.
 */
export type TransportErrorCode =
  | 'ADDRESS_IN_USE'
  | 'ADDRESS_NOT_AVAILABLE'
  | 'ADDRESS_DENIED'
  | 'BAD_ADDRESS'
  | 'BAD_CREDENTIALS'
  | 'LISTEN_FAILED';

/** An operation of ours that failed; its message says what to do. What a remote does wrong is an Ending instead. */
export class TransportError extends Error {
  override readonly name = 'TransportError';
  readonly code: TransportErrorCode;

  constructor(code: TransportErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
