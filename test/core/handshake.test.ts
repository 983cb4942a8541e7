import { expect } from 'chai';
import { seal } from '../../src/core';
import { StatusCode, type TlsBinding } from '../../src/ports/transport';
import { cheapHash, keyedIdentity } from '../../src/sim/keyed-identity';
import { encode, Envelope, Tag } from '../../src/wire';
import { MachineBench, type BenchStream } from './support/machine-bench';
import { envelopeOf, Remote, unsigned } from './support/remote';

const ours = Uint8Array.of(1);
const theirs = Uint8Array.of(2);
const tls: TlsBinding = { tls: true, localCertificate: ours, remoteCertificate: theirs };

/** A stream on which only the conn matters: whether an identity Hello after it is answered. */
function accepts(stream: BenchStream): boolean {
  stream.take();
  stream.send(unsigned({ kind: 'hello', value: { nonce: 9n, metadata: new Uint8Array(), msgType: 2 } }));
  return stream.takeKinds().includes('dataDig') && stream.ending === undefined;
}

describe('handshake', () => {
  let bench: MachineBench;
  let op: Remote;
  beforeEach(() => {
    bench = new MachineBench();
    op = new Remote('Org1MSP', 'op');
  });

  describe('as responder', () => {
    it('CONN-01, CONN-02: speaks at once: tag EMPTY, nonce 0, signed, no secret, probe false', () => {
      const conn = bench.accept().takeOnly('conn');
      expect(conn.message).to.include({ tag: Tag.EMPTY, nonce: 0n });
      expect(conn.message.channel).to.have.length(0);
      expect(conn.content.value.pkiId).to.deep.equal(bench.self.pkiId);
      expect(conn.content.value.identity).to.deep.equal(bench.self.serialized);
      expect(conn.content.value.probe).to.be.false;
      expect(bench.self.verify(conn.envelope.payload, conn.envelope.signature)).to.be.true;
      expect(conn.envelope.secretEnvelope).to.equal(undefined);
    });

    it('CONN-12: says nothing more after a good conn, and heeds what comes right behind it', () => {
      const stream = bench.accept();
      stream.send(op.conn(), op.request(4711n));
      expect(stream.takeKinds()).to.deep.equal(['conn', 'memRes']);
    });

    it('CONN-05: ends the stream with UNKNOWN when connTimeout passed in silence', () => {
      const stream = bench.accept();
      bench.clock.advance(1999);
      expect(stream.ending).to.equal(undefined);
      bench.clock.advance(1);
      expect(stream.ending).to.include({ code: StatusCode.UNKNOWN });
    });

    it('CONN-03: does not look at tag, nonce and channel of a conn', () => {
      const stream = bench.accept();
      const { content } = op.conn().message;
      if (content === undefined) throw new Error('no conn');
      stream.send(seal({ tag: Tag.UNDEFINED, nonce: 7n, channel: Uint8Array.of(120), content }, op.identity));
      expect(accepts(stream)).to.be.true;
    });

    it('CONN-10: authenticates a probe, ends it with OK and leaves the connection of the same peer alone', () => {
      const held = bench.connect(op);
      const probe = bench.accept();
      probe.send(op.conn({ probe: true }));
      expect(probe.ending).to.include({ code: StatusCode.OK });
      expect(accepts(held)).to.be.true;
    });

    it('CONN-16: ignores a further conn, a probe too', () => {
      const stream = bench.connect(op);
      stream.send(op.conn(), op.conn({ probe: true }));
      expect(accepts(stream)).to.be.true;
    });

    it('CONN-19: accepts its own identity', () => {
      const stream = bench.accept();
      stream.send(bench.stream(stream.link).takeOnly('conn'));
      expect(stream.ending).to.equal(undefined);
    });

    const high = new Remote('Org1MSP', 'else');
    const badConns: Record<string, (op: Remote) => Uint8Array> = {
      'BAD-09: an envelope with other content': (remote) => remote.alive().bytes,
      'BAD-09: an empty envelope': () => envelopeOf(new Uint8Array()),
      'BAD-10: an unparseable payload': () => envelopeOf(Uint8Array.of(0xff, 0xff, 0xff)),
      'BAD-13: no pki_id': (remote) => remote.conn({ pkiId: new Uint8Array() }).bytes,
      'BAD-14, ID-03: the pki_id of another': (remote) => remote.conn({ pkiId: high.pkiId }).bytes,
      'BAD-15: no identity': (remote) => remote.conn({ identity: new Uint8Array() }).bytes,
      'BAD-16: an identity that is none': (remote) => remote.conn({ identity: Uint8Array.of(0xff) }).bytes,
      'BAD-17, ID-05: an unknown MSP': () => new Remote('OrgXMSP', 'op').conn().bytes,
      'BAD-19, ID-07: an expired identity': () => new Remote('Org1MSP', 'op', '', 1000).conn().bytes,
      'BAD-21, SIGN-09: no signature': (remote) => {
        const { envelope } = remote.conn();
        return encode(Envelope, { ...envelope, signature: new Uint8Array() });
      },
      'BAD-22, SIGN-01: a corrupted signature': (remote) => {
        const { envelope } = remote.conn();
        return encode(Envelope, { ...envelope, signature: envelope.signature.map((byte) => byte ^ 1) });
      },
      'BAD-24, SIGN-06: a secret without signature': (remote) => {
        const { envelope } = remote.conn();
        const secretEnvelope = { payload: Uint8Array.of(1), signature: new Uint8Array() };
        return encode(Envelope, { ...envelope, secretEnvelope });
      },
      'BAD-25, CONN-09: the identity of another, signed with the own key': (remote) =>
        remote.conn({ pkiId: high.pkiId, identity: high.identity.serialized }).bytes,
    };
    for (const [title, bytes] of Object.entries(badConns)) {
      it(`CONN-08, ${title}: ends with UNKNOWN, bans nobody`, () => {
        const stream = bench.accept();
        stream.send(bytes(op));
        expect(stream.ending).to.include({ code: StatusCode.UNKNOWN });
        expect(stream.takeKinds()).to.deep.equal(['conn']);
        expect(accepts(bench.connect(op))).to.be.true;
      });
    }

    it('BAD-04: ends with UNKNOWN for bytes that are no envelope', () => {
      const stream = bench.accept();
      stream.send(Uint8Array.of(0xff));
      expect(stream.ending).to.include({ code: StatusCode.UNKNOWN });
    });
  });

  describe('with TLS', () => {
    it('TLS-02: says nothing to a client without certificate, and ends with UNKNOWN', () => {
      const stream = bench.accept({ ...tls, remoteCertificate: undefined });
      expect(stream.ending).to.include({ code: StatusCode.UNKNOWN });
      expect(stream.take()).to.deep.equal([]);
    });

    it('TLS-08, CONN-04: sends the hash of the certificate it shows on this connection', () => {
      expect(bench.accept(tls).takeOnly('conn').content.value.tlsCertHash).to.deep.equal(cheapHash(ours));
    });

    it('CONN-07: accepts the hash of the certificate seen', () => {
      const stream = bench.accept(tls);
      stream.send(op.conn({ tlsCertHash: cheapHash(theirs) }));
      expect(accepts(stream)).to.be.true;
    });

    for (const [name, hash] of [
      ['another hash', cheapHash(ours)],
      ['no hash', new Uint8Array()],
    ] as const) {
      it(`CONN-07, BAD-11, BAD-12: ends with UNKNOWN for ${name}`, () => {
        const stream = bench.accept(tls);
        stream.send(op.conn({ tlsCertHash: hash }));
        expect(stream.ending).to.include({ code: StatusCode.UNKNOWN });
      });
    }

    it('CONN-06: judges the identity before the hash, the hash before the signature', () => {
      const reasonOf = (bytes: Uint8Array): string | undefined => {
        const stream = bench.accept(tls);
        stream.send(bytes);
        return typeof stream.ending === 'object' ? stream.ending.details : undefined;
      };
      const { envelope } = op.conn({ tlsCertHash: Uint8Array.of(1) });
      expect(reasonOf(op.conn({ pkiId: keyedIdentity('Org1MSP', 'x').pkiId }).bytes)).to.equal(
        'pki-id-mismatch',
      );
      expect(reasonOf(encode(Envelope, { ...envelope, signature: Uint8Array.of(1) }))).to.equal(
        'tls-hash-mismatch',
      );
    });
  });

  describe('without TLS', () => {
    it('TLS-09: sends no hash and ignores the one received', () => {
      const stream = bench.accept();
      expect(stream.takeOnly('conn').content.value.tlsCertHash).to.have.length(0);
      stream.send(op.conn({ tlsCertHash: Uint8Array.of(1, 2, 3) }));
      expect(accepts(stream)).to.be.true;
    });
  });

  describe('as initiator', () => {
    /** A member that is not connected, so that the next membership request dials it. */
    function dialled(): BenchStream {
      bench.join(op).end();
      bench.clock.advance(4000);
      return bench.answerDial();
    }

    it('RPC-03, CONN-14: pings, opens a stream without deadline, sends conn, then what was queued', () => {
      bench.join(op).end();
      bench.clock.advance(4000);
      const { link } = bench.nextDial();
      bench.input({ kind: 'dialled', link, binding: tls });
      expect(bench.pings).to.deep.equal([link]);
      expect(bench.opens).to.deep.equal([]);
      bench.input({ kind: 'pinged', link, failure: undefined });
      expect(bench.opens).to.deep.equal([{ link, deadlineMs: undefined }]);
      const stream = bench.stream(link);
      const conn = stream.takeOnly('conn');
      expect(conn.content.value.probe).to.be.false;
      expect(conn.content.value.tlsCertHash).to.deep.equal(cheapHash(ours));
      stream.send(op.conn({ tlsCertHash: cheapHash(theirs) }));
      expect(stream.takeKinds()).to.include('memReq');
    });

    it('CONN-05, BAD-28: closes the connection when connTimeout passed in silence; the member is dead', () => {
      const stream = dialled();
      bench.clock.advance(2000);
      expect(stream.ending).to.equal('closed');
      expect(bench.deadEndpoints()).to.deep.equal(['op:7051']);
    });

    it('CONN-11, BAD-27: takes probe = true for a failure', () => {
      const stream = dialled();
      stream.send(op.conn({ probe: true }));
      expect(stream.ending).to.equal('closed');
      expect(bench.takeRejections()).to.include('probe-answered-with-probe');
    });

    it('CONN-15, BAD-29: closes the connection if a peer of another organisation answers', () => {
      const stream = dialled();
      stream.send(new Remote('Org2MSP', 'other').conn());
      expect(stream.ending).to.equal('closed');
      expect(bench.deadEndpoints()).to.deep.equal(['op:7051']);
    });

    it('CONN-15: keeps a peer of the same organisation and purges the one expected', () => {
      const stream = dialled();
      stream.take();
      stream.send(new Remote('Org1MSP', 'successor').conn());
      expect(stream.ending).to.equal(undefined);
      expect(stream.takeKinds()).to.include('memReq');
      expect([...bench.aliveEndpoints(), ...bench.deadEndpoints()]).to.deep.equal([]);
    });
  });
});
