/** What is wrong with key material or an MSP; stable codes. */
export type IdentityErrorCode =
  | 'FOLDER_MISSING' // the folder, or one that it must have, is not there
  | 'FILE_MISSING' // a file that the folder must have is not there
  | 'UNREADABLE' // it is there, and the system does not let us read or write it
  | 'PEM_MALFORMED' // no PEM block, or one of another type
  | 'CERTIFICATE_MALFORMED' // the block holds no X.509 certificate
  | 'CERTIFICATE_EXPIRED' // past NotAfter
  | 'CERTIFICATE_UNTRUSTED' // not issued by a CA of the same MSP
  | 'CA_INVALID' // a root or intermediate certificate that no MSP may have
  | 'CRL_MALFORMED' // the block holds no revocation list with an authority key identifier
  | 'KEY_MALFORMED' // no private key in the PEM
  | 'KEY_ENCRYPTED' // a private key under a passphrase
  | 'KEY_MISMATCH' // no private key belongs to the certificate
  | 'KEY_UNSUPPORTED' // not ECDSA on a curve that Fabric knows
  | 'CONFIG_MALFORMED'; // config.yaml is not what Fabric reads

/** Thrown where identities are loaded, set up or written; `message` says what to do, `path` where. */
export class IdentityError extends Error {
  override readonly name = 'IdentityError';
  readonly code: IdentityErrorCode;
  /** The file or folder; for material from memory, the name of the input. */
  readonly path: string;

  constructor(code: IdentityErrorCode, path: string, message: string, options?: ErrorOptions) {
    super(`${path}: ${message}`, options);
    this.code = code;
    this.path = path;
  }
}
