/**
 * HTTP/2 frames (RFC 9113) of a gRPC call, as plain as they can be: headers are literals without a table (RFC 7541,
 * 6.2.2).
 */

const FrameType = { DATA: 0, HEADERS: 1, SETTINGS: 4 } as const;
const END_STREAM = 0x1;
const END_HEADERS = 0x4;
/** What every receiver takes. */
const MAX_FRAME_BYTES = 16_384;
/** The first stream of a client. */
const STREAM = 1;

function frame(type: number, flags: number, stream: number, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** Shorter than 127 bytes: one byte of length. */
function literal(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1').subarray(0, 126);
  return Buffer.concat([Uint8Array.of(bytes.length), bytes]);
}

const headers = (fields: readonly (readonly [string, string])[], flags: number): Buffer =>
  frame(
    FrameType.HEADERS,
    END_HEADERS | flags,
    STREAM,
    Buffer.concat(fields.flatMap(([name, value]) => [Uint8Array.of(0), literal(name), literal(value)])),
  );

const settings = frame(FrameType.SETTINGS, 0, 0, new Uint8Array());

/** What the client says first: the preface, its settings, the call of a method. */
export const clientOpening = (path: string, authority: string): Buffer =>
  Buffer.concat([
    Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1'),
    settings,
    headers(
      [
        [':method', 'POST'],
        [':scheme', 'https'],
        [':path', path],
        [':authority', authority],
        ['content-type', 'application/grpc'],
        ['te', 'trailers'],
      ],
      0,
    ),
  ]);

/** What the server says first: its settings, and that it takes the call. */
export const serverOpening = (): Buffer =>
  Buffer.concat([
    settings,
    headers(
      [
        [':status', '200'],
        ['content-type', 'application/grpc'],
      ],
      0,
    ),
  ]);

/** One gRPC message: five bytes of prefix, and as many DATA frames as it takes. */
export function grpcMessage(message: Uint8Array): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  const whole = Buffer.concat([prefix, message]);
  const frames: Buffer[] = [];
  for (let start = 0; start < whole.length; start += MAX_FRAME_BYTES) {
    frames.push(frame(FrameType.DATA, 0, STREAM, whole.subarray(start, start + MAX_FRAME_BYTES)));
  }
  return Buffer.concat(frames);
}

/** The end of the call: the status in trailers. */
export const serverEnding = (code: number, details: string): Buffer =>
  headers(
    [
      ['grpc-status', String(code)],
      ['grpc-message', details],
    ],
    END_STREAM,
  );
