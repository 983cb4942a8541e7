import { expect } from 'chai';
import { StatusCode } from '../../../src/ports/transport';
import { type Envelope, Tag } from '../../../src/wire';
import { contentOf } from '../support/contents';
import { MachineBench } from '../support/machine-bench';
import { Remote, unsigned } from '../support/remote';

const endpointsIn = (envelopes: readonly Envelope[]): (string | undefined)[] =>
  envelopes.map((envelope) => contentOf(envelope, 'aliveMsg').value.membership?.endpoint);

describe('membership requests', () => {
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
      return op.request(1n, { ...alive, envelope: { ...alive.envelope, signature: new Uint8Array() } }).bytes;
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
