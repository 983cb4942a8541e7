import { expect } from 'chai';
import fc from 'fast-check';
import { decode, encode, WireError, type MessageType } from '../../src/wire';
import { arbitraryMessage, messageTypes } from './arbitraries';

/** The same run each time; change it to look elsewhere. */
const seed = 20261122;

describe('codec, for every message type', () => {
  for (const type of messageTypes) {
    it(`${type.name}: decode undoes encode, and what is canonical is encoded to the same bytes`, () => {
      fc.assert(
        fc.property(arbitraryMessage(type), (message) => {
          const bytes = encode(type, message);
          const decoded = decode(type, bytes);
          expect(decoded).to.deep.equal(message);
          expect(encode(type, decoded)).to.deep.equal(bytes);
        }),
        { seed, numRuns: 40 },
      );
    });

    it(`${type.name}: any bytes end in a value or a WireError`, () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
          decodesStablyOrFails(type, bytes);
        }),
        { seed, numRuns: 200 },
      );
    });
  }

  it('a message with any byte changed ends in a value or a WireError', () => {
    const damaged = fc.constantFrom(...messageTypes).chain((type) =>
      fc.record({
        type: fc.constant(type),
        bytes: arbitraryMessage(type).map((message) => encode(type, message)),
        at: fc.nat(),
        to: fc.nat(255),
      }),
    );
    fc.assert(
      fc.property(damaged, ({ type, bytes, at, to }) => {
        if (bytes.length > 0) bytes[at % bytes.length] = to;
        decodesStablyOrFails(type, bytes);
      }),
      { seed, numRuns: 2_000 },
    );
  });
});

/** What decodes, canonical or not, encodes to bytes that decode to the same. */
function decodesStablyOrFails(type: MessageType, bytes: Uint8Array): void {
  let message;
  try {
    message = decode(type, bytes);
  } catch (error) {
    expect(error).to.be.instanceOf(WireError);
    return;
  }
  expect(decode(type, encode(type, message))).to.deep.equal(message);
}
