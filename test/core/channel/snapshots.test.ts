import { expect } from 'chai';
import type { Envelope } from '../../../src/wire';
import { ChannelBench, snapshotOf, stateInfoOf, stateInfoRequestOf } from '../support/channel-bench';
import type { BenchStream } from '../support/machine-bench';
import { Remote } from '../support/remote';

const withBadSignature = ({ signature, ...rest }: Envelope): Envelope => ({
  ...rest,
  signature: signature.map((byte) => byte ^ 1),
});

describe('SINF-12: what ends the reading of a snapshot, and what is passed over', () => {
  let bench: ChannelBench;
  let op: Remote;
  let stream: BenchStream;
  let next: Remote;
  beforeEach(() => {
    start();
  });

  function start(isReader: (pkiId: Uint8Array) => boolean = () => true): void {
    bench = new ChannelBench({ channel: { isReader: ({ pkiId }) => isReader(pkiId) } });
    [op, next] = [new Remote('Org1MSP', 'op'), new Remote('Org2MSP', 'next')];
    stream = bench.join(op);
    bench.join(next, next.alive());
    bench.takeRejections();
  }

  /** Has it read an element, and one more behind it; whether it gets so far. */
  function readsOnAfter(element: Envelope): boolean {
    stream.send(snapshotOf([element, stateInfoOf(next, 1n)]));
    return bench.view().includes('next:7051');
  }

  it('an element of one who is no reader is passed over', () => {
    start((pkiId) => pkiId.join() !== op.pkiId.join());
    expect(readsOnAfter(stateInfoOf(op, 1n).envelope)).to.be.true;
    expect(bench.view()).to.deep.equal(['next:7051']);
    expect(bench.takeRejections()).to.deep.equal([]);
  });

  it('so is an old one', () => {
    stream.send(stateInfoOf(op, 2n));
    expect(readsOnAfter(stateInfoOf(op, 1n).envelope)).to.be.true;
  });

  it('an old one with a bad signature ends it', () => {
    stream.send(stateInfoOf(op, 2n));
    expect(readsOnAfter(withBadSignature(stateInfoOf(op, 1n).envelope))).to.be.false;
    expect(bench.takeRejections()).to.deep.equal(['bad-snapshot-element']);
  });

  it('so does the one held, with another signature', () => {
    const held = stateInfoOf(op, 2n);
    stream.send(held);
    expect(readsOnAfter(withBadSignature(held.envelope))).to.be.false;
    expect(readsOnAfter(held.envelope)).to.be.true;
  });

  it('so does one of ours with a bad signature', () => {
    stream.take();
    stream.send(stateInfoRequestOf(op));
    const [own] = stream.takeOnly('stateSnapshot').content.value.elements;
    if (own === undefined) throw new Error('a snapshot without the peer itself');
    expect(readsOnAfter(withBadSignature(own))).to.be.false;
    expect(readsOnAfter(own)).to.be.true;
  });

  it('so does one of a member with a bad signature who is no reader', () => {
    start((pkiId) => pkiId.join() !== op.pkiId.join());
    expect(readsOnAfter(withBadSignature(stateInfoOf(op, 1n).envelope))).to.be.false;
  });
});
