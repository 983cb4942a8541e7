import { expect } from 'chai';
import type { Opened } from '../../../src/core';
import { Tag } from '../../../src/wire';
import { BlockBench, isBlock } from '../support/block-bench';
import {
  blockOf,
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

const range = (from: number, to: number): bigint[] =>
  Array.from({ length: to - from + 1 }, (_, i) => BigInt(from + i));

describe('blocks', () => {
  let bench: BlockBench;
  let stream: BenchStream;
  beforeEach(() => {
    start();
  });

  /** With `op` on the channel. */
  function start(options: ChannelBenchOptions = {}): void {
    bench = new BlockBench(options);
    stream = bench.onChannel(new Remote('Org1MSP', 'op'));
  }

  describe('pushed', () => {
    it('BLOCK-04, BLOCK-05: is verified, relayed byte for byte but not back, offered, and committed', () => {
      const witness = bench.onChannel(new Remote('Org1MSP', 'witness'));
      const block = dataMessage(1n);
      stream.send(block, block);
      expect(bench.pushed(witness).map(({ bytes }) => bytes)).to.deep.equal([block.bytes]);
      expect(bench.pushed(stream)).to.deep.equal([]);
      expect(bench.verifier.asked).to.deep.equal([1n]);
      expect(bench.ledger.height()).to.equal(2n);
      expect(bench.offered(stream)).to.deep.equal([1]);
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
        own: bench.onChannel(new Remote('Org1MSP', 'own')),
        left: bench.onChannel(new Remote('Org1MSP', 'left')),
        mute: bench.join(new Remote('Org1MSP', 'mute')),
        foreign: bench.onChannel(new Remote('Org2MSP', 'two')),
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
        const witness = bench.onChannel(new Remote('Org1MSP', 'witness'));
        stream.send(message());
        expect(bench.pushed(witness)).to.deep.equal([]);
        expect(bench.offered(stream)).to.deep.equal([]);
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
      const witness = bench.onChannel(new Remote('Org1MSP', 'witness'));
      stream.send(dataMessage(21n));
      expect(bench.pushed(witness)).to.have.length(1);
      expect(bench.takeRejections()).to.deep.equal(['block-out-of-reach']);
      for (const number of range(11, 20)) stream.send(dataMessage(number));
      expect(bench.ledger.height()).to.equal(1n);
      bench.ledger.blocks.push(...range(1, 10).map((number) => blockOf(number)));
      bench.input({ kind: 'channel-changed', name: 'ch' });
      expect(bench.ledger.height()).to.equal(21n);
    });

    it('BLOCK-06: below the height it is kept and relayed, but not committed again', () => {
      start({ height: 5 });
      const witness = bench.onChannel(new Remote('Org1MSP', 'witness'));
      stream.send(dataMessage(4n));
      expect(bench.pushed(witness)).to.have.length(1);
      expect(bench.ledger.height()).to.equal(5n);
      expect(bench.offered(stream)).to.deep.equal([4]);
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
      const [block] = bench.pushed(stream);
      expect(block?.message).to.deep.include({ tag: Tag.CHAN_AND_ORG, nonce: 0n, channel: bytesOf('ch') });
      expect(block?.envelope.signature).to.have.length(0);
      expect(block?.bytes).to.deep.equal(dataMessage(1n).bytes);
      expect(bench.ledger.height()).to.equal(2n);
      expect(bench.offered(stream)).to.deep.equal([1]);
    });
  });

  describe('STORE-02: the store', () => {
    it('BLOCK-13: holds the eleven newest; one more than ten below is refused', () => {
      for (const number of range(1, 20)) stream.send(dataMessage(number));
      expect(bench.offered(stream)).to.deep.equal(range(10, 20).map(Number));
      bench.takeRejections();
      stream.send(dataMessage(9n));
      expect(bench.takeRejections()).to.deep.equal(['stale-block']);
    });

    it('ten below the newest is taken, and one far above leaves nothing else', () => {
      start({ settings: { propagatePeerNum: 1 } });
      for (const number of [15n, 5n, 4n]) stream.send(dataMessage(number));
      expect(bench.offered(stream)).to.deep.equal([5, 15]);
      stream.send(dataMessage(26n));
      expect(bench.offered(stream)).to.deep.equal([26]);
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
      expect(bench.offered(stream)).to.deep.equal([1]);
      bench.clock.advance(200);
      expect(bench.offered(stream)).to.deep.equal([]);
      bench.takeRejections();
      stream.send(dataMessage(1n));
      expect(bench.takeRejections()).to.deep.equal(['stale-block']);
      bench.clock.advance(10_000);
      stream.send(dataMessage(1n));
      expect(bench.offered(stream)).to.deep.equal([1]);
    });
  });
});
