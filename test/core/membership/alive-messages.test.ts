import { expect } from 'chai';
import { fabricRules, openBytes, withoutSecret } from '../../../src/core';
import { hex, decodeSecret, encode, Envelope, GossipMessage, Tag } from '../../../src/wire';
import { contentOf } from '../support/contents';
import { MachineBench, type BenchStream } from '../support/machine-bench';
import { Remote, unsigned } from '../support/remote';

describe('alive messages', () => {
  let bench: MachineBench;
  let op: Remote;
  let op2: Remote;
  let op3: Remote;
  beforeEach(() => {
    bench = new MachineBench();
    op = new Remote('Org1MSP', 'op');
    op2 = new Remote('Org1MSP', 'op2');
    op3 = new Remote('Org1MSP', 'op3');
  });

  describe('own alive messages', () => {
    it('ALIVE-01, ALIVE-07: external endpoint, no metadata, tag EMPTY, nonce 0, signed; the internal one in the secret', () => {
      const stream = bench.join(op);
      bench.clock.advance(5020);
      const {
        message,
        envelope,
        content: { value },
      } = stream.takeOnly('aliveMsg');
      expect(message).to.include({ tag: Tag.EMPTY, nonce: 0n });
      expect(value.membership).to.deep.include({ endpoint: 'self:7051', pkiId: bench.self.pkiId });
      expect(value.membership?.metadata).to.have.length(0);
      expect(bench.self.verify(envelope.payload, envelope.signature)).to.be.true;
      const secret = envelope.secretEnvelope;
      if (secret === undefined) throw new Error('no secret');
      expect(decodeSecret(secret.payload).content).to.deep.equal({
        kind: 'internalEndpoint',
        value: 'self-in:7051',
      });
      expect(bench.self.verify(secret.payload, secret.signature)).to.be.true;
    });

    it('ALIVE-02: inc_num is the start in nanoseconds; every alive message built takes the next seq_num', () => {
      const startedAt = bench.clock.wallNanos();
      const stream = bench.join(op);
      bench.clock.advance(10_020);
      const times = stream.take().flatMap(({ message: { content } }) => {
        if (content?.kind === 'aliveMsg') return [content.value.timestamp];
        if (content?.kind !== 'memReq' || content.value.selfInformation === undefined) return [];
        return [contentOf(content.value.selfInformation, 'aliveMsg').value.timestamp];
      });
      expect(times.map((time) => time?.incNum)).to.deep.equal(times.map(() => startedAt));
      const seqNums = times.map((time) => time?.seqNum ?? 0n);
      expect(seqNums).to.deep.equal([...new Set(seqNums)].sort((a, b) => Number(a - b)));
      expect(seqNums.length).to.be.at.least(4);
    });

    it('ALIVE-03: a heartbeat every aliveTimeInterval, but none to an empty view', () => {
      const mute = bench.connect(op2);
      bench.clock.advance(20_000);
      expect(mute.take()).to.deep.equal([]);
      const stream = bench.join(op);
      bench.clock.advance(15_020);
      expect(stream.takeKinds().filter((kind) => kind === 'aliveMsg')).to.have.length(3);
    });

    it('ALIVE-04: the identity is in them during publishCertPeriod after the start, and not later', () => {
      const stream = bench.join(op);
      bench.clock.advance(5020);
      expect(hex(stream.takeOnly('aliveMsg').content.value.identity)).to.equal(hex(bench.self.serialized));
      bench.clock.advance(5000);
      expect(stream.takeOnly('aliveMsg').content.value.identity).to.have.length(0);
    });
  });

  describe('pushed alive messages', () => {
    let sender: BenchStream;
    let witness: BenchStream;
    beforeEach(() => {
      sender = bench.join(op);
      witness = bench.join(op2);
    });
    /** What the witness got within a burst. */
    const relayed = (): string[] => {
      bench.clock.advance(20);
      return witness.take().map(({ bytes }) => hex(bytes));
    };

    it('ALIVE-08, ALIVE-09, SIGN-10: accepts one by another author, and relays its very bytes', () => {
      const alive = op3.alive({ internalEndpoint: 'op3-in:7051' });
      sender.send(alive);
      expect(relayed()).to.deep.equal([hex(alive.bytes)]);
      expect(bench.aliveEndpoints()).to.include('op3:7051');
      expect(sender.take()).to.deep.equal([]);
    });

    it('SIGN-02: unknown fields are covered by the signature and relayed as they came', () => {
      const { message } = op3.alive();
      const payload = Uint8Array.of(...encode(GossipMessage, message), 0xa2, 0x06, 0x01, 0x2a);
      const bytes = encode(Envelope, {
        payload,
        signature: op3.identity.sign(payload),
        secretEnvelope: undefined,
      });
      sender.send(bytes);
      expect(relayed()).to.deep.equal([hex(bytes)]);
    });

    it('EMIT-04: does not send it back to where it came from, but may send it to its author', () => {
      sender.send(op2.alive({ seqNum: 99n }));
      expect(relayed()).to.have.length(1);
      expect(sender.take()).to.deep.equal([]);
    });

    it('STORE-01, ALIVE-10, BAD-54: drops an equal or older one without a check', () => {
      sender.send(op3.alive({ seqNum: 7n }));
      expect(relayed()).to.have.length(1);
      sender.send(op3.alive({ seqNum: 7n }), op3.alive({ seqNum: 6n, signer: op.identity }));
      sender.send(op3.alive({ incNum: 0n, seqNum: 99n }));
      expect(bench.takeRejections().filter((reason) => reason === 'stale-alive')).to.have.length(3);
      expect(relayed()).to.deep.equal([]);
    });

    it('STORE-01: a higher inc_num wins over any seq_num', () => {
      sender.send(op3.alive({ incNum: 1n, seqNum: 2n ** 60n }), op3.alive({ incNum: 2n, seqNum: 1n }));
      expect(relayed()).to.have.length(2);
    });

    it('STORE-03: an expired copy still holds off replays until twice its lifetime', () => {
      bench = new MachineBench({ settings: { aliveExpirationTimeoutMs: 1000, msgExpirationFactor: 10 } });
      sender = bench.join(op);
      const alive = op3.alive();
      sender.send(alive);
      bench.clock.advance(15_000);
      sender = bench.connect(new Remote('Org1MSP', 'late'));
      bench.takeRejections();
      sender.send(alive);
      expect(bench.takeRejections()).to.deep.equal(['stale-alive']);
      bench.clock.advance(5_200);
      sender.send(alive);
      expect(bench.takeRejections()).to.deep.equal([]);
    });

    const drops: Record<string, [() => Uint8Array, string]> = {
      'ALIVE-05, BAD-53: by an unknown author without identity': [
        () => op3.alive({ identity: new Uint8Array() }).bytes,
        'unknown-author',
      ],
      'ALIVE-06, BAD-35: with the identity of another': [
        () => op3.alive({ identity: op2.identity.serialized }).bytes,
        'pki-id-mismatch',
      ],
      'ALIVE-06: with a bad identity though a good one is on file': [
        () => op2.alive({ identity: Uint8Array.of(0xff) }).bytes,
        'identity-malformed',
      ],
      'ALIVE-12, BAD-55: about the peer itself': [
        () => {
          const { pkiId, serialized } = bench.self;
          return op.alive({ pkiId, identity: serialized, signer: bench.self }).bytes;
        },
        'own-alive',
      ],
      'BAD-51: without signature': [
        () => encode(Envelope, { ...op3.alive().envelope, signature: new Uint8Array() }),
        'unsigned',
      ],
      'BAD-52, SIGN-06: with a secret signed by another': [
        () => {
          const { envelope } = op3.alive();
          const { secretEnvelope } = op2.alive({ internalEndpoint: 'x:1' }).envelope;
          return encode(Envelope, { ...envelope, secretEnvelope });
        },
        'bad-secret',
      ],
      'signed by another': [() => op3.alive({ signer: op2.identity }).bytes, 'bad-signature'],
      'TAG-01, BAD-46: with a wrong tag': [() => op3.alive({ tag: Tag.ORG_ONLY }).bytes, 'illegal-tag'],
      'ALIVE-14, BAD-37: without timestamp': [
        () => {
          const value = {
            membership: { endpoint: '', metadata: new Uint8Array(), pkiId: op3.pkiId },
            timestamp: undefined,
            identity: op3.identity.serialized,
          };
          return unsigned({ kind: 'aliveMsg', value }).bytes;
        },
        'incomplete-alive',
      ],
      'ALIVE-14, BAD-36: without membership': [
        () => {
          const value = {
            membership: undefined,
            timestamp: { incNum: 1n, seqNum: 1n },
            identity: new Uint8Array(),
          };
          return unsigned({ kind: 'aliveMsg', value }).bytes;
        },
        'incomplete-alive',
      ],
    };
    for (const [title, [bytes, reason]] of Object.entries(drops)) {
      it(`${title}: drops it, keeps the stream, relays nothing`, () => {
        bench.takeRejections();
        sender.send(bytes());
        expect(bench.takeRejections()).to.deep.equal([reason]);
        expect(relayed()).to.deep.equal([]);
        expect(sender.ending).to.equal(undefined);
        expect(bench.aliveEndpoints()).to.deep.equal(['op2:7051', 'op:7051']);
      });
    }

    it('ALIVE-05: accepts one without identity once the identity is known', () => {
      const alive = op3.alive({ identity: new Uint8Array() });
      sender.send(alive);
      expect(relayed()).to.deep.equal([]);
      bench.connect(op3);
      sender.send(alive);
      expect(relayed()).to.deep.equal([hex(alive.bytes)]);
    });

    it('ALIVE-11: a newer one replaces the endpoint; without a secret the internal endpoint stays known for dialling', () => {
      sender.send(op3.alive({ internalEndpoint: 'op3-in:7051' }));
      const newer = op3.alive({ endpoint: 'op3-new:7051' });
      sender.send(newer);
      const member = bench.machine.aliveMembers().find(({ pkiId }) => hex(pkiId) === hex(op3.pkiId));
      expect(member).to.include({ endpoint: 'op3-new:7051', internalEndpoint: 'op3-in:7051' });
      expect(member?.alive.bytes).to.deep.equal(newer.bytes);
    });
  });

  it('SIGN-05: a message without its secret verifies as before', () => {
    const alive = withoutSecret(op.alive({ internalEndpoint: 'op-in:1' }));
    expect(openBytes(alive.bytes).kind).to.equal('opened');
    expect(fabricRules.signatureFault(alive.envelope, op.identity)).to.equal(undefined);
  });
});
