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

  for (const version of ['v2.5.16', 'v3.1.5'] as const) {
    it(`of ${version}: our peer in a real one’s seat sends the fields that a real one sends, at its intervals`, async () => {
      const [real, ours] = await Promise.all(
        ([`${version}-between-peers`, `${version}-seat`] as const).map((name) =>
          shapeOf(new RecordingReader(recordingFolder(name)), 'org1.peer0'),
        ),
      );
      if (real === undefined || ours === undefined) throw new Error('no shapes');
      const found = compareShapes(real, ours);
      expect(found.filter(({ about }) => about === 'field')).to.deep.equal([]);
      // What it does by a timer of its own; what it answers and passes on comes when others send.
      const own = ['hello of identities', 'hello of blocks', 'memReq', 'stateInfoPullReq'];
      expect(own.every((kind) => ours.kinds.get(kind)?.medianGapMs !== undefined)).to.be.true;
      expect(found.filter(({ about, what }) => about === 'interval' && own.includes(what))).to.deep.equal([]);
    });
  }
});
