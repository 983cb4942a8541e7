import { expect } from 'chai';
import { frame, FrameReader } from '../../../conformance/harness/bare/frames';

describe('frames of gRPC', () => {
  const first = Uint8Array.of(1, 2, 3);
  const wire = Buffer.concat([frame(first), frame(new Uint8Array())]);

  it('are cut out of a stream wherever its chunks end', () => {
    for (let at = 0; at <= wire.length; at++) {
      const reader = new FrameReader();
      const frames = [...reader.push(wire.subarray(0, at)), ...reader.push(wire.subarray(at))];
      expect(frames).to.deep.equal([
        { compressed: false, message: first },
        { compressed: false, message: new Uint8Array() },
      ]);
    }
  });

  it('can claim another length than they have', () => {
    expect([...frame(first, 9)]).to.deep.equal([0, 0, 0, 0, 9, 1, 2, 3]);
    expect(new FrameReader().push(frame(first, 9))).to.deep.equal([]);
  });
});
