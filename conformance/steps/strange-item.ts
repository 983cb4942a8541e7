import type { SigningIdentity } from '../../src/ports/identity';
import { Tag, envelope, type Envelope } from '../../src/wire';

/**
 * An identity item that is as good as any, but encoded as no generated code encodes it: fields in falling order, and
 * one that nobody knows. Whoever decodes it and encodes it again changes its bytes, and breaks its signature.
 */
export function strangelyEncodedItem(owner: SigningIdentity): Envelope {
  const peerIdentity = concat(
    field(2, owner.serialized), // cert
    field(1, owner.pkiId), // pki_id
  );
  const payload = concat(
    field(100, Uint8Array.of(0x2a)), // unknown
    field(21, peerIdentity),
    Uint8Array.of(3 << 3, Tag.EMPTY), // tag, a varint
  );
  return envelope(payload, owner.sign(payload));
}

/** A length-delimited field. */
const field = (no: number, bytes: Uint8Array): Uint8Array =>
  concat(varint((no << 3) | 2), varint(bytes.length), bytes);

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest >>= 7) bytes.push((rest & 0x7f) | 0x80);
  return Uint8Array.from([...bytes, rest]);
}

const concat = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));
