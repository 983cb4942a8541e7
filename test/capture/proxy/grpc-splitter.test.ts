import { expect } from 'chai';
import fc from 'fast-check';
import { framed, GrpcSplitter, type Part } from '../../../src/capture/proxy/grpc-splitter';

/** `bytes` in chunks of these lengths, over and over. */
function chunksOf(bytes: Buffer, lengths: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  let at = 0;
  for (let turn = 0; at < bytes.length; turn++) {
    const length = lengths[turn % lengths.length] ?? 1;
    chunks.push(bytes.subarray(at, at + length));
    at += length;
  }
  return chunks;
}

const split = (splitter: GrpcSplitter, chunks: readonly Buffer[]): Part[] =>
  chunks.flatMap((chunk) => splitter.push(chunk));

/** What a receiver gets, of messages and pieces alike. */
const passedOn = (parts: readonly Part[]): Buffer =>
  Buffer.concat(parts.map((part) => (part.kind === 'message' ? framed(part.message) : part.bytes)));

const lengths = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 });
const messages = fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 8 });

describe('GrpcSplitter', () => {
  it('finds the messages, wherever the chunks are cut', () => {
    fc.assert(
      fc.property(messages, lengths, (sent, cuts) => {
        const splitter = new GrpcSplitter();
        const parts = split(splitter, chunksOf(Buffer.concat(sent.map(framed)), cuts));
        expect(parts.map((part) => part.kind === 'message' && Buffer.from(part.message))).to.deep.equal(
          sent.map((one) => Buffer.from(one)),
        );
        expect(splitter.rest()).to.have.length(0);
      }),
    );
  });

  it('loses and adds no byte, whatever comes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), lengths, (bytes, cuts) => {
        const splitter = new GrpcSplitter(64);
        const parts = split(splitter, chunksOf(Buffer.from(bytes), cuts));
        expect(Buffer.concat([passedOn(parts), splitter.rest()])).to.deep.equal(Buffer.from(bytes));
      }),
    );
  });

  it('passes a message that is too large in pieces, and finds the next one', () => {
    const splitter = new GrpcSplitter(10);
    const large = framed(Buffer.alloc(11, 1));
    const parts = split(splitter, chunksOf(Buffer.concat([large, framed(Buffer.from('next'))]), [7]));
    const last = parts.at(-1);
    expect(last?.kind === 'message' && Buffer.from(last.message).toString()).to.equal('next');
    expect(parts.slice(0, -1).every(({ kind }) => kind === 'piece')).to.equal(true);
  });

  it('passes a compressed message as it is', () => {
    const frame = framed(Buffer.from('zipped'));
    frame[0] = 1;
    const [part] = new GrpcSplitter().push(frame);
    expect(part?.kind === 'piece' && Buffer.from(part.bytes)).to.deep.equal(frame);
  });
});
