import { expect } from 'chai';
import {
  decode,
  decodeEnvelope,
  decodeMessage,
  DEFAULT_LIMITS,
  encodeMessage,
  Envelope,
  envelope,
  gossipMessage,
  MAX_ELEMENTS,
  MAX_ENVELOPE_DEPTH,
  MAX_GROUP_DEPTH,
  MAX_UNKNOWN_FIELDS,
  Member,
  MembershipResponse,
  PeerTime,
  toJson,
  WireError,
} from '../../src/wire';
import { bytes, faultOf } from './hex';
import { recordedEnvelopes, recordings } from './recordings';

const repeated = (hex: string, times: number): Uint8Array => {
  const unit = Buffer.from(hex, 'hex');
  return new Uint8Array(Buffer.alloc(unit.length * times, unit));
};

describe('what does not decode', () => {
  const cases: readonly (readonly [what: string, code: string, field: string, wire: string])[] = [
    ['a tag that ends early', 'TRUNCATED', 'GossipMessage', '80'],
    ['a varint that ends early', 'TRUNCATED', 'GossipMessage.nonce', '0880'],
    ['a value that is missing', 'TRUNCATED', 'GossipMessage.nonce', '08'],
    ['bytes that end early', 'TRUNCATED', 'GossipMessage.channel', '120561'],
    ['a message that ends early', 'TRUNCATED', 'GossipMessage.aliveMsg', '2a050a00'],
    [
      'a field longer than its message',
      'TRUNCATED',
      'GossipMessage.aliveMsg.membership',
      '2a020a05 0a03683a31',
    ],
    ['a varint over the end of its message', 'TRUNCATED', 'GossipMessage.hello.nonce', '4a0208ff 01'],
    ['an unknown fixed64 that ends early', 'TRUNCATED', 'GossipMessage.#100', 'a106 00000000000000'],
    ['a group that does not close', 'TRUNCATED', 'GossipMessage.#100', 'a306 0801'],
    ['a length of 2^32', 'TRUNCATED', 'GossipMessage.channel', '12 8080808010'],
    ['a length of 2^63', 'TRUNCATED', 'GossipMessage.channel', '12 80808080808080808001'],
    ['a varint of eleven bytes', 'MALFORMED', 'GossipMessage.nonce', '08 8080808080808080808001'],
    ['a varint above 64 bits', 'MALFORMED', 'GossipMessage.nonce', '08 ffffffffffffffffff02'],
    ['field number 0', 'MALFORMED', 'GossipMessage', '0001'],
    ['a field number above 2^29 - 1', 'MALFORMED', 'GossipMessage', '8080808010 01'],
    ['wire type 6', 'MALFORMED', 'GossipMessage.#1', '0e01'],
    ['wire type 7', 'MALFORMED', 'GossipMessage.#100', 'a70601'],
    ['the end of a group that is not open', 'MALFORMED', 'GossipMessage.#100', 'a406'],
    ['a group that another ends', 'MALFORMED', 'GossipMessage.#100', 'a306 ac06'],
    ['a string that is not UTF-8', 'UTF8', 'GossipMessage.aliveMsg.membership.endpoint', '2a05 0a03 0a01ff'],
    ['a string with a surrogate', 'UTF8', 'GossipMessage.ack.error', 'b20105 0a03eda080'],
    ['a string with an overlong form', 'UTF8', 'GossipMessage.ack.error', 'b20104 0a02c080'],
  ];
  for (const [what, code, field, wire] of cases) {
    it(`${code}: ${what}`, () => {
      expect(faultOf(() => decodeMessage(bytes(wire)))).to.deep.include({ code, field });
    });
  }

  it('is told with its cause', () => {
    expect(() => decode(Member, bytes('0a01ff')))
      .to.throw(WireError, 'Member.endpoint: not UTF-8')
      .with.property('cause')
      .that.is.instanceOf(TypeError);
  });
});

describe('limits', () => {
  it('bytes', () => {
    const limits = { ...DEFAULT_LIMITS, maxMessageBytes: 3 };
    expect(decode(PeerTime, bytes('080110'.slice(0, 4)), limits).incNum).to.equal(1n);
    expect(faultOf(() => decode(PeerTime, bytes('08011007'), limits))).to.deep.equal({
      code: 'LIMIT',
      message: 'more than 3 bytes',
      field: 'PeerTime',
      limit: 3,
      actual: 4,
    });
  });

  it('elements, of all lists together', () => {
    const limits = { ...DEFAULT_LIMITS, maxElements: 3 };
    expect(decode(MembershipResponse, bytes('0a00 1200 0a00'), limits).alive).to.have.length(2);
    expect(faultOf(() => decode(MembershipResponse, bytes('0a00 1200 0a00 1200'), limits))).to.deep.include({
      code: 'LIMIT',
      field: 'MembershipResponse.dead',
      limit: 3,
    });
    expect(decode(MembershipResponse, repeated('0a00', MAX_ELEMENTS)).alive).to.have.length(MAX_ELEMENTS);
    expect(faultOf(() => decode(MembershipResponse, repeated('0a00', MAX_ELEMENTS + 1))).code).to.equal(
      'LIMIT',
    );
  });

  it('unknown fields, nested ones included', () => {
    const limits = { ...DEFAULT_LIMITS, maxUnknownFields: 2 };
    expect(faultOf(() => decodeMessage(bytes('2801 4a04 50015001'), limits))).to.deep.include({
      code: 'LIMIT',
      field: 'GossipMessage.hello.#10',
      limit: 2,
    });
    expect(decodeMessage(repeated('2001', MAX_UNKNOWN_FIELDS)).unknownFields).to.have.length(
      MAX_UNKNOWN_FIELDS,
    );
    expect(faultOf(() => decodeMessage(repeated('2001', MAX_UNKNOWN_FIELDS + 1))).code).to.equal('LIMIT');
  });

  it('groups within groups, as many as protobuf-go takes', () => {
    const groups = (depth: number): Uint8Array =>
      Buffer.concat([repeated('a306', depth), repeated('a406', depth)]);
    expect(decodeMessage(groups(MAX_GROUP_DEPTH)).unknownFields).to.have.length(1);
    expect(faultOf(() => decodeMessage(groups(MAX_GROUP_DEPTH + 1))).code).to.equal('LIMIT');
    expect(faultOf(() => decodeMessage(repeated('a306', 5_000_000))).code).to.equal('LIMIT');
  });
});

describe('small messages that claim to be large', () => {
  it('allocate nothing for a declared length', () => {
    // An envelope, a list element and a string of 2^32 bytes each, none of which follow.
    const claims = ['0a 8080808010', '3a07 0a 8080808010', '2a09 0a07 0a 8080808010'].map(bytes);
    const before = process.memoryUsage().arrayBuffers;
    for (const claim of claims) {
      for (let i = 0; i < 1_000; i++) {
        expect(faultOf(() => decodeEnvelope(claim)).code).to.equal('TRUNCATED');
        expect(faultOf(() => decodeMessage(claim)).code).to.equal('TRUNCATED');
      }
    }
    expect(process.memoryUsage().arrayBuffers - before).to.be.lessThan(2 ** 20);
  });

  it('do not overflow the stack by envelopes within envelopes', () => {
    let payload = bytes('');
    for (let depth = 0; depth < 2_000; depth++) {
      const selfInformation = envelope(payload);
      payload = encodeMessage(gossipMessage({ content: { kind: 'memReq', value: { selfInformation } } }));
    }
    const json = JSON.stringify(toJson(envelope(payload)));
    expect(json.match(/"memReq"/g)).to.have.length(MAX_ENVELOPE_DEPTH);
  });

  it('merge a sub-message that comes a million times into one', () => {
    const { secretEnvelope } = decode(Envelope, repeated('1a030a0101', 1_000_000));
    expect(secretEnvelope?.payload).to.deep.equal(bytes('01'));
  });
});

describe('damaged recordings', () => {
  const valueOrWireError = (damaged: Uint8Array): boolean => {
    try {
      decodeMessage(decodeEnvelope(damaged).payload);
      return true;
    } catch (error) {
      if (error instanceof WireError) return false;
      throw error;
    }
  };
  const flipped = (original: Uint8Array, bit: number): Uint8Array => {
    const copy = original.slice();
    copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    return copy;
  };
  /** The smallest recorded envelope of each kind. */
  const smallest = new Map<string, Uint8Array>();
  const endings = { value: 0, wireError: 0 };

  before('cut each message at one place, and flip one bit of it', async function () {
    this.timeout(60_000);
    // A linear congruential generator: the same places in each run.
    let state = 1;
    const below = (bound: number): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * bound);
    };
    for (const name of recordings) {
      for (const { kind, envelope: original } of await recordedEnvelopes(name)) {
        if (original.length < (smallest.get(kind)?.length ?? Infinity)) smallest.set(kind, original);
        for (const damaged of [
          original.subarray(0, below(original.length)),
          flipped(original, below(original.length * 8)),
        ]) {
          endings[valueOrWireError(damaged) ? 'value' : 'wireError'] += 1;
        }
      }
    }
  });

  it('end in a value or a WireError, every message of them', () => {
    expect(endings.value + endings.wireError).to.equal(2 * 27_756);
    expect(endings.value).to.be.greaterThan(10_000);
    expect(endings.wireError).to.be.greaterThan(10_000);
  });

  it('end so at every length and with every bit flipped, one message of each kind', () => {
    expect(smallest).to.have.property('size', 15);
    for (const original of smallest.values()) {
      const head = Math.min(original.length, 1_024);
      for (let length = 0; length < original.length; length++) valueOrWireError(original.subarray(0, length));
      for (let bit = 0; bit < head * 8; bit++) valueOrWireError(flipped(original, bit));
    }
  });
});
