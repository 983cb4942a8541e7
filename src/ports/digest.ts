/** SHA-256 of `bytes`; 32 bytes. A port, because `core` has no cryptography of its own. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array;
