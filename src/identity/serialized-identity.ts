import { decode, encode } from '../wire/codec';
import { WireError } from '../wire/errors';
import { bytes, message, string, type Shape } from '../wire/schema';

/** What an identity is on the wire (ID-01). Source: msp/identities.proto. */
const SerializedIdentity = message('SerializedIdentity', { mspid: string(1), idBytes: bytes(2) });
type SerializedIdentity = Shape<typeof SerializedIdentity>;

/** An organisation's MSP-ID and the PEM of an enrolment certificate, byte for byte. */
export interface IdentityBytes {
  readonly mspId: string;
  readonly idBytes: Uint8Array;
}

/** Serializes an identity as Fabric does; `idBytes` is not looked at. */
export function serializeIdentity({ mspId, idBytes }: IdentityBytes): Uint8Array {
  return encode(SerializedIdentity, { mspid: mspId, idBytes });
}

/** Reads a serialized identity; undefined for bytes that are none. Its `idBytes` is a view of `serialized`. */
export function deserializeIdentity(serialized: Uint8Array): IdentityBytes | undefined {
  let decoded: SerializedIdentity;
  try {
    decoded = decode(SerializedIdentity, serialized);
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
  return { mspId: decoded.mspid, idBytes: decoded.idBytes };
}
