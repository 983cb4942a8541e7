import type { Opened } from '../../../src/core';
import { Tag } from '../../../src/wire';
import { blockHello, ChannelBench, textOf } from './channel-bench';
import type { BenchStream } from './machine-bench';

export const isBlock = ({ message }: Opened): boolean => message.content?.kind === 'dataMsg';
export const isBlockPull = ({ message }: Opened): boolean => message.tag === Tag.CHAN_AND_ORG;

/** A channel bench that tells which blocks a member is pushed, and which it is offered. */
export class BlockBench extends ChannelBench {
  /** The blocks that were pushed to a member since the last time. */
  pushed(to: BenchStream): Opened[] {
    this.clock.advance(10);
    return to.take().filter(isBlock);
  }

  /** The numbers that a Hello of a member brings, sorted. */
  offered(to: BenchStream): number[] {
    to.take();
    to.send(blockHello(7n));
    return to
      .take()
      .filter(isBlockPull)
      .flatMap(({ message: { content } }) => (content?.kind === 'dataDig' ? content.value.digests : []))
      .map((digest) => Number(textOf(digest)))
      .sort((a, b) => a - b);
  }
}
