import { expect } from 'chai';
import fc from 'fast-check';
import type { Opened } from '../../src/core';
import { encode, Envelope, Tag } from '../../src/wire';
import { MachineBench } from './support/machine-bench';
import { envelopeOf, Remote, unsigned } from './support/remote';

const NO_BYTES = new Uint8Array();

/** A message of each kind that the machine reads closely, to be spoilt. */
function specimens(op: Remote): Opened[] {
  const item = op.identityItem();
  return [
    op.conn(),
    op.alive({ internalEndpoint: 'in:1' }),
    op.request(1n),
    op.response(1n, [op.alive()], [new Remote('Org1MSP', 'dead').alive()]),
    unsigned({ kind: 'hello', value: { nonce: 1n, metadata: NO_BYTES, msgType: 2 } }),
    unsigned({ kind: 'dataDig', value: { nonce: 1n, digests: [op.pkiId], msgType: 2 } }),
    unsigned({ kind: 'dataReq', value: { nonce: 1n, digests: [op.pkiId], msgType: 2 } }),
    unsigned({ kind: 'dataUpdate', value: { nonce: 1n, data: [item.envelope], msgType: 2 } }),
    unsigned(
      {
        kind: 'stateInfo',
        value: { timestamp: undefined, pkiId: op.pkiId, channelMac: NO_BYTES, properties: undefined },
      },
      0n,
      Tag.CHAN_OR_ORG,
    ),
  ];
}

const change = fc.record({ at: fc.nat(2000), to: fc.nat(255) });
/** Some bytes changed, and the end cut off. */
function spoil(bytes: Uint8Array, changes: readonly { at: number; to: number }[], cut: number): Uint8Array {
  const spoilt = bytes.slice(0, bytes.length - Math.min(cut, bytes.length));
  for (const { at, to } of changes) {
    if (spoilt.length > 0) {
      spoilt[at % spoilt.length] = to;
    }
  }
  return spoilt;
}

describe('a hostile peer', function () {
  this.timeout(20_000);
  const op = new Remote('Org1MSP', 'op');
  const honest = new Remote('Org1MSP', 'honest');

  /** Whether an honest peer is still served. */
  function serves(bench: MachineBench): boolean {
    const stream = bench.accept();
    stream.send(honest.conn(), honest.request(7n));
    return stream.takeKinds().includes('memRes');
  }

  it('BAD-36 to BAD-42: brings nothing down with spoilt payloads, signed anew by itself', () => {
    const spoilt = fc.record({
      which: fc.nat(8),
      changes: fc.array(change, { maxLength: 5 }),
      cut: fc.nat(3),
    });
    fc.assert(
      fc.property(fc.array(spoilt, { minLength: 1, maxLength: 8 }), (inputs) => {
        const bench = new MachineBench();
        let stream = bench.connect(op);
        for (const { which, changes, cut } of inputs) {
          const payload = spoil(specimens(op)[which]?.envelope.payload ?? NO_BYTES, changes, cut);
          const signature = op.identity.sign(payload);
          stream.send(encode(Envelope, { payload, signature, secretEnvelope: undefined }));
          bench.clock.advance(500);
          stream = stream.ending === undefined ? stream : bench.connect(op);
        }
        expect(serves(bench)).to.be.true;
      }),
      { numRuns: 150 },
    );
  });

  it('BAD-04, BAD-33: nor with any bytes, before and after its handshake', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 5 }), (inputs) => {
        const bench = new MachineBench();
        for (const bytes of inputs) {
          bench.accept().send(bytes);
          bench.accept().send(envelopeOf(bytes));
          const stream = bench.connect(op);
          stream.send(bytes);
          stream.end();
          bench.connect(op).send(envelopeOf(bytes)).end();
        }
        expect(serves(bench)).to.be.true;
      }),
      { numRuns: 100 },
    );
  });

  it('holds at most so many streams that have not authenticated', () => {
    const bench = new MachineBench();
    const streams = Array.from({ length: 1030 }, () => bench.accept());
    expect(streams.filter(({ ending }) => ending !== undefined)).to.have.length(6);
    bench.clock.advance(2000);
    expect(serves(bench)).to.be.true;
  });
});
