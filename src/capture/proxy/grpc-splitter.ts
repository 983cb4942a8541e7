/**
 * A part of a call's data. `message`: a whole uncompressed gRPC message; `piece`: bytes to be passed on as they are,
 * since they are none, or of one that is too large to be held.
 */
export type Part =
  | { readonly kind: 'message'; readonly message: Uint8Array }
  | { readonly kind: 'piece'; readonly bytes: Uint8Array };

/** One byte that says whether the message is compressed, and its length. */
const PREFIX_BYTES = 5;
/** Above the largest messages of a test network, blocks of state transfer; Fabric's own limit is 100 MiB. */
const MAX_HELD_BYTES = 16 * 1_048_576;

/** Cuts one direction of a call into its messages. Source: gRPC over HTTP2, Length-Prefixed-Message. */
export class GrpcSplitter {
  readonly #maxHeldBytes: number;
  #chunks: Buffer[] = [];
  #bytes = 0;
  /** Of the frame that is being read; its prefix counts. Undefined before its prefix is whole. */
  #frameBytes: number | undefined;
  /** What is left of a message that is passed on in pieces. */
  #passing = 0;

  constructor(maxHeldBytes = MAX_HELD_BYTES) {
    this.#maxHeldBytes = maxHeldBytes;
  }

  /** The parts that are complete with this chunk, which is kept. */
  push(chunk: Buffer): Part[] {
    const parts: Part[] = [];
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#passing > 0) {
        const bytes = rest.subarray(0, this.#passing);
        parts.push({ kind: 'piece', bytes });
        this.#passing -= bytes.length;
        rest = rest.subarray(bytes.length);
        continue;
      }
      const wanted = (this.#frameBytes ?? PREFIX_BYTES) - this.#bytes;
      const taken = rest.subarray(0, wanted);
      this.#chunks.push(taken);
      this.#bytes += taken.length;
      rest = rest.subarray(taken.length);
      if (taken.length === wanted) this.#complete(parts);
    }
    return parts;
  }

  /** What was begun and not completed, which is passed on at the end. */
  rest(): Uint8Array {
    return this.#take();
  }

  /** The prefix is whole, or the frame is. */
  #complete(parts: Part[]): void {
    if (this.#frameBytes === undefined) {
      const prefix = this.#joined();
      const length = prefix.readUInt32BE(1);
      if (length > this.#maxHeldBytes) {
        parts.push({ kind: 'piece', bytes: this.#take() });
        this.#passing = length;
        return;
      }
      this.#frameBytes = PREFIX_BYTES + length;
      if (length > 0) return;
    }
    const frame = this.#take();
    parts.push(
      frame[0] === 0
        ? { kind: 'message', message: frame.subarray(PREFIX_BYTES) }
        : { kind: 'piece', bytes: frame },
    );
  }

  #take(): Uint8Array {
    const { buffer, byteOffset, length } = this.#joined();
    this.#chunks = [];
    this.#bytes = 0;
    this.#frameBytes = undefined;
    return new Uint8Array(buffer, byteOffset, length);
  }

  #joined(): Buffer {
    const [only] = this.#chunks;
    const joined = this.#chunks.length === 1 && only !== undefined ? only : Buffer.concat(this.#chunks);
    this.#chunks = [joined];
    return joined;
  }
}

/** An uncompressed message as it travels. */
export function framed(message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(PREFIX_BYTES + message.length);
  frame[0] = 0;
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, PREFIX_BYTES);
  return frame;
}
