import { expect } from 'chai';
import { compareShapes, RecordingReader, shapeOf, type Shape } from '../../src/capture';
import { recordingFolder } from '../wire/recordings';

describe('shapes of recordings', function () {
  this.timeout(20_000);
  let shape: Shape;
  before(async () => {
    shape = await shapeOf(new RecordingReader(recordingFolder('v2.5.16-member')));
  });

  it('tell kinds, fields, what follows what, and intervals', () => {
    const hello = shape.kinds.get('hello of identities');
    expect([...(hello?.fields.keys() ?? [])]).to.deep.equal(['hello.msgType', 'hello.nonce', 'tag']);
    expect(hello?.medianGapMs).to.be.within(900, 1_100);
    expect(shape.follows.get('start > conn')).to.be.oneOf([1, undefined]);
  });

  it('of one recording do not differ', () => {
    expect(compareShapes(shape, shape)).to.deep.equal([]);
  });

  it('differ where a field, a kind, or an interval does', () => {
    const kinds = new Map(shape.kinds);
    const hello = kinds.get('hello of identities');
    if (hello === undefined) throw new Error('no Hello');
    const fields = new Map([...hello.fields, ['hello.metadata', 1] as const]);
    kinds.set('hello of identities', { ...hello, fields, medianGapMs: 5_000 });
    kinds.delete('leadershipMsg');
    const found = compareShapes(shape, { ...shape, kinds }).filter(({ about }) => about !== 'sequence');
    expect(found.map(({ about, what }) => `${about} ${what}`)).to.deep.equal([
      'field hello of identities: hello.metadata',
      'interval hello of identities',
      'kind leadershipMsg',
    ]);
  });
});
