/** Each piece of a log has a header of eight bytes: which output, three bytes of nothing, the piece's length. */
const HEADER_BYTES = 8;
const LENGTH_AT = 4;

/** What a container printed, of the log that an engine gives of one without a terminal. */
export function textOf(raw: Buffer): string {
  const pieces: Buffer[] = [];
  for (let at = 0; at + HEADER_BYTES <= raw.length;) {
    const end = at + HEADER_BYTES + raw.readUInt32BE(at + LENGTH_AT);
    pieces.push(raw.subarray(at + HEADER_BYTES, end));
    at = end;
  }
  return Buffer.concat(pieces).toString();
}
