import { expect } from 'chai';
import {
  AliveMessage,
  ConnEstablish,
  create,
  decode,
  decodeMessage,
  encode,
  encodeMessage,
  Envelope,
  gossipMessage,
  Member,
  MembershipResponse,
  PeerTime,
  Secret,
  WireType,
} from '../../src/wire';
import { bytes, faultOf, hex, text } from './hex';

const uint64Max = 2n ** 64n - 1n;

describe('decode', () => {
  it('gives every absent field its default, and absent messages and oneofs as undefined', () => {
    expect(decode(AliveMessage, bytes(''))).to.deep.equal({
      membership: undefined,
      timestamp: undefined,
      identity: bytes(''),
    });
    expect(decodeMessage(bytes(''))).to.deep.equal({
      nonce: 0n,
      channel: bytes(''),
      tag: 0,
      content: undefined,
    });
    expect(decode(MembershipResponse, bytes(''))).to.deep.equal({ alive: [], dead: [] });
  });

  it('keeps all 64 bits', () => {
    for (const value of [2n ** 53n + 1n, 2n ** 63n, uint64Max, 1795325091256500751n]) {
      const time = create(PeerTime, { incNum: value, seqNum: 1n });
      expect(decode(PeerTime, encode(PeerTime, time))).to.deep.equal(time);
    }
  });

  it('lets the last of repeated scalars stay', () => {
    expect(decode(PeerTime, bytes('0801 1007 0802'))).to.deep.include({ incNum: 2n, seqNum: 7n });
  });

  it('lets the last alternative of a oneof stay', () => {
    // hello { nonce 1 }, then ack {}
    expect(decodeMessage(bytes('4a020801 b20100')).content).to.deep.equal({
      kind: 'ack',
      value: { error: '' },
    });
  });

  it('merges the occurrences of a sub-message', () => {
    // timestamp { incNum 5 }, then timestamp { seqNum 7 }
    expect(decode(AliveMessage, bytes('12020805 12021007')).timestamp).to.deep.equal({
      incNum: 5n,
      seqNum: 7n,
    });
  });

  it('merges an alternative that comes twice, but not one that another stood between', () => {
    const twice = decodeMessage(bytes('4a020801 4a021802')).content;
    expect(twice).to.deep.equal({ kind: 'hello', value: { nonce: 1n, metadata: bytes(''), msgType: 2 } });
    const between = decodeMessage(bytes('4a020801 b20100 4a021802')).content;
    expect(between).to.deep.equal({ kind: 'hello', value: { nonce: 0n, metadata: bytes(''), msgType: 2 } });
  });

  it('collects the elements of a list from everywhere in the message', () => {
    // dead { payload 01 }, alive { payload 02 }, dead { payload 03 }
    const { alive, dead } = decode(MembershipResponse, bytes('12030a0101 0a030a0102 12030a0103'));
    expect(alive.map(({ payload }) => hex(payload))).to.deep.equal(['02']);
    expect(dead.map(({ payload }) => hex(payload))).to.deep.equal(['01', '03']);
  });

  it('knows an empty list element and an empty alternative from none', () => {
    expect(decode(MembershipResponse, bytes('0a00')).alive).to.have.length(1);
    expect(decode(Secret, bytes('0a00')).content).to.deep.equal({ kind: 'internalEndpoint', value: '' });
    expect(decode(Secret, bytes('')).content).to.equal(undefined);
  });

  it('takes a bool for true whenever its varint is not 0', () => {
    for (const [varint, value] of [
      ['00', false],
      ['01', true],
      ['02', true],
      ['8000', false],
      ['80808080808080808001', true],
    ] as const) {
      expect(decode(ConnEstablish, bytes(`20${varint}`)).probe, varint).to.equal(value);
    }
  });

  it('gives an enum as the number on the wire, its lower 32 bits signed', () => {
    for (const [varint, value] of [
      ['63', 99],
      ['ffffffff07', 2 ** 31 - 1],
      ['ffffffffffffffffff01', -1],
      ['8180808010', 1],
    ] as const) {
      expect(decodeMessage(bytes(`18${varint}`)).tag, varint).to.equal(value);
    }
  });

  it('takes varints that are longer than need be, as tag, length and value', () => {
    expect(decode(PeerTime, bytes('888000 8500')).incNum).to.equal(5n);
    expect(decode(Member, bytes('0a 81808000 41')).endpoint).to.equal('A');
    expect(decode(Member, bytes('0a 8180808080808000 41')).endpoint).to.equal('A');
  });

  it('takes a leading U+FEFF for text', () => {
    expect(decode(Member, bytes('0a 04 efbbbf41')).endpoint).to.equal('\uFEFFA');
  });

  it('gives bytes as plain views of the input', () => {
    const input = Buffer.from('0a021801', 'hex');
    const { payload } = decode(Envelope, input);
    expect(Object.getPrototypeOf(payload)).to.equal(Uint8Array.prototype);
    expect(payload.buffer).to.equal(input.buffer);
    expect(hex(payload)).to.equal('1801');
  });
});

describe('unknown fields', () => {
  // field 4 (unused), varint 1; tag EMPTY; field 100, fixed32; field 101, a group that holds field 1.
  const wire = '2001 1801 a50601020304 ab060805ac06';
  const message = decodeMessage(bytes(wire));

  it('are kept in order, with their wire type and their bytes', () => {
    expect(message.unknownFields).to.deep.equal([
      { no: 4, wireType: WireType.VARINT, bytes: bytes('01') },
      { no: 100, wireType: WireType.FIXED32, bytes: bytes('01020304') },
      { no: 101, wireType: WireType.START_GROUP, bytes: bytes('0805ac06') },
    ]);
  });

  it('are encoded again, after the known ones', () => {
    expect(hex(encodeMessage(message))).to.equal('18012001a50601020304ab060805ac06');
  });

  it('are kept in nested messages and alternatives too', () => {
    const nested = '2a06 0a040a002801';
    expect(hex(encodeMessage(decodeMessage(bytes(nested))))).to.equal('2a040a022801');
  });

  it('add up when a sub-message is merged', () => {
    const { timestamp } = decode(AliveMessage, bytes('12024801 12025002'));
    expect(timestamp?.unknownFields?.map(({ no }) => no)).to.deep.equal([9, 10]);
  });

  it('are what a known number with another wire type is', () => {
    // nonce as bytes, tag as fixed32, aliveMsg as varint
    const odd = decodeMessage(bytes('0a0101 1d01020304 2805'));
    expect(odd).to.deep.include({ nonce: 0n, tag: 0, content: undefined });
    expect(odd.unknownFields?.map(({ no, wireType }) => [no, wireType])).to.deep.equal([
      [1, WireType.BYTES],
      [3, WireType.FIXED32],
      [5, WireType.VARINT],
    ]);
  });

  it('may have the highest field number', () => {
    expect(decodeMessage(bytes('f8ffffff0f 01')).unknownFields).to.deep.equal([
      { no: 2 ** 29 - 1, wireType: WireType.VARINT, bytes: bytes('01') },
    ]);
  });

  it('are no property where there are none', () => {
    expect(decodeMessage(bytes('1801'))).not.to.have.property('unknownFields');
  });
});

describe('encode', () => {
  it('leaves defaults out, but not a chosen alternative', () => {
    expect(encodeMessage(gossipMessage({}))).to.have.length(0);
    expect(hex(encodeMessage(gossipMessage({ content: { kind: 'empty', value: {} } })))).to.equal('6a00');
    const secret = create(Secret, { content: { kind: 'internalEndpoint', value: '' } });
    expect(hex(encode(Secret, secret))).to.equal('0a00');
  });

  it('writes a present but empty sub-message', () => {
    expect(hex(encode(AliveMessage, create(AliveMessage, { timestamp: {} })))).to.equal('1200');
  });

  it('orders fields by number, whatever order the object has', () => {
    const time = { seqNum: 7n, incNum: 5n };
    expect(hex(encode(PeerTime, time))).to.equal('08051007');
  });

  it('keeps enum values that nobody knows', () => {
    for (const tag of [6, 99, -1, -(2 ** 31)]) {
      expect(decodeMessage(encodeMessage(gossipMessage({ tag }))).tag).to.equal(tag);
    }
  });

  it('refuses what its field cannot hold', () => {
    const time = (incNum: bigint) => () => encode(PeerTime, { incNum, seqNum: 0n });
    expect(faultOf(time(2n ** 64n))).to.deep.include({ code: 'VALUE', field: 'PeerTime.incNum' });
    expect(faultOf(time(-1n)).code).to.equal('VALUE');
    expect(faultOf(() => encodeMessage(gossipMessage({ tag: 2 ** 31 }))).code).to.equal('VALUE');
    expect(faultOf(() => encodeMessage(gossipMessage({ tag: 0.5 }))).code).to.equal('VALUE');
    const lone = create(Member, { endpoint: 'a\uD800' });
    expect(faultOf(() => encode(Member, lone)).code).to.equal('VALUE');
  });

  it('writes any well-formed string', () => {
    const member = create(Member, { endpoint: 'h\u00e9\u{1F600}:7051' });
    expect(decode(Member, encode(Member, member))).to.deep.equal(member);
  });
});

describe('create', () => {
  it('fills in defaults at any depth', () => {
    const message = gossipMessage({
      content: { kind: 'aliveMsg', value: { membership: { endpoint: 'h:1' } } },
    });
    expect(message).to.deep.equal({
      nonce: 0n,
      channel: bytes(''),
      tag: 0,
      content: {
        kind: 'aliveMsg',
        value: {
          membership: { endpoint: 'h:1', metadata: bytes(''), pkiId: bytes('') },
          timestamp: undefined,
          identity: bytes(''),
        },
      },
    });
  });

  it('fills in the elements of lists, and keeps unknown fields', () => {
    const unknownFields = [{ no: 9, wireType: WireType.VARINT, bytes: bytes('01') }];
    const response = create(MembershipResponse, { alive: [{ payload: text('a') }], unknownFields });
    expect(response).to.deep.equal({
      alive: [{ payload: text('a'), signature: bytes(''), secretEnvelope: undefined }],
      dead: [],
      unknownFields,
    });
  });

  it('gives what decoding what it encodes to gives', () => {
    const message = gossipMessage({ nonce: 1n, content: { kind: 'memRes', value: { dead: [{}] } } });
    expect(decodeMessage(encodeMessage(message))).to.deep.equal(message);
  });
});
