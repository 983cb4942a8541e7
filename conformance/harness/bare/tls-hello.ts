/**
 * The first flight of TLS 1.2 by hand: what a client says, and what a server answers before anything is encrypted.
 * No library shows which CAs a server names in its CertificateRequest, nor speaks the versions that must be refused.
 * Source: RFC 5246 (TLS 1.2), RFC 7301 (ALPN).
 */

export const TLS_1_1 = 0x0302;
export const TLS_1_2 = 0x0303;

const RECORD = { alert: 21, handshake: 22 } as const;
const MESSAGE = {
  clientHello: 1,
  serverHello: 2,
  certificate: 11,
  certificateRequest: 13,
  serverHelloDone: 14,
} as const;
const EXTENSION = { groups: 10, pointFormats: 11, signatureAlgorithms: 13, alpn: 16 } as const;
const RANDOM_BYTES = 32;

/** AEAD suites of TLS 1.2 first, then CBC ones that older versions know; ECDSA and RSA each. */
const CIPHER_SUITES = [
  0xc02b, 0xc02f, 0xc02c, 0xc030, 0x009c, 0x009d, 0xc009, 0xc013, 0xc00a, 0xc014, 0x002f, 0x0035,
];
/** x25519, P-256, P-384. */
const GROUPS = [0x001d, 0x0017, 0x0018];
/** ECDSA with P-256, P-384; RSA-PSS and RSA with SHA-256, SHA-384; SHA-1, for versions that know nothing else. */
const SIGNATURE_ALGORITHMS = [0x0403, 0x0503, 0x0804, 0x0805, 0x0401, 0x0501, 0x0203, 0x0201];

/** What a server's first flight says. */
export interface ServerFlight {
  /** The version that the server chose; undefined: it sent no ServerHello. */
  version: number | undefined;
  /** The ALPN protocol that it chose. */
  alpn: string | undefined;
  /** DER of the certificate that it shows. */
  certificate: Uint8Array | undefined;
  /** Names in DER of the CAs in its CertificateRequest; undefined: it asks for no certificate. */
  certificateAuthorities: Uint8Array[] | undefined;
  /** The description of the alert that it sent (RFC 5246, 7.2). */
  alert: number | undefined;
  /** ServerHelloDone has come: nothing follows before the client speaks. */
  complete: boolean;
}

const uint8 = (value: number): Buffer => Buffer.of(value);
const uint16 = (value: number): Buffer => Buffer.of(value >> 8, value & 0xff);
const uint24 = (value: number): Buffer => Buffer.of(value >> 16, (value >> 8) & 0xff, value & 0xff);
const vector8 = (...parts: Uint8Array[]): Buffer => prefixed(uint8, parts);
const vector16 = (...parts: Uint8Array[]): Buffer => prefixed(uint16, parts);

function prefixed(length: (value: number) => Buffer, parts: Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([length(body.length), body]);
}

const extension = (type: number, body: Uint8Array): Buffer => Buffer.concat([uint16(type), vector16(body)]);

/** A ClientHello, in its record, whose highest version is `version`, offering ALPN `h2`. */
export function clientHello(version: number, random: Uint8Array): Uint8Array {
  const body = Buffer.concat([
    uint16(version),
    random.subarray(0, RANDOM_BYTES),
    vector8(),
    vector16(...CIPHER_SUITES.map(uint16)),
    vector8(uint8(0)),
    vector16(
      extension(EXTENSION.groups, vector16(...GROUPS.map(uint16))),
      extension(EXTENSION.pointFormats, vector8(uint8(0))),
      extension(EXTENSION.signatureAlgorithms, vector16(...SIGNATURE_ALGORITHMS.map(uint16))),
      extension(EXTENSION.alpn, vector16(vector8(Buffer.from('h2')))),
    ),
  ]);
  const message = Buffer.concat([uint8(MESSAGE.clientHello), uint24(body.length), body]);
  return Buffer.concat([uint8(RECORD.handshake), uint16(0x0301), vector16(message)]);
}

/** Reads a server's first flight from the bytes that have come so far; what is incomplete is left out. */
export function readServerFlight(bytes: Uint8Array): ServerFlight {
  const flight: ServerFlight = {
    version: undefined,
    alpn: undefined,
    certificate: undefined,
    certificateAuthorities: undefined,
    alert: undefined,
    complete: false,
  };
  const handshake: Uint8Array[] = [];
  const records = new Cursor(bytes);
  while (records.left >= 5) {
    const type = records.uint(1);
    records.skip(2);
    const length = records.uint(2);
    if (records.left < length) break;
    const content = records.take(length);
    if (type === RECORD.alert) flight.alert ??= content[1];
    if (type === RECORD.handshake) handshake.push(content);
  }
  const messages = new Cursor(Buffer.concat(handshake));
  while (messages.left >= 4) {
    const type = messages.uint(1);
    const length = messages.uint(3);
    if (messages.left < length) break;
    readMessage(type, new Cursor(messages.take(length)), flight);
  }
  return flight;
}

function readMessage(type: number, body: Cursor, flight: ServerFlight): void {
  if (type === MESSAGE.serverHello) {
    flight.version = body.uint(2);
    body.skip(RANDOM_BYTES);
    body.vector(1);
    body.skip(3);
    const extensions = new Cursor(body.left === 0 ? new Uint8Array() : body.vector(2));
    while (extensions.left > 0) {
      const kind = extensions.uint(2);
      const content = new Cursor(extensions.vector(2));
      if (kind === EXTENSION.alpn) {
        content.skip(2);
        flight.alpn = Buffer.from(content.vector(1)).toString('latin1');
      }
    }
  } else if (type === MESSAGE.certificate) {
    const list = new Cursor(body.vector(3));
    if (list.left > 0) flight.certificate = list.vector(3);
  } else if (type === MESSAGE.certificateRequest) {
    body.vector(1);
    body.vector(2);
    const names = new Cursor(body.vector(2));
    flight.certificateAuthorities = [];
    while (names.left > 0) flight.certificateAuthorities.push(names.vector(2));
  } else if (type === MESSAGE.serverHelloDone) {
    flight.complete = true;
  }
}

/** Reads big-endian numbers and vectors with a length before them; past the end there are zeros and nothing. */
class Cursor {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  uint(size: number): number {
    return this.take(size).reduce((value, byte) => value * 256 + byte, 0);
  }

  take(length: number): Uint8Array {
    const start = this.#at;
    this.#at = Math.min(start + length, this.#bytes.length);
    return this.#bytes.subarray(start, this.#at);
  }

  skip(length: number): void {
    this.take(length);
  }

  vector(lengthBytes: number): Uint8Array {
    return this.take(this.uint(lengthBytes));
  }
}
