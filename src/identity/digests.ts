import { createHash } from 'node:crypto';

/** SHA-256 over the parts, one after the other; 32 bytes. */
export function sha256(...parts: readonly (Uint8Array | string)[]): Uint8Array {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/**
 * The PKI-ID: SHA-256 over the MSP-ID in UTF-8 followed by the identity's `id_bytes` exactly as sent (ID-02).
 * Source: internal/peer/gossip/mcs.go, `GetPKIidOfCert`.
 */
export const pkiIdOf = (mspId: string, idBytes: Uint8Array): Uint8Array => sha256(mspId, idBytes);

/** What `ConnEstablish.tls_cert_hash` holds: SHA-256 over the DER of the leaf certificate (TLS-08). */
export const tlsCertHash = (leafDer: Uint8Array): Uint8Array => sha256(leafDer);

/**
 * The channel MAC: SHA-256 over a PKI-ID followed by the channel's name (TAG-04). In state info the PKI-ID is that of
 * its author, in a pull request for it that of the requester.
 */
export const channelMac = (pkiId: Uint8Array, channel: Uint8Array | string): Uint8Array =>
  sha256(pkiId, channel);
