import type { KeyObject } from 'node:crypto';

/** Signatures to verify: at each offset the key's number, the lengths of payload and signature, and these two. */
export interface Batch {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly offsets: Uint32Array<ArrayBuffer>;
  /** Those that the thread does not have yet, in the order of their numbers; SPKI in DER. */
  readonly keys: readonly Uint8Array[];
}

/**
 * What a thread of a `VerifyCrew` does: it verifies batches, and sends each back with the results, 1 or 0, at the offsets.
 * It starts from its own text, so that it starts at once and built as well as from source: it sees nothing of this file.
 */
export function verifyWork(): void {
  const { createPublicKey, verify } = process.getBuiltinModule('node:crypto');
  const { parentPort } = process.getBuiltinModule('node:worker_threads');
  const keys: KeyObject[] = [];
  parentPort?.on('message', (batch: Batch) => {
    for (const der of batch.keys) {
      keys.push(createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' }));
    }
    const { bytes, offsets } = batch;
    const view = new DataView(bytes.buffer);
    for (const offset of offsets) {
      const key = keys[view.getUint32(offset)];
      const start = offset + 12;
      const middle = start + view.getUint32(offset + 4);
      const end = middle + view.getUint32(offset + 8);
      const isValid =
        key !== undefined &&
        verify('sha256', bytes.subarray(start, middle), key, bytes.subarray(middle, end));
      bytes[offset] = isValid ? 1 : 0;
    }
    parentPort.postMessage(bytes, [bytes.buffer]);
  });
}
