import { expect } from 'chai';
import { Tag } from '../../../src/wire';
import type { Opened } from '../../../src/core';
import {
  ChannelBench,
  channelMessage,
  macOf,
  snapshotOf,
  stateInfoOf,
  stateInfoRequestOf,
  type ChannelBenchOptions,
} from '../support/channel-bench';
import type { BenchStream } from '../support/machine-bench';
import { contentOf } from '../support/contents';
import { Remote, unsigned } from '../support/remote';

const isStateInfo = ({ message }: Opened): boolean => message.content?.kind === 'stateInfo';

describe('state info', () => {
  let bench: ChannelBench;
  let op: Remote;
  let stream: BenchStream;
  beforeEach(() => {
    start();
  });

  function start(options: ChannelBenchOptions = {}): void {
    bench = new ChannelBench(options);
    op = new Remote('Org1MSP', 'op');
    stream = bench.join(op);
  }
  const snapshotFor = (remote: Remote, to: BenchStream, others: readonly Remote[] = []): string[] =>
    bench.snapshotFor(remote, to, [op, ...others]);

  describe('its own', () => {
    it('SINF-01, SINF-04, TAG-05: signed, MAC instead of a channel, height and chaincodes without metadata', () => {
      start({ height: 7, channel: { chaincodes: [{ name: '_lifecycle', version: '1' }] } });
      bench.clock.advance(4010);
      const { content, envelope, message } = stream.takeOnly('stateInfo');
      expect(message).to.include({ tag: Tag.CHAN_OR_ORG, nonce: 0n });
      expect(message.channel).to.have.length(0);
      expect(bench.self.verify(envelope.payload, envelope.signature)).to.be.true;
      const { channelMac, pkiId, properties, timestamp } = content.value;
      expect(pkiId).to.deep.equal(bench.self.pkiId);
      expect(channelMac).to.deep.equal(macOf(bench.self.pkiId));
      expect(properties).to.deep.include({ ledgerHeight: 7n, leftChannel: false });
      expect(
        properties?.chaincodes.map(({ name, version, metadata }) => [name, version, metadata.length]),
      ).to.deep.equal([['_lifecycle', '1', 0]]);
      expect((timestamp?.incNum ?? 0n) > 10n ** 18n).to.be.true;
      expect((timestamp?.seqNum ?? 0n) > 10n ** 18n).to.be.true;
    });

    it('SINF-05: once, at a tick, and again when the height changed, with a higher seq_num', () => {
      bench.clock.advance(4010);
      const first = stream.takeOnly('stateInfo').content.value;
      bench.clock.advance(8000);
      expect(stream.take().filter(isStateInfo)).to.deep.equal([]);
      bench.ledger.append(new Uint8Array());
      bench.input({ kind: 'channel-changed', name: 'ch' });
      expect(stream.take().filter(isStateInfo)).to.deep.equal([]);
      bench.clock.advance(4010);
      const second = stream.takeOnly('stateInfo').content.value;
      expect(second.properties?.ledgerHeight).to.equal(2n);
      expect(second.timestamp?.incNum).to.equal(first.timestamp?.incNum);
      expect((second.timestamp?.seqNum ?? 0n) > (first.timestamp?.seqNum ?? 0n)).to.be.true;
    });

    it('SINF-05: at once when the chaincodes changed', () => {
      bench.clock.advance(4010);
      stream.take();
      bench.input({ kind: 'channel-changed', name: 'ch', chaincodes: [{ name: 'cc', version: '2' }] });
      bench.clock.advance(10);
      expect(stream.takeOnly('stateInfo').content.value.properties?.chaincodes[0]).to.include({ name: 'cc' });
    });

    it('SINF-06: in a snapshot it is the last published one', () => {
      bench = new ChannelBench();
      bench.ledger.append(new Uint8Array());
      bench.input({ kind: 'channel-changed', name: 'ch' });
      bench.clock.advance(9000);
      const lonely = bench.connect(op);
      const height = (): bigint | undefined => {
        lonely.send(stateInfoRequestOf(op));
        const [element] = lonely.takeOnly('stateSnapshot').content.value.elements;
        return element && contentOf(element, 'stateInfo').value.properties?.ledgerHeight;
      };
      expect(height()).to.equal(1n);
      lonely.send(op.alive());
      bench.clock.advance(4000);
      lonely.take();
      expect(height()).to.equal(2n);
    });

    it('EMIT-06: with an external endpoint to members of all organisations of the channel, else to its own', () => {
      for (const [externalEndpoint, reached] of [
        ['self:7051', [true, true, false]],
        ['', [true, false, false]],
      ] as const) {
        start({ settings: { externalEndpoint, propagatePeerNum: 10 } });
        const streams = [stream, bench.newcomer('Org2MSP', 'two')[1], bench.newcomer('Org3MSP', 'three')[1]];
        bench.clock.advance(4010);
        expect(streams.map((each) => each.take().some(isStateInfo))).to.deep.equal(reached);
      }
    });

    it('LEAVE-02, LEAVE-03: on leaving it says so, with the rest unchanged, still answers, and has no view', () => {
      start({ height: 3 });
      stream.send(stateInfoOf(op, 1n));
      expect(bench.view()).to.deep.equal(['op:7051']);
      bench.clock.advance(4010);
      stream.take();
      bench.input({ kind: 'leave-channel', name: 'ch' });
      bench.clock.advance(4010);
      const { properties } = stream.takeOnly('stateInfo').content.value;
      expect(properties).to.deep.include({ leftChannel: true, ledgerHeight: 3n });
      expect(snapshotFor(op, stream)).to.deep.equal(['op:7051', 'self']);
      expect(bench.view()).to.deep.equal([]);
    });
  });

  describe('of others', () => {
    it('SINF-07, SIGN-02: is kept, and relayed byte for byte, but not to where it came from', () => {
      const [witness, ear] = bench.newcomer('Org2MSP', 'witness');
      const message = stateInfoOf(op, 1n, { height: 5n });
      stream.send(message);
      bench.clock.advance(10);
      expect(
        ear
          .take()
          .filter(isStateInfo)
          .map(({ bytes }) => bytes),
      ).to.deep.equal([message.bytes]);
      expect(stream.take().filter(isStateInfo)).to.deep.equal([]);
      expect(snapshotFor(witness, ear)).to.deep.equal(['op:7051', 'self']);
      expect(bench.machine.channel('ch')?.members()[0]?.ledgerHeight).to.equal(5n);
      const learned = bench.events.find(({ kind }) => kind === 'stateInfoLearned');
      expect(learned).to.deep.include({ channel: 'ch', ledgerHeight: 5n, leftChannel: false });
    });

    it('EMIT-06: of a hidden author it stays in our organisation', () => {
      start({ settings: { propagatePeerNum: 10 } });
      const [hidden, from] = bench.newcomer('Org1MSP', 'hidden', '');
      const [, foreign] = bench.newcomer('Org2MSP', 'two');
      from.send(stateInfoOf(hidden, 1n));
      bench.clock.advance(10);
      expect([stream, foreign].map((each) => each.take().some(isStateInfo))).to.deep.equal([true, false]);
    });

    it('STORE-01: an equal or older one is a duplicate', () => {
      const [, ear] = bench.newcomer('Org1MSP', 'witness');
      stream.send(
        stateInfoOf(op, 5n),
        stateInfoOf(op, 5n),
        stateInfoOf(op, 4n),
        stateInfoOf(op, 9n, { incNum: 0n }),
      );
      bench.clock.advance(10);
      expect(ear.take().filter(isStateInfo)).to.have.length(1);
      expect(bench.takeRejections()).to.deep.equal(Array(3).fill('stale-state-info'));
    });

    const refused: Record<string, [() => Opened, string]> = {
      'SINF-02: of an unknown author': [
        () => stateInfoOf(new Remote('Org1MSP', 'stranger'), 1n),
        'unknown-author',
      ],
      'SINF-02: with a bad signature': [
        () => stateInfoOf(op, 1n, { signer: new Remote('Org1MSP', 'x') }),
        'bad-signature',
      ],
      'SINF-16, BAD-40: without timestamp': [
        () => stateInfoOf(op, 1n, { noTimestamp: true }),
        'incomplete-state-info',
      ],
      'with a wrong tag': [() => stateInfoOf(op, 1n, { tag: Tag.EMPTY }), 'illegal-tag'],
      'larger than any honest one': [
        () => stateInfoOf(op, 1n, { chaincodes: Array<string>(300).fill('c'.repeat(1000)) }),
        'oversized-state-info',
      ],
    };
    for (const [title, [message, reason]] of Object.entries(refused)) {
      it(`${title}: is neither kept nor relayed`, () => {
        const [, ear] = bench.newcomer('Org1MSP', 'witness');
        bench.takeRejections();
        stream.send(message(), message());
        bench.clock.advance(10);
        expect(ear.take().filter(isStateInfo)).to.deep.equal([]);
        expect(snapshotFor(op, stream)).to.deep.equal(['self']);
        expect(bench.takeRejections()).to.deep.equal([reason, reason]);
      });
    }

    it('SINF-03: of an organisation that is not in the channel, told by one that is, is not kept', () => {
      const [third] = bench.newcomer('Org3MSP', 'third');
      stream.send(stateInfoOf(third, 1n));
      expect(bench.takeRejections()).to.deep.equal(['author-not-in-channel']);
    });

    it('SINF-03: nor of one who is no reader', () => {
      start({ channel: { isReader: ({ pkiId }) => pkiId.join() !== op.pkiId.join() } });
      stream.send(stateInfoOf(op, 1n));
      expect(bench.takeRejections()).to.deep.equal(['author-not-in-channel']);
    });

    it('TAG-08: nothing from a connection of an organisation that is not in the channel', () => {
      const [third, from] = bench.newcomer('Org3MSP', 'third');
      from.send(stateInfoOf(op, 1n), stateInfoRequestOf(third), snapshotOf([]));
      expect(from.take()).to.deep.equal([]);
      expect(bench.takeRejections()).to.deep.equal(Array(3).fill('org-not-in-channel'));
    });

    it('TAG-04, TAG-07: one with the MAC of another channel is only relayed to our organisation', () => {
      const [, ear] = bench.newcomer('Org1MSP', 'witness');
      stream.send(stateInfoOf(op, 1n, { channel: 'other' }));
      bench.clock.advance(10);
      expect(ear.take().filter(isStateInfo)).to.have.length(1);
      expect(snapshotFor(op, stream)).to.deep.equal(['self']);
    });

    it('LEAVE-03: left_channel takes a member out of the view', () => {
      stream.send(stateInfoOf(op, 1n));
      expect(bench.view()).to.deep.equal(['op:7051']);
      stream.send(stateInfoOf(op, 2n, { leftChannel: true }));
      expect(bench.view()).to.deep.equal([]);
    });

    it('SINF-13: without properties its author counts as having no height', () => {
      stream.send(stateInfoOf(op, 1n, { noProperties: true }));
      expect(bench.machine.channel('ch')?.members()[0]?.ledgerHeight).to.equal(0n);
    });

    it('SINF-14: goes after 5 pullIntervals if its author is no member at all; a dead one is', () => {
      const stranger = new Remote('Org1MSP', 'stranger');
      const mute = bench.connect(stranger);
      mute.send(stateInfoOf(stranger, 1n));
      stream.send(stateInfoOf(op, 1n));
      expect(snapshotFor(op, stream, [stranger])).to.deep.equal(['op:7051', 'self', 'stranger:7051']);
      stream.end();
      bench.clock.advance(20_000);
      const back = bench.connect(op);
      expect(snapshotFor(op, back, [stranger])).to.deep.equal(['op:7051', 'self']);
    });

    it('SINF-15: goes with the organisation that a later configuration leaves out', () => {
      const [two, from] = bench.newcomer('Org2MSP', 'two');
      from.send(stateInfoOf(two, 1n));
      expect(snapshotFor(op, stream, [two])).to.deep.equal(['self', 'two:7051']);
      bench.configure({ orgs: ['Org1MSP'] });
      expect(snapshotFor(op, stream, [two])).to.deep.equal(['self']);
    });
  });

  it('TAG-06: a message that names no channel joined is dropped, with a channel joined too', () => {
    stream.take();
    bench.takeRejections();
    stream.send(channelMessage({ kind: 'stateSnapshot', value: { elements: [] } }, { channel: 'other' }));
    stream.send(unsigned({ kind: 'stateSnapshot', value: { elements: [] } }, 0n, Tag.CHAN_OR_ORG));
    expect(stream.take()).to.deep.equal([]);
    expect(bench.takeRejections()).to.deep.equal(['channel-not-joined', 'channel-not-joined']);
  });

  it('TAG-09: identity pull heeds no channel field', () => {
    stream.take();
    const value = { nonce: 3n, metadata: new Uint8Array(), msgType: 2 };
    stream.send(channelMessage({ kind: 'hello', value }, { tag: Tag.EMPTY }));
    expect(stream.takeOnly('dataDig').message.channel).to.have.length(0);
  });
});
