const HANDSHAKE_RECORD = 22;
const CERTIFICATE_REQUEST = 13;

/**
 * The names of CAs in the CertificateRequest of a TLS 1.2 server, DER each, from all that the server sent; undefined
 * where there is no CertificateRequest. In TLS 1.2 it travels in the clear (RFC 5246, section 7.4.4).
 */
export function namedCas(fromServer: Buffer): Buffer[] | undefined {
  const handshake = handshakeBytes(fromServer);
  for (let at = 0; at + 4 <= handshake.length; at += 4 + handshake.readUIntBE(at + 1, 3)) {
    if (handshake[at] === CERTIFICATE_REQUEST) {
      const body = handshake.subarray(at + 4, at + 4 + handshake.readUIntBE(at + 1, 3));
      const algorithmsAt = 1 + body.readUInt8(0);
      const namesAt = algorithmsAt + 2 + body.readUInt16BE(algorithmsAt);
      return names(body.subarray(namesAt + 2, namesAt + 2 + body.readUInt16BE(namesAt)));
    }
  }
  return undefined;
}

/** The handshake messages of the records up to the first that is something else. */
function handshakeBytes(records: Buffer): Buffer {
  const fragments: Buffer[] = [];
  let at = 0;
  while (at + 5 <= records.length && records[at] === HANDSHAKE_RECORD) {
    const length = records.readUInt16BE(at + 3);
    fragments.push(records.subarray(at + 5, at + 5 + length));
    at += 5 + length;
  }
  return Buffer.concat(fragments);
}

function names(list: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at < list.length; at += 2 + list.readUInt16BE(at)) {
    found.push(list.subarray(at + 2, at + 2 + list.readUInt16BE(at)));
  }
  return found;
}
