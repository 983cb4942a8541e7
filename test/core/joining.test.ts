import { expect } from 'chai';
import { MachineBench, plaintext, type BenchStream } from './support/machine-bench';
import { Remote } from './support/remote';

const settings = { bootstrap: ['boot:7051'] };

describe('joining', () => {
  let bench: MachineBench;
  let boot: Remote;
  beforeEach(() => {
    bench = new MachineBench({ settings });
    boot = new Remote('Org1MSP', 'boot');
  });

  /** Who is at the endpoint answers the deep probe. */
  function probed(remote: Remote): void {
    const probe = bench.answerDial();
    probe.take();
    probe.send(remote.conn());
  }
  const requestNonce = (stream: BenchStream): bigint => stream.takeOnly('memReq').message.nonce;

  it('BOOT-01, CONN-13: deep-probes at start: Ping, a stream with a deadline of 10 s, probe = true, close', () => {
    const { link, endpoint } = bench.nextDial();
    expect(endpoint).to.equal('boot:7051');
    bench.input({ kind: 'dialled', link, binding: plaintext });
    expect(bench.pings).to.deep.equal([link]);
    bench.input({ kind: 'pinged', link, failure: undefined });
    expect(bench.opens).to.deep.equal([{ link, deadlineMs: 10_000 }]);
    const probe = bench.stream(link);
    expect(probe.takeOnly('conn').content.value.probe).to.be.true;
    probe.send(boot.conn());
    expect(probe.ending).to.equal('closed');
  });

  it('MEMB-13, BOOT-08: then connects and asks with a nonce, with secret and identity inside', () => {
    probed(boot);
    const stream = bench.establish(boot);
    const { content, message } = stream.takeOnly('memReq');
    expect(message.nonce).to.not.equal(0n);
    expect(content.value.selfInformation?.secretEnvelope).to.not.equal(undefined);
    stream.send(boot.response(message.nonce, [boot.alive()]));
    expect(bench.events.some(({ kind }) => kind === 'joined')).to.be.true;
    expect(bench.aliveEndpoints()).to.deep.equal(['boot:7051']);
  });

  it('MEMB-13: sends the same bytes at 0, 30 and 60 s, until a response with the nonce comes', () => {
    probed(boot);
    const stream = bench.establish(boot);
    const first = stream.takeOnly('memReq');
    bench.clock.advance(30_000);
    expect(stream.takeOnly('memReq').bytes).to.deep.equal(first.bytes);
    bench.clock.advance(29_999);
    expect(stream.take()).to.deep.equal([]);
    bench.clock.advance(1);
    expect(stream.takeOnly('memReq').bytes).to.deep.equal(first.bytes);
    stream.send(boot.response(first.message.nonce + 1n, []));
    bench.clock.advance(30_000);
    expect(requestNonce(stream)).to.equal(first.message.nonce);
  });

  it('MEMB-14: any response with the nonce ends it, from anybody, whatever it contains', () => {
    probed(boot);
    const stream = bench.establish(boot);
    const other = new Remote('Org1MSP', 'other');
    bench.connect(other).send(other.response(requestNonce(stream), []));
    bench.clock.advance(120_000);
    expect(stream.take()).to.deep.equal([]);
  });

  it('BOOT-03: tries again reconnectInterval after a failure, up to maxConnectionAttempts', () => {
    bench = new MachineBench({ settings: { ...settings, maxConnectionAttempts: 3 } });
    for (let attempt = 1; attempt <= 3; attempt++) {
      bench.failDial();
      expect(bench.dials).to.deep.equal([]);
      bench.clock.advance(25_000);
    }
    expect(bench.dials).to.deep.equal([]);
    expect(bench.events.filter(({ kind }) => kind === 'joinAbandoned')).to.have.length(1);
  });

  it('BOOT-03: a silent peer is tried at 0 and 27 s', () => {
    bench.answerDial();
    bench.clock.advance(26_999);
    expect(bench.dials).to.deep.equal([]);
    bench.clock.advance(1);
    expect(bench.dials).to.have.length(1);
  });

  it('BOOT-02: does not join a bootstrap peer of another organisation, but tries again', () => {
    probed(new Remote('Org2MSP', 'foreign'));
    expect(bench.dials).to.deep.equal([]);
    bench.clock.advance(25_000);
    expect(bench.dials).to.have.length(1);
  });

  it('CONN-11, BAD-27: a probe answered with probe = true is a failure', () => {
    const probe = bench.answerDial();
    probe.send(boot.conn({ probe: true }));
    expect(bench.dials).to.deep.equal([]);
    bench.clock.advance(25_000);
    expect(bench.dials).to.have.length(1);
  });

  it('BOOT-04: skips its own endpoints', () => {
    const own = ['self-in:7051', 'self:7051', '127.0.0.1:7051', 'localhost:7051'];
    expect(new MachineBench({ settings: { bootstrap: own } }).dials).to.deep.equal([]);
  });

  describe('anchor peers', () => {
    const join = (org: string): void => {
      bench.input({ kind: 'join-anchor', endpoint: 'anchor:7051', org });
    };
    beforeEach(() => {
      bench = new MachineBench();
    });

    it('BOOT-05, BOOT-08: a foreign one is joined without secret', () => {
      join('Org2MSP');
      const anchor = new Remote('Org2MSP', 'anchor');
      probed(anchor);
      const { content } = bench.establish(anchor).takeOnly('memReq');
      expect(content.value.selfInformation?.secretEnvelope).to.equal(undefined);
    });

    it('BOOT-06: not without an external endpoint of one’s own', () => {
      bench = new MachineBench({ settings: { externalEndpoint: '' } });
      join('Org2MSP');
      expect(bench.dials).to.deep.equal([]);
    });

    it('BOOT-07: one listed for the own organisation must be of it', () => {
      join('Org1MSP');
      probed(new Remote('Org2MSP', 'anchor'));
      expect(bench.dials).to.deep.equal([]);
    });

    it('BOOT-07: one listed for another may be of any', () => {
      join('Org2MSP');
      probed(new Remote('Org1MSP', 'anchor'));
      expect(bench.dials).to.have.length(1);
    });
  });
});
