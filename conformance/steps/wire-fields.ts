/** Protobuf by hand: fields that no generated code writes, or not so. */
import { WireType, type UnknownField } from '../../src/wire';

/** A varint of a number below 2^31. */
function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest >>= 7) bytes.push((rest & 0x7f) | 0x80);
  return Uint8Array.from([...bytes, rest]);
}

export const concat = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));

/** A length-delimited field that a message's table does not name. */
export const lengthDelimited = (no: number, value: Uint8Array): UnknownField => ({
  no,
  wireType: WireType.BYTES,
  bytes: concat(varint(value.length), value),
});

/** A field as on the wire. */
const fieldBytes = ({ no, wireType, bytes }: UnknownField): Uint8Array =>
  concat(varint((no << 3) | wireType), bytes);

/** A varint field as on the wire. */
export const varintField = (no: number, value: number): Uint8Array =>
  fieldBytes({ no, wireType: WireType.VARINT, bytes: varint(value) });

/** A length-delimited field as on the wire. */
export const bytesField = (no: number, value: Uint8Array): Uint8Array =>
  fieldBytes(lengthDelimited(no, value));
