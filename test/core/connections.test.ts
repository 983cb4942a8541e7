import { expect } from 'chai';
import { StatusCode } from '../../src/ports/transport';
import { MachineBench } from './support/machine-bench';
import { envelopeOf, Remote, unsigned } from './support/remote';

const ok = { code: StatusCode.OK, details: '' };

describe('connections', () => {
  let bench: MachineBench;
  let op: Remote;
  beforeEach(() => {
    bench = new MachineBench();
    op = new Remote('Org1MSP', 'op');
  });

  /** A member with an outbound connection: it left its inbound one, and the next request dialled it. */
  function outbound(): ReturnType<MachineBench['establish']> {
    bench.join(op).end();
    bench.clock.advance(4000);
    return bench.establish(op);
  }

  it('LIFE-01: uses an inbound stream for all that it sends, whatever endpoint the member tells', () => {
    const stream = bench.join(op, op.alive({ endpoint: 'nowhere:1', internalEndpoint: 'nowhere:2' }));
    bench.clock.advance(8000);
    expect(stream.takeKinds()).to.include.members(['memReq', 'hello', 'aliveMsg']);
    expect(bench.dials).to.deep.equal([]);
  });

  it('LIFE-02: a new inbound stream replaces an outbound connection', () => {
    const old = outbound();
    old.take();
    const fresh = bench.connect(op);
    expect(old.ending).to.equal('closed');
    bench.clock.advance(4000);
    expect(fresh.takeKinds()).to.include('memReq');
    expect(old.take()).to.deep.equal([]);
  });

  it('LIFE-03, BAD-30: a second inbound stream ends both with OK', () => {
    const first = bench.connect(op);
    const second = bench.connect(op);
    expect([first.ending, second.ending]).to.deep.equal([ok, ok]);
    expect(bench.machine.connections()).to.deep.equal([]);
  });

  it('LIFE-05: keeps a mute stream open', () => {
    const stream = bench.connect(op);
    bench.clock.advance(60_000);
    expect(stream.ending).to.equal(undefined);
    expect(stream.take()).to.deep.equal([]);
  });

  it('LIFE-07: forgets an inbound stream that ended, and dials the internal endpoint on the next send', () => {
    bench.join(op, op.alive({ internalEndpoint: 'op-in:7051' })).end();
    bench.clock.advance(4000);
    expect(bench.dials.map(({ endpoint }) => endpoint)).to.deep.equal(['op-in:7051']);
  });

  it('LIFE-08: notices the end of an outbound stream at its next write; the member is dead at once', () => {
    const stream = outbound();
    stream.end();
    expect(bench.deadEndpoints()).to.deep.equal([]);
    bench.clock.advance(4000);
    expect(bench.deadEndpoints()).to.deep.equal(['op:7051']);
    expect(bench.dials).to.deep.equal([]);
  });

  it('LIFE-09: a failed dial makes the member dead at once', () => {
    bench.join(op).end();
    bench.clock.advance(4000);
    bench.failDial();
    expect(bench.deadEndpoints()).to.deep.equal(['op:7051']);
  });

  it('LIFE-09, RPC-03: so does a failed Ping, and no stream is opened', () => {
    bench.join(op).end();
    bench.clock.advance(4000);
    const { link } = bench.nextDial();
    bench.input({
      kind: 'dialled',
      link,
      binding: { tls: false, localCertificate: undefined, remoteCertificate: undefined },
    });
    bench.input({ kind: 'pinged', link, failure: { code: StatusCode.UNIMPLEMENTED, details: '' } });
    expect(bench.opens).to.deep.equal([]);
    expect(bench.isClosed(link)).to.be.true;
    expect(bench.deadEndpoints()).to.deep.equal(['op:7051']);
  });

  it('queues what is sent while a dial runs, at most sendBuffSize messages', () => {
    bench = new MachineBench({
      settings: { sendBuffSize: 2, aliveTimeIntervalMs: 100, aliveExpirationTimeoutMs: 1e6 },
    });
    bench.join(op).end();
    bench.clock.advance(3000);
    expect(bench.establish(op).take()).to.have.length(2);
  });

  it('gives up a dial that has not spoken when the peer comes by itself, and sends the queue there', () => {
    bench.join(op).end();
    bench.clock.advance(4000);
    const { link } = bench.nextDial();
    const stream = bench.accept();
    stream.send(op.conn());
    expect(bench.isClosed(link)).to.be.true;
    expect(stream.takeKinds()).to.deep.equal(['conn', 'hello', 'memReq']);
  });

  describe('LIFE-04: dials that cross', () => {
    /** Our conn is out, then the peer's own stream comes in, then the peer answers ours. */
    function cross(remote: Remote): {
      inbound: ReturnType<MachineBench['accept']>;
      outbound: ReturnType<MachineBench['accept']>;
    } {
      bench.join(remote).end();
      bench.clock.advance(4000);
      const ours = bench.answerDial();
      const theirs = bench.connect(remote);
      ours.take();
      ours.send(remote.conn());
      return { inbound: theirs, outbound: ours };
    }
    const isLower = (remote: Remote): boolean => Buffer.compare(bench.self.pkiId, remote.pkiId) < 0;
    const named = (lower: boolean): Remote => {
      for (let i = 0; ; i++) {
        const remote = new Remote('Org1MSP', `op${i}`);
        if (isLower(remote) === lower) return remote;
      }
    };

    it('the peer of the lower PKI-ID keeps its own and ends the other', () => {
      const { inbound, outbound: kept } = cross(named(true));
      expect(inbound.ending).to.deep.equal(ok);
      expect(kept.ending).to.equal(undefined);
      expect(kept.takeKinds()).to.deep.equal(['hello', 'memReq']);
    });

    it('the other drops its own and sends its queue on the inbound stream', () => {
      const { inbound: kept, outbound: dropped } = cross(named(false));
      expect(dropped.ending).to.equal('closed');
      expect(kept.takeKinds()).to.deep.equal(['hello', 'memReq']);
    });

    it('if both are lost all the same, it waits up to 200 ms before it dials again', () => {
      const remote = named(false);
      bench = new MachineBench({
        settings: { pullIntervalMs: 500, digestWaitTimeMs: 10, responseWaitTimeMs: 10 },
      });
      bench.join(remote).end();
      bench.clock.advance(500);
      const ours = bench.answerDial();
      const theirs = bench.connect(remote);
      ours.send(remote.conn());
      theirs.end();
      bench.clock.advance(500);
      expect(bench.dials).to.deep.equal([]);
      bench.clock.advance(200);
      expect(bench.dials).to.have.length(1);
    });
  });

  describe('what ends a stream', () => {
    it('LIFE-11, BAD-33: an unparseable payload on an inbound one, with UNKNOWN', () => {
      const stream = bench.connect(op);
      stream.send(envelopeOf(Uint8Array.of(0xff, 0xff, 0xff)));
      expect(stream.ending).to.include({ code: StatusCode.UNKNOWN });
    });

    it('BAD-04: bytes that are no envelope, with INTERNAL', () => {
      const stream = bench.connect(op);
      stream.send(Uint8Array.of(0xff));
      expect(stream.ending).to.include({ code: StatusCode.INTERNAL });
    });

    it('BAD-43: an unparseable payload on an outbound one; the next send dials again', () => {
      const stream = outbound();
      stream.send(envelopeOf(Uint8Array.of(0xff, 0xff, 0xff)));
      expect(stream.ending).to.equal('closed');
      bench.clock.advance(4000);
      expect(bench.dials).to.have.length(1);
    });

    it('BAD-44, BAD-47, BAD-49: not an empty envelope, not a message without content, not empty, not a stray ack', () => {
      const stream = bench.connect(op);
      stream.send(
        envelopeOf(new Uint8Array()),
        envelopeOf(Uint8Array.of(0x18, 0x01)),
        unsigned({ kind: 'empty', value: {} }),
        unsigned({ kind: 'ack', value: { error: '' } }, 7n, 0),
        op.request(3n),
      );
      expect(stream.ending).to.equal(undefined);
      expect(stream.takeOnly('memRes').message.nonce).to.equal(3n);
    });
  });

  it('CONN-21, LEAVE-01: stop ends every stream, gives up every dial and leaves no timer', () => {
    const stream = bench.join(op);
    const other = new Remote('Org1MSP', 'other');
    bench.join(other).end();
    const silent = bench.accept();
    bench.clock.advance(1000);
    bench.input({ kind: 'stop' });
    expect(stream.ending).to.deep.equal(ok);
    expect(silent.ending).to.deep.equal(ok);
    expect(bench.clock.pending).to.equal(0);
    expect(bench.accept().ending).to.include({ code: StatusCode.UNKNOWN });
  });
});
