import type { SigningIdentity } from '../../src/ports/identity';
import { Tag, envelope, type Envelope } from '../../src/wire';
import { bytesField, concat, varintField } from './wire-fields';

/**
 * A valid identity item that is encoded as no generated code would: fields in falling order, and one that nobody knows.
 * Whoever decodes it and encodes it again changes its bytes, and so breaks its signature.
 */
export function strangelyEncodedItem(owner: SigningIdentity): Envelope {
  const peerIdentity = concat(
    bytesField(2, owner.serialized), // cert
    bytesField(1, owner.pkiId), // pki_id
  );
  const payload = concat(
    bytesField(100, Uint8Array.of(0x2a)), // unknown
    bytesField(21, peerIdentity),
    varintField(3, Tag.EMPTY), // tag
  );
  return envelope(payload, owner.sign(payload));
}
