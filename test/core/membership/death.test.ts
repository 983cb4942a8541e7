import { expect } from 'chai';
import { StatusCode } from '../../../src/ports/transport';
import { MachineBench } from '../support/machine-bench';
import { Remote, unsigned } from '../support/remote';

describe('death', () => {
  let bench: MachineBench;
  let op: Remote;
  let op2: Remote;
  beforeEach(() => {
    bench = new MachineBench();
    op = new Remote('Org1MSP', 'op');
    op2 = new Remote('Org1MSP', 'op2');
  });

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
