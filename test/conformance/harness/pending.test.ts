import { expect } from 'chai';
import { Pending } from '../../../conformance/harness/pending';

const outcome = (promise: Promise<string>): Promise<string> =>
  promise.catch((error: unknown) => (error instanceof Error ? `failed: ${error.message}` : 'failed'));

describe('answers that are still to come', () => {
  it('reach those who asked, by what they asked', async () => {
    const pending = new Pending<number, string>();
    const [one, two] = [pending.answerTo(1), pending.answerTo(2)];
    expect(pending.size).to.equal(2);
    pending.answered(2, 'two');
    pending.answered(1, 'one');
    expect(await Promise.all([one, two])).to.deep.equal(['one', 'two']);
    expect(pending.size).to.equal(0);
  });

  it('fail one by one, or all that are left', async () => {
    const pending = new Pending<string, string>();
    const promises = ['a', 'b', 'c'].map((key) => pending.answerTo(key));
    pending.fail('no such thing', ['b']);
    expect(pending.size).to.equal(2);
    pending.fail('gone');
    expect(await Promise.all(promises.map(outcome))).to.deep.equal([
      'failed: gone',
      'failed: no such thing',
      'failed: gone',
    ]);
  });

  it('that nobody waits for are nobody’s business', () => {
    const pending = new Pending<string, string>();
    pending.answered('a', 'b');
    pending.fail('gone', ['c']);
    expect(pending.size).to.equal(0);
  });
});
