import { parseCertificate } from './certificate';
import { curveOf } from './ecdsa';
import { decodePem } from './pem';
import { deserializeIdentity } from './serialized-identity';
import { X509Identity } from './x509-identity';

/** A serialized identity with a key that verifies, whoever issued it; undefined for what is none. */
export function readIdentity(serialized: Uint8Array): X509Identity | undefined {
  const parts = deserializeIdentity(serialized);
  const block = parts && decodePem(Buffer.from(parts.idBytes).toString('latin1'));
  const certificate = block && parseCertificate(block.bytes);
  if (parts === undefined || certificate === undefined || curveOf(certificate.publicKey) === undefined) {
    return undefined;
  }
  return new X509Identity(parts, certificate, serialized);
}
