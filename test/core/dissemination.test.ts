import { expect } from 'chai';
import { seal, type Opened } from '../../src/core';
import { Tag, type Content } from '../../src/wire';
import { MachineBench, type BenchStream } from './support/machine-bench';
import { Remote, unsigned } from './support/remote';

const NO_BYTES = new Uint8Array();
const isAlive = (opened: Opened): boolean => opened.message.content?.kind === 'aliveMsg';

/** A state info of some channel, which nobody here has joined. */
function stateInfo(
  author: Remote,
  seqNum: bigint,
  change: { timestamp?: undefined; signer?: Remote } = {},
): Opened {
  const value = {
    timestamp: 'timestamp' in change ? undefined : { incNum: 1n, seqNum },
    pkiId: author.pkiId,
    channelMac: Uint8Array.of(8),
    properties: undefined,
  };
  return seal(
    { tag: Tag.CHAN_OR_ORG, content: { kind: 'stateInfo', value } },
    (change.signer ?? author).identity,
  );
}

describe('dissemination', () => {
  let bench: MachineBench;
  let source: Remote;
  let sender: BenchStream;
  beforeEach(() => {
    bench = new MachineBench();
    source = new Remote('Org1MSP', 'source');
    sender = bench.join(source);
  });

  const joined = (mspId: string, name: string, endpoint?: string): BenchStream => {
    const remote = new Remote(mspId, name);
    return bench.join(remote, remote.alive(endpoint === undefined ? {} : { endpoint }));
  };

  it('EMIT-01: a relayed message waits maxPropagationBurstLatency', () => {
    const witness = joined('Org1MSP', 'witness');
    sender.send(new Remote('Org1MSP', 'author').alive());
    bench.clock.advance(9);
    expect(witness.take()).to.deep.equal([]);
    bench.clock.advance(1);
    expect(witness.take()).to.have.length(1);
  });

  it('EMIT-01: or until maxPropagationBurstSize wait', () => {
    const witness = joined('Org1MSP', 'witness');
    for (let i = 0; i < 10; i++) {
      expect(witness.take()).to.deep.equal([]);
      sender.send(new Remote('Org1MSP', `author${i}`).alive());
    }
    // Up to three random members each: the witness or authors that have no connection.
    expect(witness.take().length + bench.dials.length).to.be.at.least(10);
  });

  it('EMIT-02: emits each message propagateIterations times', () => {
    bench = new MachineBench({ settings: { propagateIterations: 3 } });
    sender = bench.join(source);
    const witness = joined('Org1MSP', 'witness');
    sender.send(new Remote('Org1MSP', 'author').alive());
    bench.clock.advance(100);
    expect(witness.take()).to.have.length(3);
  });

  it('EMIT-03: to propagatePeerNum random members', () => {
    const witnesses = ['a', 'b', 'c', 'd', 'e'].map((name) => joined('Org1MSP', name));
    bench.join(new Remote('Org1MSP', 'author'));
    for (let i = 0n; i < 20n; i++) {
      sender.send(new Remote('Org1MSP', 'author').alive({ seqNum: 100n + i }));
      bench.clock.advance(20);
    }
    const counts = witnesses.map((witness) => witness.take().length);
    expect(counts.reduce((sum, count) => sum + count)).to.be.within(40, 60);
    expect(Math.min(...counts)).to.be.greaterThan(0);
  });

  describe('EMIT-06: routes of alive messages', () => {
    const author = (mspId: string): Remote => new Remote(mspId, 'author');
    /** Which of the three classes of member get it, and whether the secret is in it. */
    function reached(alive: Opened): Record<string, boolean> {
      const classes = {
        own: joined('Org1MSP', 'own'),
        ownHidden: joined('Org1MSP', 'hidden', ''),
        org2: joined('Org2MSP', 'two'),
        org3: joined('Org3MSP', 'three'),
      };
      bench.clock.advance(20);
      sender.send(alive);
      bench.clock.advance(20);
      return Object.fromEntries(
        Object.entries(classes).flatMap(([name, stream]) =>
          stream
            .take()
            .filter(isAlive)
            .map(({ envelope }) => [name, envelope.secretEnvelope !== undefined]),
        ),
      );
    }
    beforeEach(() => {
      bench = new MachineBench({ settings: { propagatePeerNum: 10 } });
      sender = bench.join(source);
    });

    it('own-org without external endpoint: to own-org members, secret kept', () => {
      const alive = author('Org1MSP').alive({ endpoint: '', internalEndpoint: 'in:1' });
      expect(reached(alive)).to.deep.equal({ own: true, ownHidden: true });
    });

    it('own-org with external endpoint: to all, secret stripped for foreign ones', () => {
      const alive = author('Org1MSP').alive({ internalEndpoint: 'in:1' });
      expect(reached(alive)).to.deep.equal({ own: true, ownHidden: true, org2: false, org3: false });
    });

    it('foreign: to own-org and its own organisation, if they have an external endpoint', () => {
      const alive = author('Org2MSP').alive({ internalEndpoint: 'in:1' });
      expect(reached(alive)).to.deep.equal({ own: true, org2: false });
    });
  });

  describe('TAG-07: state info of a channel not joined', () => {
    let witness: BenchStream;
    let foreign: BenchStream;
    beforeEach(() => {
      witness = joined('Org1MSP', 'witness');
      foreign = joined('Org2MSP', 'foreign');
    });
    const relayed = (): number => {
      bench.clock.advance(20);
      return witness.take().length;
    };

    it('BAD-72: goes on to own-org members but its sender, byte for byte', () => {
      const message = stateInfo(source, 1n);
      sender.send(message);
      bench.clock.advance(20);
      expect(witness.take().map(({ bytes }) => bytes)).to.deep.equal([message.bytes]);
      expect(sender.take()).to.deep.equal([]);
      expect(foreign.take()).to.deep.equal([]);
    });

    it('BAD-73: not from a foreign connection', () => {
      foreign.send(stateInfo(new Remote('Org2MSP', 'foreign'), 1n));
      expect(relayed()).to.equal(0);
    });

    it('STORE-01: only what is newer', () => {
      sender.send(stateInfo(source, 2n), stateInfo(source, 2n), stateInfo(source, 1n));
      expect(relayed()).to.equal(1);
    });

    it('BAD-74, SINF-02, BAD-40: not of an unknown author, with a bad signature, or without timestamp', () => {
      sender.send(stateInfo(new Remote('Org1MSP', 'stranger'), 1n));
      sender.send(stateInfo(source, 2n, { signer: new Remote('Org1MSP', 'x') }));
      sender.send(
        stateInfo(source, 3n, { timestamp: undefined }),
        stateInfo(source, 4n, { timestamp: undefined }),
      );
      expect(relayed()).to.equal(0);
      expect(bench.takeRejections()).to.include.members([
        'unknown-author',
        'bad-signature',
        'incomplete-state-info',
      ]);
    });
  });

  describe('TAG-06, BAD-70: other messages of channels not joined are dropped, the stream stays', () => {
    const channel = Uint8Array.of(99, 104);
    const messages: Record<string, [Content, number]> = {
      'a block Hello': [
        { kind: 'hello', value: { nonce: 1n, metadata: NO_BYTES, msgType: 1 } },
        Tag.CHAN_AND_ORG,
      ],
      'a block': [{ kind: 'dataMsg', value: { payload: undefined } }, Tag.CHAN_AND_ORG],
      'a state request': [
        { kind: 'stateRequest', value: { startSeqNum: 0n, endSeqNum: 1n } },
        Tag.CHAN_OR_ORG,
      ],
      'a request for state info': [
        { kind: 'stateInfoPullReq', value: { channelMac: NO_BYTES } },
        Tag.CHAN_OR_ORG,
      ],
      'a snapshot': [{ kind: 'stateSnapshot', value: { elements: [] } }, Tag.CHAN_OR_ORG],
      'a leadership message': [
        { kind: 'leadershipMsg', value: { pkiId: NO_BYTES, timestamp: undefined, isDeclaration: true } },
        Tag.CHAN_AND_ORG,
      ],
      'private data': [{ kind: 'privateData', value: { payload: undefined } }, Tag.CHAN_ONLY],
    };
    for (const [title, [content, tag]] of Object.entries(messages)) {
      it(title, () => {
        const witness = joined('Org1MSP', 'witness');
        bench.takeRejections();
        sender.send(seal({ tag, channel, content }));
        bench.clock.advance(20);
        expect([...sender.take(), ...witness.take()]).to.deep.equal([]);
        expect(sender.ending).to.equal(undefined);
        expect(bench.takeRejections()).to.deep.equal(['channel-not-joined']);
      });
    }

    it('with a wrong tag they are rejected for that', () => {
      bench.takeRejections();
      sender.send(unsigned({ kind: 'dataMsg', value: { payload: undefined } }));
      expect(bench.takeRejections()).to.deep.equal(['illegal-tag']);
    });
  });
});
