import { expect } from 'chai';
import { fabricRules, openBytes, withoutSecret } from '../../src/core';
import { StatusCode } from '../../src/ports/transport';
import { cheapHash, keyedIdentity } from '../../src/sim/keyed-identity';
import {
  decodeMessage,
  decodeSecret,
  encode,
  Envelope,
  GossipMessage,
  Tag,
  type AliveMessage,
} from '../../src/wire';
import { MachineBench, Remote, unsigned, type BenchStream } from './support/machine-bench';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** The alive message in an envelope. */
function aliveIn(envelope: Envelope): AliveMessage {
  const { content } = decodeMessage(envelope.payload);
  if (content?.kind !== 'aliveMsg') throw new Error('no alive message');
  return content.value;
}
const endpointsIn = (envelopes: readonly Envelope[]): (string | undefined)[] =>
  envelopes.map((envelope) => aliveIn(envelope).membership?.endpoint);

describe('membership', () => {
  let bench: MachineBench;
  let op: Remote;
  let op2: Remote;
  let op3: Remote;
  let foreign: Remote;
  beforeEach(() => {
    bench = new MachineBench();
    op = new Remote('Org1MSP', 'op');
    op2 = new Remote('Org1MSP', 'op2');
    op3 = new Remote('Org1MSP', 'op3');
    foreign = new Remote('Org2MSP', 'foreign');
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
        return [aliveIn(content.value.selfInformation).timestamp];
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

  describe('requests', () => {
    it('MEMB-03, MEMB-04, MEMB-06: answers with the nonce; the requester is in the list, the peer itself comes last', () => {
      const stream = bench.connect(op);
      stream.send(op.request(4711n));
      const {
        message,
        envelope,
        content: { value },
      } = stream.takeOnly('memRes');
      expect(message).to.include({ nonce: 4711n, tag: Tag.EMPTY });
      expect(envelope.signature).to.have.length(0);
      expect(endpointsIn(value.alive)).to.deep.equal(['op:7051', 'self:7051']);
      expect(value.dead).to.deep.equal([]);
    });

    it('MEMB-05: answers the same bytes twice', () => {
      const stream = bench.connect(op);
      const request = op.request(1n);
      stream.send(request, request);
      expect(stream.takeKinds()).to.deep.equal(['memRes', 'memRes']);
    });

    it('MEMB-08: leaves nothing out because it is said to be known', () => {
      const stream = bench.connect(op);
      stream.send(op.request(1n, op.alive(), [op.pkiId, bench.self.pkiId]));
      expect(stream.takeOnly('memRes').content.value.alive).to.have.length(2);
    });

    it('MEMB-03, EMIT-05: introduces the requester without telling others', () => {
      const witness = bench.join(op2);
      bench.join(op);
      bench.clock.advance(100);
      expect(witness.take()).to.deep.equal([]);
    });

    const bad: Record<string, () => Uint8Array> = {
      'another peer’s alive': () => op.request(1n, op2.alive()).bytes,
      'an unsigned alive': () => {
        const alive = op.alive();
        return op.request(1n, { ...alive, envelope: { ...alive.envelope, signature: new Uint8Array() } })
          .bytes;
      },
      'something else than an alive': () => op.request(1n, op.identityItem()).bytes,
      nothing: () => unsigned({ kind: 'memReq', value: { selfInformation: undefined, known: [] } }, 1n).bytes,
      'BAD-38: an alive without membership': () => {
        const value = { membership: undefined, timestamp: undefined, identity: new Uint8Array() };
        return op.request(1n, unsigned({ kind: 'aliveMsg', value })).bytes;
      },
    };
    for (const [title, request] of Object.entries(bad)) {
      it(`MEMB-02, BAD-58, BAD-59: silence for ${title}; a good one next is answered`, () => {
        const stream = bench.connect(op);
        stream.send(request());
        expect(stream.take()).to.deep.equal([]);
        expect(bench.aliveEndpoints()).to.deep.equal([]);
        stream.send(op.request(2n));
        expect(stream.takeOnly('memRes').message.nonce).to.equal(2n);
      });
    }

    it('TAG-10: does not look at the tag of self_information', () => {
      const stream = bench.connect(op);
      stream.send(op.request(1n, op.alive({ tag: Tag.CHAN_ONLY })));
      expect(stream.takeKinds()).to.deep.equal(['memRes']);
    });

    it('MEMB-07, DEAD-02: dead members are listed under dead', () => {
      const silent = bench.join(op2);
      bench.clock.advance(20_000);
      const stream = bench.join(op);
      bench.clock.advance(8_000);
      stream.take();
      stream.send(op.request(1n));
      const {
        content: { value },
      } = stream.takeOnly('memRes');
      expect(endpointsIn(value.dead)).to.deep.equal(['op2:7051']);
      expect(endpointsIn(value.alive)).to.deep.equal(['op:7051', 'self:7051']);
      expect(silent.ending).to.deep.equal({ code: StatusCode.OK, details: '' });
    });

    describe('MEMB-09, MEMB-10: who is told of whom', () => {
      beforeEach(() => {
        bench.join(op2, op2.alive({ internalEndpoint: 'op2-in:7051' }));
        bench.join(op3, op3.alive({ endpoint: '' }));
        bench.join(new Remote('Org2MSP', 'foreign2'));
        bench.join(new Remote('Org3MSP', 'third'));
      });

      it('an own-org requester of own-org members, with secrets', () => {
        const stream = bench.connect(op);
        stream.send(op.request());
        const {
          content: { value },
        } = stream.takeOnly('memRes');
        expect(endpointsIn(value.alive)).to.have.members(['op2:7051', '', 'op:7051', 'self:7051']);
        expect(value.alive.filter(({ secretEnvelope }) => secretEnvelope !== undefined)).to.have.length(2);
      });

      it('a foreign one of its own organisation and of own-org members with an external endpoint, without secrets', () => {
        const stream = bench.connect(foreign);
        stream.send(foreign.request());
        const {
          content: { value },
        } = stream.takeOnly('memRes');
        expect(endpointsIn(value.alive)).to.have.members([
          'op2:7051',
          'foreign2:7051',
          'foreign:7051',
          'self:7051',
        ]);
        expect(value.alive.filter(({ secretEnvelope }) => secretEnvelope !== undefined)).to.deep.equal([]);
      });
    });

    it('MEMB-11, BAD-60: a foreign requester without endpoint is learned and dismissed with OK', () => {
      const stream = bench.connect(foreign);
      stream.send(foreign.request(1n, foreign.alive({ endpoint: '' })));
      expect(stream.ending).to.deep.equal({ code: StatusCode.OK, details: '' });
      expect(stream.take()).to.deep.equal([]);
      expect(bench.aliveEndpoints()).to.deep.equal(['']);
    });

    it('MEMB-11: so is one with an endpoint if the peer itself has none', () => {
      bench = new MachineBench({ settings: { externalEndpoint: '' } });
      const stream = bench.connect(foreign);
      stream.send(foreign.request());
      expect(stream.ending).to.deep.equal({ code: StatusCode.OK, details: '' });
    });

    it('MEMB-01, MEMB-12: asks up to pullPeerNum members every pullInterval, nonce 0, nothing known, a fresh alive', () => {
      const streams = [op, op2, op3, new Remote('Org1MSP', 'op4')].map((remote) => bench.join(remote));
      bench.clock.advance(4000);
      const requests = streams.flatMap((stream) =>
        stream
          .take()
          .flatMap(({ envelope, message }) =>
            message.content?.kind === 'memReq' ? [{ envelope, message, value: message.content.value }] : [],
          ),
      );
      expect(requests).to.have.length(3);
      for (const { envelope, message, value } of requests) {
        expect(message).to.include({ nonce: 0n, tag: Tag.EMPTY });
        expect(envelope.signature).to.have.length(0);
        expect(value.known).to.deep.equal([]);
        const self = value.selfInformation;
        expect(self !== undefined && bench.self.verify(self.payload, self.signature)).to.be.true;
      }
    });

    it('ALIVE-07, BOOT-08: a request to a foreign member carries no secret', () => {
      const own = bench.join(op);
      const other = bench.join(foreign);
      bench.clock.advance(4000);
      expect(own.takeOnly('memReq').content.value.selfInformation?.secretEnvelope).to.not.equal(undefined);
      expect(other.takeOnly('memReq').content.value.selfInformation?.secretEnvelope).to.equal(undefined);
    });
  });

  describe('responses', () => {
    let stream: BenchStream;
    beforeEach(() => {
      stream = bench.connect(op);
    });

    it('MEMB-15, MEMB-17: learns from one that nobody asked for, relays nothing of it', () => {
      const witness = bench.join(op2);
      stream.send(op.response(99n, [op3.alive(), op.alive()]));
      bench.clock.advance(20);
      expect(bench.aliveEndpoints()).to.deep.equal(['op2:7051', 'op3:7051', 'op:7051']);
      expect(witness.take()).to.deep.equal([]);
    });

    it('MEMB-15: skips an invalid entry', () => {
      stream.send(op.response(0n, [op2.alive({ signer: op.identity }), op3.alive()]));
      expect(bench.aliveEndpoints()).to.deep.equal(['op3:7051']);
    });

    it('MEMB-15, BAD-62: stops at an entry that is no alive message, and reads no dead ones', () => {
      stream.send(op.response(0n, [op2.alive(), op.identityItem(), op3.alive()], [foreign.alive()]));
      expect(bench.aliveEndpoints()).to.deep.equal(['op2:7051']);
      expect(bench.deadEndpoints()).to.deep.equal([]);
    });

    it('BAD-39: survives a dead entry that is no alive message, and an alive one without membership', () => {
      stream.send(op.response(0n, [], [op.identityItem()]));
      const value = { membership: undefined, timestamp: undefined, identity: new Uint8Array() };
      stream.send(op.response(0n, [unsigned({ kind: 'aliveMsg', value })]));
      expect(stream.ending).to.equal(undefined);
      expect(bench.takeRejections()).to.deep.equal(['bad-membership-entry', 'bad-membership-entry']);
    });

    it('ALIVE-12: does not learn itself', () => {
      const { pkiId, serialized } = bench.self;
      stream.send(
        op.response(0n, [op.alive({ pkiId, identity: serialized, signer: bench.self, incNum: 2n ** 63n })]),
      );
      expect(bench.aliveEndpoints()).to.deep.equal([]);
    });

    it('MEMB-16, DEAD-06: remembers an unknown dead one as dead, and pings it at the next reconnectInterval', () => {
      stream.send(op.response(0n, [op.alive()], [op3.alive(), op.alive({ seqNum: 99n })]));
      expect(bench.deadEndpoints()).to.deep.equal(['op3:7051']);
      expect(bench.aliveEndpoints()).to.deep.equal(['op:7051']);
      bench.clock.advance(25_000);
      expect(bench.dials.map(({ endpoint }) => endpoint)).to.include('op3:7051');
    });
  });

  describe('death', () => {
    it('DEAD-01: comes 25.0 to 27.5 s after the last newer alive, whatever else is heard', () => {
      const stream = bench.join(op);
      const hello = unsigned({ kind: 'hello', value: { nonce: 1n, metadata: new Uint8Array(), msgType: 2 } });
      for (let second = 0; second < 25; second++) {
        bench.clock.advance(1000);
        stream.send(hello);
      }
      expect(bench.aliveEndpoints()).to.deep.equal(['op:7051']);
      bench.clock.advance(2500);
      expect(bench.deadEndpoints()).to.deep.equal(['op:7051']);
      expect(stream.ending).to.deep.equal({ code: StatusCode.OK, details: '' });
    });

    it('DEAD-01: a newer alive in any form keeps a member', () => {
      const stream = bench.join(op);
      const forms = [() => op.alive(), () => op.request(), () => op.response(0n, [op.alive()])];
      for (const form of [...forms, ...forms]) {
        bench.clock.advance(20_000);
        stream.send(form());
      }
      expect(bench.aliveEndpoints()).to.deep.equal(['op:7051']);
    });

    it('DEAD-02: a dead member gets nothing', () => {
      bench.join(op);
      bench.clock.advance(27_500);
      const stream = bench.connect(op);
      bench.clock.advance(20_000);
      expect(stream.take()).to.deep.equal([]);
    });

    it('DEAD-04: a newer alive brings it back, an old one does not', () => {
      bench.join(op, op.alive({ seqNum: 10n }));
      bench.clock.advance(27_500);
      const stream = bench.connect(op);
      stream.send(op.alive({ seqNum: 10n }), op.request(0n, op.alive({ seqNum: 9n })));
      expect(bench.aliveEndpoints()).to.deep.equal([]);
      stream.send(op.alive({ seqNum: 11n }));
      expect(bench.aliveEndpoints()).to.deep.equal(['op:7051']);
      expect(bench.events.filter(({ kind }) => kind === 'memberAlive').at(-1)).to.include({
        resurrected: true,
      });
    });

    it('DEAD-05: every reconnectInterval it pings the dead on a connection of its own, then asks on a real one', () => {
      bench.join(op, op.alive({ internalEndpoint: 'op-in:7051' }));
      bench.clock.advance(50_000);
      const { endpoint, link } = bench.nextDial();
      expect(endpoint).to.equal('op-in:7051');
      bench.input({
        kind: 'dialled',
        link,
        binding: { tls: false, localCertificate: undefined, remoteCertificate: undefined },
      });
      bench.input({ kind: 'pinged', link, failure: undefined });
      expect(bench.isClosed(link)).to.be.true;
      expect(bench.opens).to.deep.equal([]);
      const stream = bench.establish(op);
      expect(stream.takeOnly('memReq').message.nonce).to.equal(0n);
    });

    it('DEAD-07: is followed by oblivion when the last pushed alive expires, except for a bootstrap peer', () => {
      const settings = { aliveExpirationTimeoutMs: 1000, msgExpirationFactor: 5, bootstrap: ['op2:7051'] };
      bench = new MachineBench({ settings });
      bench.connect(op).send(op.alive(), op2.alive());
      bench.clock.advance(4900);
      expect(bench.deadEndpoints()).to.deep.equal(['op2:7051', 'op:7051']);
      bench.clock.advance(200);
      expect(bench.deadEndpoints()).to.deep.equal(['op2:7051']);
    });

    it('DEAD-08: members that never pushed stay in the dead list', () => {
      bench = new MachineBench({ settings: { aliveExpirationTimeoutMs: 1000, msgExpirationFactor: 5 } });
      bench.join(op);
      bench.clock.advance(60_000);
      expect(bench.deadEndpoints()).to.deep.equal(['op:7051']);
    });
  });

  describe('identities', () => {
    it('ID-08: at NotAfter + 1 ms the stream ends with OK, the member is forgotten', () => {
      const wallMs = Number(bench.clock.wallNanos() / 1_000_000n);
      const mortal = new Remote('Org1MSP', 'mortal', 'mortal:7051', wallMs + 12_000);
      const stream = bench.join(mortal);
      bench.clock.advance(12_000);
      expect(stream.ending).to.equal(undefined);
      bench.clock.advance(1);
      expect(stream.ending).to.deep.equal({ code: StatusCode.OK, details: '' });
      expect([...bench.aliveEndpoints(), ...bench.deadEndpoints()]).to.deep.equal([]);
      expect(bench.machine.identities()).to.have.length(1);
    });

    it('ID-09: an identity not used for an hour is purged, and its stream ends', () => {
      const stream = bench.connect(op);
      bench.clock.advance(3_600_000);
      expect(stream.ending).to.equal(undefined);
      bench.clock.advance(360_000);
      expect(stream.ending).to.deep.equal({ code: StatusCode.OK, details: '' });
    });

    it('ID-10: what is not valid any more goes when identities are validated anew', () => {
      const stream = bench.join(foreign);
      bench.validator.remove('Org2MSP');
      bench.input({ kind: 'revalidate' });
      expect(stream.ending).to.deep.equal({ code: StatusCode.OK, details: '' });
      expect(bench.aliveEndpoints()).to.deep.equal([]);
    });
  });

  it('SIGN-05: a message without its secret verifies as before', () => {
    const alive = withoutSecret(op.alive({ internalEndpoint: 'op-in:1' }));
    expect(openBytes(alive.bytes).kind).to.equal('opened');
    expect(fabricRules.signatureFault(alive.envelope, op.identity)).to.equal(undefined);
  });

  it('the keyed identities of the bench tell peers apart', () => {
    expect(hex(keyedIdentity('Org1MSP', 'a').pkiId)).to.not.equal(hex(keyedIdentity('Org1MSP', 'b').pkiId));
    expect(cheapHash(Uint8Array.of(1))).to.have.length(32);
  });
});
