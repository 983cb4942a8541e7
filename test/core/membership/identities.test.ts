import { expect } from 'chai';
import { wallMs } from '../../../src/ports/clock';
import { StatusCode } from '../../../src/ports/transport';
import { MachineBench } from '../support/machine-bench';
import { Remote } from '../support/remote';

describe('identities of members', () => {
  let bench: MachineBench;
  let op: Remote;
  let foreign: Remote;
  beforeEach(() => {
    bench = new MachineBench();
    op = new Remote('Org1MSP', 'op');
    foreign = new Remote('Org2MSP', 'foreign');
  });

  it('ID-08: at NotAfter + 1 ms the stream ends with OK, the member is forgotten', () => {
    const nowMs = wallMs(bench.clock);
    const mortal = new Remote('Org1MSP', 'mortal', 'mortal:7051', nowMs + 12_000);
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
