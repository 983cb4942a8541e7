/** Identities that differ from a good one in one thing, and are signed for by the same key. */
import {
  decodePem,
  deserializeIdentity,
  pkiIdOf,
  serializeIdentity,
  type IdentityBytes,
} from '../../src/identity';
import { childrenOf, DerTag, encodeElement, readElement } from '../../src/identity/der';
import type { SigningIdentity } from '../../src/ports/identity';
import type { Random } from '../../src/ports/random';
import type { Envelope } from '../../src/wire';
import { tlsHash } from '../harness/tester';
import type { TesterStream } from '../harness/tester-stream';
import { connMessage, signed, type ConnFields } from './messages';

/** A ConnEstablish of any identity, fit for `stream`. */
export const connOf = (
  stream: TesterStream,
  identity: SigningIdentity,
  fields: { readonly [K in keyof ConnFields]?: ConnFields[K] } = {},
): Envelope =>
  signed(identity, connMessage(identity, tlsHash(stream.stream.binding.localCertificate), fields));

/** The MSP-ID and the PEM of an identity of ours. */
export function bytesOf({ serialized }: SigningIdentity): IdentityBytes {
  const bytes = deserializeIdentity(serialized);
  if (bytes === undefined) throw new Error('an identity of ours does not decode');
  return bytes;
}

/**
 * An identity of other bytes, whose PKI-ID is computed as it should be (ID-02), with the key of `holder`: nothing but
 * what was changed can be held against it.
 */
export function disguised(holder: SigningIdentity, change: Partial<IdentityBytes>): SigningIdentity {
  const bytes = { ...bytesOf(holder), ...change };
  return {
    pkiId: pkiIdOf(bytes.mspId, bytes.idBytes),
    mspId: bytes.mspId,
    serialized: serializeIdentity(bytes),
    notAfterMs: holder.notAfterMs,
    sign: (payload) => holder.sign(payload),
    verify: (payload, signature) => holder.verify(payload, signature),
  };
}

/** The same with another PEM, made of the good one. One character is one byte. */
export function withPem(holder: SigningIdentity, change: (pem: string) => string): SigningIdentity {
  const pem = Buffer.from(bytesOf(holder).idBytes).toString('latin1');
  return disguised(holder, { idBytes: Buffer.from(change(pem), 'latin1') });
}

/**
 * A good identity with the key of `holder` that no peer has met: a line that nobody reads stands before its PEM, and
 * its PKI-ID is another.
 */
export const unmet = (holder: SigningIdentity, random: Random): SigningIdentity =>
  withPem(holder, (pem) => `${random.uint64().toString()}\n${pem}`);

const BEGIN = '-----BEGIN ';
const END = '-----END ';

/** A certificate in PEM with a label and a line length of one's own choosing. */
function encodePem(der: Uint8Array, label: string, lineLength: number): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(new RegExp(`.{1,${lineLength}}`, 'g')) ?? [];
  return `${BEGIN}${label}-----\n${lines.join('\n')}\n${END}${label}-----\n`;
}

function derOf(pem: string): Uint8Array {
  const block = decodePem(pem);
  if (block === undefined) throw new Error('an identity of ours has no PEM block');
  return block.bytes;
}

/** The same certificate in lines of 76 characters: another identity, and a good one (ID-02). */
export const rewrapped = (pem: string): string => encodePem(derOf(pem), 'CERTIFICATE', 76);

/** The same certificate with another label (ID-04). */
export const relabelled = (pem: string): string => encodePem(derOf(pem), 'TRUSTED CERTIFICATE', 64);

/** The same certificate with one byte behind the DER of its signature, which leaves r and s as they are (ID-04). */
export function withLongSignature(pem: string): string {
  const der = derOf(pem);
  const whole = readElement(der, 0);
  const [toBeSigned, algorithm, signature] = (whole && childrenOf(der, whole)) ?? [];
  if (toBeSigned === undefined || algorithm === undefined || signature === undefined) {
    throw new Error('a certificate of ours has not three parts');
  }
  const changed = encodeElement(
    DerTag.SEQUENCE,
    der.subarray(toBeSigned.start, algorithm.end),
    encodeElement(DerTag.BIT_STRING, der.subarray(signature.contentStart, signature.end), Uint8Array.of(0)),
  );
  return encodePem(changed, 'CERTIFICATE', 64);
}
