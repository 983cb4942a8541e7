/** What went wrong between us and a node; stable codes. */
export type FabricErrorCode =
  | 'UNREACHABLE' // no answer: nothing listens, TLS failed, or it took too long
  | 'REFUSED' // the node answered, and said no
  | 'MALFORMED' // the node's answer is not what it should be
  | 'NO_CHANGE' // a configuration update that would change nothing
  | 'NO_PROGRAM' // a program that is not there or cannot be run
  | 'NO_ADDRESS' // no free address or port on this machine
  | 'NO_ENGINE' // no Docker engine answers, or not to us
  | 'NO_IMAGE' // an image that neither the engine has nor a registry gives
  | 'BAD_CREDENTIALS' // credentials for a registry that cannot be read
  | 'ENGINE_FAILED' // the engine does not do what was asked
  | 'NO_SPACE' // a disk that is full, or cannot be written
  | 'NODE_DIED' // a node ended that should be running
  | 'NOT_READY' // the network is up, but does not come to rest in time
  | 'WRONG_STATE'; // a control that does not fit: to start what runs, say

export interface FabricErrorOptions extends ErrorOptions {
  /** What shows why, in lines: the end of a node's log. */
  readonly evidence?: string;
}

/** Thrown where a Fabric network is made, changed or asked. `message` is one clear sentence; `cause` has what led to it. */
export class FabricError extends Error {
  override readonly name = 'FabricError';
  readonly code: FabricErrorCode;
  /** Lines of a node's log, or empty. */
  readonly evidence: string;

  constructor(
    code: FabricErrorCode,
    message: string,
    { evidence = '', ...options }: FabricErrorOptions = {},
  ) {
    super(message, options);
    this.code = code;
    this.evidence = evidence;
  }
}
