/** A gRPC message as it travels in HTTP/2 data: one byte that says whether it is compressed, its length, itself. */
export interface Frame {
  readonly compressed: boolean;
  readonly message: Uint8Array;
}

const PREFIX_BYTES = 5;

/** Frames a message, uncompressed. `declaredLength`: what the prefix claims in place of the true length. */
export function frame(message: Uint8Array, declaredLength = message.length): Uint8Array {
  const framed = Buffer.alloc(PREFIX_BYTES + message.length);
  framed.writeUInt32BE(declaredLength, 1);
  framed.set(message, PREFIX_BYTES);
  return framed;
}

/** Cuts a stream of bytes into frames. */
export class FrameReader {
  #pending = Buffer.alloc(0);

  /** The frames that are complete with this chunk. */
  push(chunk: Uint8Array): Frame[] {
    this.#pending = Buffer.concat([this.#pending, chunk]);
    const frames: Frame[] = [];
    while (this.#pending.length >= PREFIX_BYTES) {
      const end = PREFIX_BYTES + this.#pending.readUInt32BE(1);
      if (this.#pending.length < end) break;
      // A copy, since messages outlive the buffer that they came in.
      const message = Uint8Array.from(this.#pending.subarray(PREFIX_BYTES, end));
      frames.push({ compressed: this.#pending[0] !== 0, message });
      this.#pending = this.#pending.subarray(end);
    }
    return frames;
  }
}
