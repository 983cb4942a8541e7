import { expect } from 'chai';
import { Faults, type FaultRule } from '../../../src/capture/proxy/faults';
import { SeededRandom } from '../../../src/ports/seeded-random';
import { encodeEnvelope, encodeMessage, envelope, gossipMessage } from '../../../src/wire';

const hello = encodeEnvelope(
  envelope(encodeMessage(gossipMessage({ content: { kind: 'hello', value: { nonce: 7n } } }))),
);
const empty = encodeEnvelope(
  envelope(encodeMessage(gossipMessage({ content: { kind: 'empty', value: {} } }))),
);

const fatesWith = (rule: FaultRule, seed: number, count = 1000): string[] => {
  const faults = new Faults(new SeededRandom(seed));
  faults.add(rule);
  return Array.from({ length: count }, () => faults.judge(hello, 'a', 'b').fate);
};

describe('faults between peers', () => {
  it('befall the peers and the kinds that a rule names, until it is taken away', () => {
    const faults = new Faults(new SeededRandom(1));
    const rule = faults.add({ action: { kind: 'drop' }, from: ['a'], to: ['b'], kinds: ['hello'] });
    expect(faults.judge(hello, 'a', 'b')).to.deep.equal({ fate: 'dropped', passages: [] });
    expect(faults.judge(empty, 'a', 'b').fate).to.equal('passed');
    expect(faults.judge(hello, 'b', 'a').fate).to.equal('passed');
    expect(faults.judge(hello, undefined, 'b').fate).to.equal('passed');
    expect(faults.judge(Buffer.from('no envelope'), 'a', 'b').fate).to.equal('passed');
    rule[Symbol.dispose]();
    expect(faults.judge(hello, 'a', 'b').fate).to.equal('passed');
  });

  it('strike as often as the rate says, the same for the same seed', () => {
    const rule: FaultRule = { action: { kind: 'drop' }, rate: 0.3 };
    const fates = fatesWith(rule, 5);
    expect(fates.filter((fate) => fate === 'dropped').length).to.be.within(250, 350);
    expect(fatesWith(rule, 5)).to.deep.equal(fates);
    expect(fatesWith(rule, 6)).not.to.deep.equal(fates);
  });

  it('strike no more often than the limit', () => {
    expect(fatesWith({ action: { kind: 'drop' }, limit: 2 }, 1, 4)).to.deep.equal([
      'dropped',
      'dropped',
      'passed',
      'passed',
    ]);
  });

  it('add up: altered, doubled and late at once', () => {
    const faults = new Faults(new SeededRandom(1));
    const [first] = hello;
    faults.add({
      action: { kind: 'alter', alter: ({ bytes }) => Uint8Array.from(bytes, (byte) => byte ^ 1) },
    });
    faults.add({ action: { kind: 'duplicate' } });
    faults.add({ action: { kind: 'delay', minMs: 5, maxMs: 5 } });
    const { passages } = faults.judge(hello, 'a', 'b');
    expect(passages.map(({ bytes, delayMs }) => [bytes[0], delayMs])).to.deep.equal([
      [(first ?? 0) ^ 1, 5],
      [(first ?? 0) ^ 1, 5],
    ]);
  });

  it('do not call altered what came back as it was', () => {
    expect(fatesWith({ action: { kind: 'alter', alter: ({ bytes }) => bytes } }, 1, 1)).to.deep.equal([
      'passed',
    ]);
  });
});
