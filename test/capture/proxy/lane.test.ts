import { expect } from 'chai';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import type { Passage } from '../../../src/capture/proxy/faults';
import { framed, GrpcSplitter } from '../../../src/capture/proxy/grpc-splitter';
import { Lane } from '../../../src/capture/proxy/lane';
import { VirtualClock } from '../../../src/sim/virtual-clock';

/** A lane between two pipes, on which each message is treated as `treat` says. */
function laneWith(treat: (text: string) => Partial<Passage>) {
  const clock = new VirtualClock();
  const [source, sink] = [new PassThrough(), new PassThrough()];
  const lane = new Lane({
    clock,
    source,
    sink,
    isMeant: () => true,
    messages: {
      judge: (message) => [
        { bytes: message, delayMs: 0, heldMs: 0, ...treat(Buffer.from(message).toString()) },
      ],
      passed: () => undefined,
      unreadable: () => undefined,
    },
  });
  const arrived: string[] = [];
  const splitter = new GrpcSplitter();
  sink.on('data', (chunk: Buffer) => {
    for (const part of splitter.push(chunk))
      if (part.kind === 'message') arrived.push(Buffer.from(part.message).toString());
  });
  const send = async (...texts: string[]): Promise<void> => {
    for (const text of texts) source.write(framed(Buffer.from(text)));
    await settled();
  };
  const pass = async (ms: number): Promise<void> => {
    clock.advance(ms);
    await settled();
  };
  return { lane, source, sink, arrived, send, pass };
}

/** Pipes hand on what they have. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('one direction of a relayed call', () => {
  it('keeps the order where only some are delayed, and where a delay ends', async () => {
    const { arrived, send, pass } = laneWith((text) => (text === 'slow' ? { delayMs: 100 } : {}));
    await send('first', 'slow', 'behind');
    expect(arrived).to.deep.equal(['first']);
    await pass(50);
    await send('later');
    expect(arrived).to.deep.equal(['first']);
    await pass(50);
    expect(arrived).to.deep.equal(['first', 'slow', 'behind', 'later']);
    await send('at once');
    expect(arrived.at(-1)).to.equal('at once');
  });

  it('lets others overtake what is held back', async () => {
    const { arrived, send, pass } = laneWith((text) => (text === 'held' ? { heldMs: 100 } : {}));
    await send('held', 'quick');
    expect(arrived).to.deep.equal(['quick']);
    await pass(100);
    expect(arrived).to.deep.equal(['quick', 'held']);
  });

  it('ends after the last message, however late that is', async () => {
    const { source, sink, arrived, send, pass } = laneWith(() => ({ delayMs: 100 }));
    await send('last');
    source.end();
    await settled();
    expect(sink.writableEnded).to.equal(false);
    const ended = once(sink, 'end');
    await pass(100);
    await ended;
    expect(arrived).to.deep.equal(['last']);
  });

  it('passes on what was begun and not completed', async () => {
    const { source, sink } = laneWith(() => ({}));
    source.end(framed(Buffer.from('half')).subarray(0, 7));
    await once(sink, 'end');
    expect(sink.readableLength).to.equal(0);
  });

  it('holds the sender back where too much waits', async () => {
    const { source, send, pass } = laneWith(() => ({ delayMs: 100 }));
    await send('x'.repeat(1_100_000));
    expect(source.isPaused()).to.equal(true);
    await pass(100);
    expect(source.isPaused()).to.equal(false);
  });

  it('passes nothing on once it is closed', async () => {
    const { lane, arrived, send, pass } = laneWith(() => ({ delayMs: 100 }));
    await send('late');
    lane.close();
    await pass(100);
    expect(arrived).to.deep.equal([]);
  });
});
