/** Blocks of a pcapng file, little-endian (draft-ietf-opsawg-pcapng). */

const BlockType = {
  SECTION_HEADER: 0x0a0d0d0a,
  INTERFACE: 1,
  NAME_RESOLUTION: 4,
  ENHANCED_PACKET: 6,
} as const;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
/** Packets begin with their IP header. */
const LINKTYPE_RAW = 101;
const OPTION_COMMENT = 1;
const NAME_IPV4 = 1;

const padded = (bytes: Uint8Array): Buffer =>
  Buffer.concat([bytes, new Uint8Array((4 - (bytes.length % 4)) % 4)]);

function block(type: number, body: Uint8Array): Buffer {
  const total = body.length + 12;
  const head = Buffer.alloc(8);
  head.writeUInt32LE(type, 0);
  head.writeUInt32LE(total, 4);
  const tail = Buffer.alloc(4);
  tail.writeUInt32LE(total, 0);
  return Buffer.concat([head, body, tail]);
}

/** An option or a record: a code, a length, a value. */
function option(code: number, value: Uint8Array): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(code, 0);
  head.writeUInt16LE(value.length, 2);
  return Buffer.concat([head, padded(value)]);
}

const endOfOptions = Buffer.alloc(4);

/** The beginning of a file: the section, and the one interface of its packets. */
export function fileHeader(comment: string): Buffer {
  const section = Buffer.alloc(16);
  section.writeUInt32LE(BYTE_ORDER_MAGIC, 0);
  section.writeUInt16LE(1, 4);
  section.writeBigInt64LE(-1n, 8);
  const options = Buffer.concat([option(OPTION_COMMENT, Buffer.from(comment)), endOfOptions]);
  const lan = Buffer.alloc(8);
  lan.writeUInt16LE(LINKTYPE_RAW, 0);
  return Buffer.concat([
    block(BlockType.SECTION_HEADER, Buffer.concat([section, options])),
    block(BlockType.INTERFACE, lan),
  ]);
}

/** Names for addresses, which Wireshark shows in their place. */
export const names = (byName: ReadonlyMap<string, Uint8Array>): Buffer =>
  block(
    BlockType.NAME_RESOLUTION,
    Buffer.concat([
      ...[...byName].map(([name, address]) =>
        option(NAME_IPV4, Buffer.concat([address, Buffer.from(`${name}\0`)])),
      ),
      endOfOptions,
    ]),
  );

/** One packet. `wallUs`: microseconds since the Unix epoch. */
export function packet(wallUs: number, bytes: Uint8Array, comment?: string): Buffer {
  const head = Buffer.alloc(20);
  const time = BigInt(wallUs);
  head.writeUInt32LE(Number(time >> 32n), 4);
  head.writeUInt32LE(Number(time & 0xffff_ffffn), 8);
  head.writeUInt32LE(bytes.length, 12);
  head.writeUInt32LE(bytes.length, 16);
  const options =
    comment === undefined ? [] : [option(OPTION_COMMENT, Buffer.from(comment.slice(0, 1000))), endOfOptions];
  return block(BlockType.ENHANCED_PACKET, Buffer.concat([head, padded(bytes), ...options]));
}
