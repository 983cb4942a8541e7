import { expect } from 'chai';
import type { Opened } from '../../../src/core';
import { PullMsgType, Tag, type Envelope } from '../../../src/wire';
import {
  ChannelBench,
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

const isBlock = ({ message }: Opened): boolean => message.content?.kind === 'dataMsg';
const isBlockPull = ({ message }: Opened): boolean => message.tag === Tag.CHAN_AND_ORG;
const range = (from: number, to: number): bigint[] =>
  Array.from({ length: to - from + 1 }, (_, i) => BigInt(from + i));
const item = (payload: Uint8Array): Envelope => ({
  payload,
  signature: new Uint8Array(),
  secretEnvelope: undefined,
});

describe('blocks', () => {
  let bench: ChannelBench;
  let op: Remote;
  let stream: BenchStream;
  /** All that are on the channel. */
  let streams: BenchStream[];
  beforeEach(() => {
    start();
  });

  /** With `op` on the channel. */
  function start(options: ChannelBenchOptions = {}): void {
    bench = new ChannelBench(options);
    streams = [];
    op = new Remote('Org1MSP', 'op');
    stream = onChannel(op);
  }
  function onChannel(remote: Remote): BenchStream {
    const connected = bench.join(remote);
    connected.send(stateInfoOf(remote, 1n));
    bench.clock.advance(20);
    streams.push(connected);
    for (const each of streams) each.take();
    bench.takeRejections();
    return connected;
  }
  /** Numbers that a Hello brings, sorted. */
  function offered(to: BenchStream = stream): number[] {
    to.take();
    to.send(blockHello(7n));
    return to
      .take()
      .filter(isBlockPull)
      .flatMap(({ message: { content } }) => (content?.kind === 'dataDig' ? content.value.digests : []))
      .map((digest) => Number(textOf(digest)))
      .sort((a, b) => a - b);
  }
  const pushed = (to: BenchStream): Opened[] => {
    bench.clock.advance(10);
    return to.take().filter(isBlock);
  };

  describe('pushed', () => {
    it('BLOCK-04, BLOCK-05: is verified, relayed byte for byte but not back, offered, and committed', () => {
      const witness = onChannel(new Remote('Org1MSP', 'witness'));
      const block = dataMessage(1n);
      stream.send(block, block);
      expect(pushed(witness).map(({ bytes }) => bytes)).to.deep.equal([block.bytes]);
      expect(pushed(stream)).to.deep.equal([]);
      expect(bench.verifier.asked).to.deep.equal([1n]);
      expect(bench.ledger.height()).to.equal(2n);
      expect(offered()).to.deep.equal([1]);
      expect(bench.events.some((event) => event.kind === 'blockCommitted' && event.number === 1n)).to.be.true;
      expect(bench.takeRejections()).to.deep.equal(['stale-block']);
    });

    it('SINF-04, SINF-05: what is committed shows in the next state info', () => {
      bench.clock.advance(4000);
      stream.take();
      stream.send(dataMessage(1n), dataMessage(2n));
      bench.clock.advance(4010);
      expect(stream.takeOnly('stateInfo').content.value.properties?.ledgerHeight).to.equal(3n);
    });

    it('BLOCK-03: goes to own-org members with state info only', () => {
      start({ settings: { propagatePeerNum: 10 } });
      const classes = {
        own: onChannel(new Remote('Org1MSP', 'own')),
        left: onChannel(new Remote('Org1MSP', 'left')),
        mute: bench.join(new Remote('Org1MSP', 'mute')),
        foreign: onChannel(new Remote('Org2MSP', 'two')),
      };
      classes.left.send(stateInfoOf(new Remote('Org1MSP', 'left'), 2n, { leftChannel: true }));
      stream.send(dataMessage(1n));
      bench.clock.advance(10);
      const reached = Object.entries(classes).filter(([, each]) => each.take().some(isBlock));
      expect(reached.map(([name]) => name)).to.deep.equal(['own', 'left']);
    });

    it('BLOCK-04: may come from a foreign peer of the channel, without state info', () => {
      bench.join(new Remote('Org2MSP', 'two')).send(dataMessage(1n));
      expect(bench.ledger.height()).to.equal(2n);
    });

    const refused: Record<string, [() => Opened, string]> = {
      'BAD-79: that the verifier refuses': [() => dataMessage(1n, forged), 'bad-block'],
      'with another number than it has': [() => dataMessage(2n, blockOf(1n)), 'bad-block'],
      'BLOCK-14, BAD-80: without payload': [
        () => channelMessage({ kind: 'dataMsg', value: { payload: undefined } }),
        'no-block-payload',
      ],
      'TAG-06: of another channel': [
        () => dataMessage(1n, blockOf(1n), { channel: 'x' }),
        'channel-not-joined',
      ],
      'TAG-01: with a wrong tag': [
        () => dataMessage(1n, blockOf(1n), { tag: Tag.CHAN_OR_ORG }),
        'illegal-tag',
      ],
    };
    for (const [title, [message, reason]] of Object.entries(refused)) {
      it(`${title}: is neither kept, relayed nor committed`, () => {
        const witness = onChannel(new Remote('Org1MSP', 'witness'));
        stream.send(message());
        expect(pushed(witness)).to.deep.equal([]);
        expect(offered()).to.deep.equal([]);
        expect(bench.ledger.height()).to.equal(1n);
        expect(bench.takeRejections()).to.include(reason);
        expect(stream.ending).to.equal(undefined);
      });
    }

    it('TAG-08: not from a connection of an organisation that is not in the channel', () => {
      bench.join(new Remote('Org3MSP', 'three')).send(dataMessage(1n));
      expect(bench.ledger.height()).to.equal(1n);
    });

    it('BLOCK-06: waits for its turn, and is committed in order', () => {
      for (const number of [3n, 2n, 4n]) stream.send(dataMessage(number));
      expect(bench.ledger.height()).to.equal(1n);
      stream.send(dataMessage(1n));
      expect(bench.ledger.blocks.slice(1).map(textOf)).to.deep.equal(
        range(1, 4).map((n) => textOf(blockOf(n))),
      );
    });

    it('BLOCK-06, BAD-81: 20 or more above the height is kept and relayed, but does not wait', () => {
      const witness = onChannel(new Remote('Org1MSP', 'witness'));
      stream.send(dataMessage(21n));
      expect(pushed(witness)).to.have.length(1);
      expect(bench.takeRejections()).to.deep.equal(['block-out-of-reach']);
      for (const number of range(11, 20)) stream.send(dataMessage(number));
      expect(bench.ledger.height()).to.equal(1n);
      bench.ledger.blocks.push(...range(1, 10).map((number) => blockOf(number)));
      bench.input({ kind: 'channel-changed', name: 'ch' });
      expect(bench.ledger.height()).to.equal(21n);
    });

    it('BLOCK-06: below the height it is kept and relayed, but not committed again', () => {
      start({ height: 5 });
      const witness = onChannel(new Remote('Org1MSP', 'witness'));
      stream.send(dataMessage(4n));
      expect(pushed(witness)).to.have.length(1);
      expect(bench.ledger.height()).to.equal(5n);
      expect(offered()).to.deep.equal([4]);
    });

    it('a ledger that fails is reported, and tried again with the next block', () => {
      bench.ledger.failure = new Error('disk full');
      stream.send(dataMessage(1n));
      expect(bench.ledger.height()).to.equal(1n);
      expect(bench.events.find(({ kind }) => kind === 'ledgerFailed')).to.deep.include({ channel: 'ch' });
      stream.send(dataMessage(2n));
      expect(bench.ledger.height()).to.equal(3n);
    });

    it('BLOCK-01: one that an orderer delivered is pushed unsigned, with the channel, and committed', () => {
      bench.input({ kind: 'block-delivered', name: 'ch', number: 1n, block: blockOf(1n) });
      const [block] = pushed(stream);
      expect(block?.message).to.deep.include({ tag: Tag.CHAN_AND_ORG, nonce: 0n, channel: bytesOf('ch') });
      expect(block?.envelope.signature).to.have.length(0);
      expect(block?.bytes).to.deep.equal(dataMessage(1n).bytes);
      expect(bench.ledger.height()).to.equal(2n);
      expect(offered()).to.deep.equal([1]);
    });
  });

  describe('STORE-02: the store', () => {
    it('BLOCK-13: holds the eleven newest; one more than ten below is refused', () => {
      for (const number of range(1, 20)) stream.send(dataMessage(number));
      expect(offered()).to.deep.equal(range(10, 20).map(Number));
      bench.takeRejections();
      stream.send(dataMessage(9n));
      expect(bench.takeRejections()).to.deep.equal(['stale-block']);
    });

    it('ten below the newest is taken, and one far above leaves nothing else', () => {
      start({ settings: { propagatePeerNum: 1 } });
      for (const number of [15n, 5n, 4n]) stream.send(dataMessage(number));
      expect(offered()).to.deep.equal([5, 15]);
      stream.send(dataMessage(26n));
      expect(offered()).to.deep.equal([26]);
    });

    it('BLOCK-13, STORE-03: offers a block for 100 pullIntervals, and refuses its like for as long again', () => {
      const quick = {
        pullIntervalMs: 100,
        digestWaitTimeMs: 20,
        requestWaitTimeMs: 30,
        responseWaitTimeMs: 40,
      };
      start({ settings: { ...quick, aliveExpirationTimeoutMs: 1e9 } });
      stream.send(dataMessage(1n));
      bench.clock.advance(10_000);
      expect(offered()).to.deep.equal([1]);
      bench.clock.advance(200);
      expect(offered()).to.deep.equal([]);
      bench.takeRejections();
      stream.send(dataMessage(1n));
      expect(bench.takeRejections()).to.deep.equal(['stale-block']);
      bench.clock.advance(10_000);
      stream.send(dataMessage(1n));
      expect(offered()).to.deep.equal([1]);
    });
  });

  describe('pull, as responder', () => {
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
      expect(offered()).to.deep.equal([]);
    });

    it('BLOCK-07, BAD-76: needs state info of the requester, but no alive, and our organisation', () => {
      const newcomer = new Remote('Org1MSP', 'newcomer');
      const mute = bench.connect(newcomer);
      expect(offered(mute)).to.deep.equal([]);
      mute.send(stateInfoOf(newcomer, 1n));
      expect(offered(mute)).to.deep.equal([1, 2]);
      expect(offered(onChannel(new Remote('Org2MSP', 'two')))).to.deep.equal([]);
      expect(bench.takeRejections()).to.deep.equal(['no-block-partner']);
    });

    it('LEAVE-04: left_channel of the requester does not stop it', () => {
      stream.send(stateInfoOf(op, 2n, { leftChannel: true }));
      expect(offered()).to.deep.equal([1, 2]);
    });

    it('LEAVE-02: our own leaving does', () => {
      bench.input({ kind: 'leave-channel', name: 'ch' });
      expect(offered()).to.deep.equal([]);
      expect(bench.takeRejections()).to.include('channel-left');
    });
  });

  describe('pull, as initiator', () => {
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
      const foreign = onChannel(new Remote('Org2MSP', 'two'));
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
      const witness = onChannel(new Remote('Org1MSP', 'witness'));
      const [nonce, asked] = round(['1', '2']);
      expect(asked.sort()).to.deep.equal(['1', '2']);
      witness.take();
      stream.send(blockUpdate(nonce, [dataMessage(1n), dataMessage(2n)]));
      expect(pushed(witness)).to.deep.equal([]);
      expect(bench.ledger.height()).to.equal(3n);
      expect(offered()).to.deep.equal([1, 2]);
    });

    it('PULL-12: an update nobody asked for is used, but not offered', () => {
      stream.send(blockUpdate(99n, [dataMessage(1n)]));
      expect(bench.ledger.height()).to.equal(2n);
      expect(offered()).to.deep.equal([]);
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
