import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { X509Identity } from '../../src/identity';
import { verifyWork, type Batch } from './verify-work';

/** Bytes of a batch that is sent to a thread: some two hundred signatures. */
const BATCH_BYTES = 64 * 1024;
/** Batches that a thread may have; whoever brings more waits. */
const MAX_BATCHES = 4;
/** Of each signature in a batch: the key's number and two lengths, 32 bits each. The first byte comes back as the result. */
const HEAD_BYTES = 12;
const PROCESSORS = availableParallelism();

/** Is told how a signature turned out. */
export interface Verifying {
  settle(isValid: boolean): void;
}

/** One thread, and what it is at. */
interface Member {
  readonly worker: Worker;
  /** So many keys were sent to it. */
  keys: number;
  readonly batches: Draft[];
}

/** A batch that is being filled. */
interface Draft {
  readonly bytes: Uint8Array<ArrayBuffer>;
  end: number;
  readonly offsets: number[];
  readonly verifying: Verifying[];
}

/** Verifies ECDSA signatures on all processors, in batches whose memory is handed to and fro. */
export class VerifyCrew implements AsyncDisposable {
  readonly #members: Member[] = [];
  readonly #keys: Uint8Array[] = [];
  readonly #numbers = new Map<X509Identity, number>();
  readonly #spare: Uint8Array<ArrayBuffer>[] = [];
  #draft: Draft | undefined;
  #underWay = 0;
  #wake: (() => void) | undefined;
  #failure: Error | undefined;

  /** Takes up a signature; what it turns out to be is told later, in no order. */
  verify(identity: X509Identity, payload: Uint8Array, signature: Uint8Array, verifying: Verifying): void {
    const length = HEAD_BYTES + payload.length + signature.length;
    if (this.#draft !== undefined && this.#draft.end + length > this.#draft.bytes.length) this.#send();
    const draft = (this.#draft ??= this.#newDraft(length));
    const { bytes, end } = draft;
    const head = new DataView(bytes.buffer, bytes.byteOffset + end, HEAD_BYTES);
    head.setUint32(0, this.#numberOf(identity));
    head.setUint32(4, payload.length);
    head.setUint32(8, signature.length);
    bytes.set(payload, end + HEAD_BYTES);
    bytes.set(signature, end + HEAD_BYTES + payload.length);
    draft.offsets.push(end);
    draft.verifying.push(verifying);
    draft.end += length;
  }

  get isFull(): boolean {
    return this.#underWay >= PROCESSORS * MAX_BATCHES;
  }

  /** Resolves when there is room for more, or, with `all`, when nothing is under way. */
  async settled(all = false): Promise<void> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      // What is told of one signature may bring in others.
      if (all && this.#draft !== undefined) this.#send();
      if (all ? this.#underWay === 0 : !this.isFull) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#members.map(({ worker }) => worker.terminate()));
  }

  #newDraft(length: number): Draft {
    const spare = length <= BATCH_BYTES ? this.#spare.pop() : undefined;
    const bytes = spare ?? new Uint8Array(Math.max(length, BATCH_BYTES));
    return { bytes, end: 0, offsets: [], verifying: [] };
  }

  #numberOf(identity: X509Identity): number {
    const known = this.#numbers.get(identity);
    if (known !== undefined) return known;
    const number = this.#keys.length;
    this.#keys.push(identity.certificate.publicKey.export({ type: 'spki', format: 'der' }));
    this.#numbers.set(identity, number);
    return number;
  }

  #send(): void {
    const draft = this.#draft;
    if (draft === undefined) return;
    this.#draft = undefined;
    const member = this.#leastBusy();
    const batch: Batch = {
      bytes: draft.bytes,
      offsets: Uint32Array.from(draft.offsets),
      keys: this.#keys.slice(member.keys),
    };
    member.keys = this.#keys.length;
    member.batches.push(draft);
    this.#underWay += 1;
    member.worker.postMessage(batch, [batch.bytes.buffer, batch.offsets.buffer]);
  }

  #leastBusy(): Member {
    const idle = this.#members.find(({ batches }) => batches.length === 0);
    if (idle !== undefined) return idle;
    if (this.#members.length < PROCESSORS) return this.#hire();
    return this.#members.reduce((a, b) => (b.batches.length < a.batches.length ? b : a));
  }

  #hire(): Member {
    const worker = new Worker(`(${verifyWork.toString()})()`, { eval: true, execArgv: [] });
    const member: Member = { worker, keys: 0, batches: [] };
    worker.on('message', (bytes: Uint8Array<ArrayBuffer>) => {
      this.#heed(member, bytes);
    });
    worker.on('error', (error) => {
      this.#failure =
        error instanceof Error ? error : new Error('a thread that verifies failed', { cause: error });
      this.#wake?.();
    });
    this.#members.push(member);
    return member;
  }

  #heed(member: Member, bytes: Uint8Array<ArrayBuffer>): void {
    const batch = member.batches.shift();
    this.#underWay -= 1;
    batch?.verifying.forEach((one, index) => {
      one.settle(bytes[batch.offsets[index] ?? 0] === 1);
    });
    if (bytes.length === BATCH_BYTES) this.#spare.push(bytes);
    this.#wake?.();
    this.#wake = undefined;
  }
}
