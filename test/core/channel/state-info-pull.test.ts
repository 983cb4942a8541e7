import { expect } from 'chai';
import type { Opened } from '../../../src/core';
import { Tag, type Envelope } from '../../../src/wire';
import { ChannelBench, macOf, snapshotOf, stateInfoOf, stateInfoRequestOf } from '../support/channel-bench';
import type { BenchStream } from '../support/machine-bench';
import { Remote } from '../support/remote';

const isStateInfo = ({ message }: Opened): boolean => message.content?.kind === 'stateInfo';

describe('pull of state info', () => {
  let bench: ChannelBench;
  let op: Remote;
  let stream: BenchStream;
  beforeEach(() => {
    bench = new ChannelBench();
    op = new Remote('Org1MSP', 'op');
    stream = bench.join(op);
  });
  const snapshotFor = (remote: Remote, to: BenchStream, others: readonly Remote[] = []): string[] =>
    bench.snapshotFor(remote, to, [op, ...others]);

  it('SINF-08: asks members of the channel’s organisations every requestStateInfoInterval, by MAC', () => {
    const [, foreign] = bench.newcomer('Org2MSP', 'two');
    const [, third] = bench.newcomer('Org3MSP', 'three');
    const asked = (each: BenchStream): Opened[] =>
      each.take().filter(({ message }) => message.content?.kind === 'stateInfoPullReq');
    bench.clock.advance(3979);
    expect([stream, foreign, third].map((each) => asked(each).length)).to.deep.equal([0, 0, 0]);
    bench.clock.advance(1);
    const [request] = asked(stream);
    expect(request?.message).to.deep.include({ tag: Tag.CHAN_OR_ORG, nonce: 0n });
    expect(request?.message.channel).to.have.length(0);
    expect(request?.envelope.signature).to.have.length(0);
    expect(request?.message.content?.value).to.deep.include({ channelMac: macOf(bench.self.pkiId) });
    expect([foreign, third].map((each) => asked(each).length)).to.deep.equal([1, 0]);
    bench.clock.advance(8000);
    expect(asked(stream)).to.have.length(2);
  });

  it('SINF-09: answers with a snapshot on the stream, needing neither state info nor alive', () => {
    const newcomer = new Remote('Org2MSP', 'newcomer');
    const first = bench.connect(newcomer);
    first.send(stateInfoRequestOf(newcomer));
    const { envelope, message } = first.takeOnly('stateSnapshot');
    expect(message).to.include({ tag: Tag.CHAN_OR_ORG, nonce: 0n });
    expect(message.channel).to.deep.equal(new TextEncoder().encode('ch'));
    expect(envelope.signature).to.have.length(0);
  });

  it('SINF-10, BAD-71: a MAC of another PKI-ID or channel gets silence', () => {
    stream.take();
    bench.takeRejections();
    stream.send(
      stateInfoRequestOf(op, macOf(bench.self.pkiId)),
      stateInfoRequestOf(op, macOf(op.pkiId, 'other')),
    );
    expect(stream.take()).to.deep.equal([]);
    expect(bench.takeRejections()).to.deep.equal(['channel-not-joined', 'channel-not-joined']);
  });

  it('SINF-11: tells an own-org requester all, a foreign one no hidden peers of ours', () => {
    const [hidden, from] = bench.newcomer('Org1MSP', 'hidden', '');
    const [two, foreign] = bench.newcomer('Org2MSP', 'two');
    from.send(stateInfoOf(hidden, 1n));
    stream.send(stateInfoOf(op, 1n));
    foreign.send(stateInfoOf(two, 1n));
    const others = [hidden, two];
    expect(snapshotFor(op, stream, others)).to.have.length(4);
    expect(snapshotFor(two, foreign, others)).to.deep.equal(['op:7051', 'self', 'two:7051']);
  });

  it('SINF-12: reads a snapshot, asked for or not, relays nothing of it, and stops at the first bad element', () => {
    const [two, ear] = bench.newcomer('Org2MSP', 'two');
    const [three] = bench.newcomer('Org2MSP', 'three');
    const bad = stateInfoOf(two, 1n, { signer: op });
    stream.send(snapshotOf([stateInfoOf(op, 1n), bad, stateInfoOf(three, 1n)]));
    bench.clock.advance(10);
    expect(ear.take().filter(isStateInfo)).to.deep.equal([]);
    expect(bench.view()).to.deep.equal(['op:7051']);
    expect(bench.takeRejections()).to.deep.equal(['bad-snapshot-element']);
    stream.send(snapshotOf([stateInfoOf(op, 1n), stateInfoOf(two, 1n), stateInfoOf(three, 1n)]));
    expect(bench.view()).to.deep.equal(['op:7051', 'three:7051', 'two:7051']);
  });

  it('SINF-12: skips an element of one who is no member', () => {
    const stranger = new Remote('Org1MSP', 'stranger');
    bench.connect(stranger);
    stream.send(snapshotOf([stateInfoOf(stranger, 1n), stateInfoOf(op, 1n)]));
    expect(snapshotFor(op, stream, [stranger])).to.deep.equal(['op:7051', 'self']);
  });

  const badElements: Record<string, () => Opened | Envelope> = {
    'that does not parse': () => ({
      payload: Uint8Array.of(0xff),
      signature: new Uint8Array(),
      secretEnvelope: undefined,
    }),
    'that is no state info': () => op.alive(),
    'of another channel': () => stateInfoOf(op, 1n, { channel: 'other' }),
    'without timestamp': () => stateInfoOf(op, 1n, { noTimestamp: true }),
  };
  for (const [title, element] of Object.entries(badElements)) {
    it(`SINF-12, BAD-75: an element ${title} ends the reading`, () => {
      const [two] = bench.newcomer('Org2MSP', 'two');
      bench.takeRejections();
      stream.send(snapshotOf([element(), stateInfoOf(two, 1n)]));
      expect(bench.view()).to.deep.equal([]);
      expect(bench.takeRejections()).to.deep.equal(['bad-snapshot-element']);
    });
  }

  it('SINF-12: so does one of an unknown author, which honest peers send too', () => {
    stream.send(snapshotOf([stateInfoOf(new Remote('Org1MSP', 'stranger'), 1n), stateInfoOf(op, 1n)]));
    expect(bench.view()).to.deep.equal([]);
    expect(bench.takeRejections()).to.deep.equal(['unknown-author']);
  });

  it('our own state info in a snapshot is no news', () => {
    stream.send(stateInfoRequestOf(op));
    const { elements } = stream.takeOnly('stateSnapshot').content.value;
    bench.takeRejections();
    stream.send(snapshotOf(elements), snapshotOf([stateInfoOf(op, 1n)]));
    expect(bench.view()).to.deep.equal(['op:7051']);
    expect(bench.takeRejections()).to.deep.equal([]);
  });
});
