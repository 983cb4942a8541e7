import { expect } from 'chai';
import { MachineBench, type BenchStream } from '../support/machine-bench';
import { Remote, unsigned } from '../support/remote';

describe('membership responses', () => {
  let bench: MachineBench;
  let op: Remote;
  let op2: Remote;
  let op3: Remote;
  let foreign: Remote;
  let stream: BenchStream;
  beforeEach(() => {
    bench = new MachineBench();
    op = new Remote('Org1MSP', 'op');
    op2 = new Remote('Org1MSP', 'op2');
    op3 = new Remote('Org1MSP', 'op3');
    foreign = new Remote('Org2MSP', 'foreign');
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
