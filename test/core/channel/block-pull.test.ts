import { expect } from 'chai';
import type { Opened } from '../../../src/core';
import { PullMsgType, Tag, type Envelope } from '../../../src/wire';
import { BlockBench, isBlockPull } from '../support/block-bench';
import {
  blockDigest,
  blockHello,
  blockOf,
  blockRequest,
  blockUpdate,
  bytesOf,
  channelMessage,
  dataMessage,
  forged,
  stateInfoOf,
  textOf,
  type ChannelBenchOptions,
} from '../support/channel-bench';
import type { BenchStream } from '../support/machine-bench';
import { Remote } from '../support/remote';

const item = (payload: Uint8Array): Envelope => ({
  payload,
  signature: new Uint8Array(),
  secretEnvelope: undefined,
});

describe('pull of blocks', () => {
  let bench: BlockBench;
  let op: Remote;
  let stream: BenchStream;
  beforeEach(() => {
    start();
  });

  /** With `op` on the channel. */
  function start(options: ChannelBenchOptions = {}): void {
    bench = new BlockBench(options);
    op = new Remote('Org1MSP', 'op');
    stream = bench.onChannel(op);
  }

  describe('as responder', () => {
    beforeEach(() => {
      stream.send(dataMessage(1n), dataMessage(2n));
      bench.clock.advance(20);
      stream.take();
    });

    it('PULL-02, BLOCK-08: a Hello brings the numbers in decimal, on the stream, with tag and channel', () => {
      stream.send(blockHello(0n));
      const { content, message } = stream.takeOnly('dataDig');
      expect(message).to.deep.include({ tag: Tag.CHAN_AND_ORG, nonce: 0n, channel: bytesOf('ch') });
      expect(content.value).to.deep.include({ nonce: 0n, msgType: PullMsgType.BLOCK_MSG });
      expect(content.value.digests.map(textOf).sort()).to.deep.equal(['1', '2']);
    });

    it('PULL-06, PULL-08: a request brings what is held, byte for byte as it came', () => {
      stream.send(blockHello(5n));
      stream.take();
      stream.send(blockRequest(5n, ['2', '9']));
      const { value } = stream.takeOnly('dataUpdate').content;
      expect(value.nonce).to.equal(5n);
      expect(value.data).to.deep.equal([dataMessage(2n).envelope]);
    });

    it('PULL-03, PULL-04: silence without blocks, and without the nonce of a Hello', () => {
      stream.send(blockRequest(99n, ['1']), blockHello(5n), blockRequest(5n, ['9', '01']));
      expect(stream.takeKinds()).to.deep.equal(['dataDig']);
      start();
      expect(bench.offered(stream)).to.deep.equal([]);
    });

    it('BLOCK-07, BAD-76: needs state info of the requester, but no alive, and our organisation', () => {
      const newcomer = new Remote('Org1MSP', 'newcomer');
      const mute = bench.connect(newcomer);
      expect(bench.offered(mute)).to.deep.equal([]);
      mute.send(stateInfoOf(newcomer, 1n));
      expect(bench.offered(mute)).to.deep.equal([1, 2]);
      expect(bench.offered(bench.onChannel(new Remote('Org2MSP', 'two')))).to.deep.equal([]);
      expect(bench.takeRejections()).to.deep.equal(['no-block-partner']);
    });

    it('LEAVE-04: left_channel of the requester does not stop it', () => {
      stream.send(stateInfoOf(op, 2n, { leftChannel: true }));
      expect(bench.offered(stream)).to.deep.equal([1, 2]);
    });

    it('LEAVE-02: our own leaving does', () => {
      bench.input({ kind: 'leave-channel', name: 'ch' });
      expect(bench.offered(stream)).to.deep.equal([]);
      expect(bench.takeRejections()).to.include('channel-left');
    });
  });

  describe('as initiator', () => {
    /** A round in which `to` advertises these; the nonce, and what is asked for in return. */
    function round(digests: readonly string[], to = stream): [bigint, string[]] {
      to.take();
      bench.clock.advance(4000);
      const hello = to.take().find((each) => isBlockPull(each) && each.message.content?.kind === 'hello');
      if (hello?.message.content?.kind !== 'hello') throw new Error('no Hello');
      const { nonce } = hello.message.content.value;
      to.send(blockDigest(nonce, digests));
      bench.clock.advance(1000);
      const asked = to
        .take()
        .filter(isBlockPull)
        .flatMap(({ message: { content } }) => (content?.kind === 'dataReq' ? content.value.digests : []));
      return [nonce, asked.map(textOf)];
    }

    it('BLOCK-09, PULL-01: Hellos go to own-org members with state info every pullInterval', () => {
      const mute = bench.join(new Remote('Org1MSP', 'mute'));
      const foreign = bench.onChannel(new Remote('Org2MSP', 'two'));
      bench.clock.advance(4000);
      const hellos = [stream, mute, foreign].map((each) => each.take().filter(isBlockPull).length);
      expect(hellos).to.deep.equal([1, 0, 0]);
    });

    it('LEAVE-02: none after we have left', () => {
      bench.input({ kind: 'leave-channel', name: 'ch' });
      bench.clock.advance(4000);
      expect(stream.take().filter(isBlockPull)).to.deep.equal([]);
    });

    it('BLOCK-10, BAD-77: asks for numbers from the height on, as the very strings received', () => {
      start({ height: 6 });
      const long = `${'0'.repeat(100_000)}8`;
      const [, asked] = round(['abc', '5', '007', '+8', '-8', '', '8 ', '18446744073709551616', long, '6']);
      expect(asked.sort()).to.deep.equal(['007', '6']);
    });

    it('BLOCK-12: what is pulled is committed and offered, but not relayed', () => {
      const witness = bench.onChannel(new Remote('Org1MSP', 'witness'));
      const [nonce, asked] = round(['1', '2']);
      expect(asked.sort()).to.deep.equal(['1', '2']);
      witness.take();
      stream.send(blockUpdate(nonce, [dataMessage(1n), dataMessage(2n)]));
      expect(bench.pushed(witness)).to.deep.equal([]);
      expect(bench.ledger.height()).to.equal(3n);
      expect(bench.offered(stream)).to.deep.equal([1, 2]);
    });

    it('PULL-12: an update nobody asked for is used, but not offered', () => {
      stream.send(blockUpdate(99n, [dataMessage(1n)]));
      expect(bench.ledger.height()).to.equal(2n);
      expect(bench.offered(stream)).to.deep.equal([]);
    });

    it('BLOCK-11: items that the store refuses are skipped', () => {
      stream.send(dataMessage(1n));
      stream.send(blockUpdate(9n, [dataMessage(1n, forged), dataMessage(2n), dataMessage(2n)]));
      expect(bench.ledger.height()).to.equal(3n);
      expect(bench.takeRejections()).to.deep.equal([]);
    });

    const badItems: Record<string, () => Opened | Envelope> = {
      'BAD-78: of another channel': () => dataMessage(2n, blockOf(2n), { channel: 'other' }),
      'BAD-78: that is forged': () => dataMessage(2n, forged),
      'BAD-42: without payload': () => channelMessage({ kind: 'dataMsg', value: { payload: undefined } }),
      'that is no block': () => stateInfoOf(new Remote('Org1MSP', 'x'), 1n),
      'that does not parse': () => item(Uint8Array.of(0xff)),
    };
    for (const [title, bad] of Object.entries(badItems)) {
      it(`BLOCK-11: an item ${title} voids the whole update`, () => {
        stream.send(dataMessage(1n));
        stream.send(blockUpdate(9n, [dataMessage(2n), bad(), dataMessage(3n)]));
        expect(bench.ledger.height()).to.equal(2n);
        expect(bench.takeRejections()).to.deep.equal(['bad-block-update']);
        expect(stream.ending).to.equal(undefined);
      });
    }

    it('asks for no more than a round may, however many are advertised', () => {
      const [, asked] = round(Array.from({ length: 5000 }, (_, number) => String(number + 1)));
      expect(asked).to.have.length(1000);
    });
  });
});
