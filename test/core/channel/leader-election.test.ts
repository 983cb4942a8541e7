import { expect } from 'chai';
import type { Opened } from '../../../src/core';
import { Tag, type LeadershipMessage } from '../../../src/wire';
import {
  ChannelBench,
  bytesOf,
  channelMessage,
  stateInfoOf,
  type ChannelBenchOptions,
} from '../support/channel-bench';
import type { BenchStream } from '../support/machine-bench';
import { Remote } from '../support/remote';

interface Change {
  readonly incNum?: bigint;
  readonly noTimestamp?: boolean;
  readonly signer?: Remote;
  readonly tag?: number;
}

const leadership = (author: Remote, seqNum: bigint, isDeclaration: boolean, change: Change = {}): Opened =>
  channelMessage(
    {
      kind: 'leadershipMsg',
      value: {
        pkiId: author.pkiId,
        timestamp: change.noTimestamp === true ? undefined : { incNum: change.incNum ?? 1n, seqNum },
        isDeclaration,
      },
    },
    { signer: change.signer ?? author, ...(change.tag === undefined ? {} : { tag: change.tag }) },
  );

describe('leader election', () => {
  let bench: ChannelBench;

  function start({ settings, ...options }: ChannelBenchOptions = {}): void {
    bench = new ChannelBench({ settings: { useLeaderElection: true, ...settings }, ...options });
  }
  /** A peer whose PKI-ID is lower, or higher, than ours. */
  function remote(order: 'lower' | 'higher', mspId = 'Org1MSP'): Remote {
    for (let number = 0; ; number++) {
      const candidate = new Remote(mspId, `${order}${number}`);
      if (Buffer.compare(candidate.pkiId, bench.self.pkiId) < 0 === (order === 'lower')) return candidate;
    }
  }
  function onChannel(member: Remote): BenchStream {
    const stream = bench.join(member);
    stream.send(stateInfoOf(member, 1n));
    return stream;
  }
  const heard = (stream: BenchStream): LeadershipMessage[] =>
    stream
      .take()
      .flatMap(({ message: { content } }) => (content?.kind === 'leadershipMsg' ? [content.value] : []));
  /** What a stream was told: `p`roposals and `d`eclarations. */
  const said = (stream: BenchStream): string =>
    heard(stream)
      .map(({ isDeclaration }) => (isDeclaration ? 'd' : 'p'))
      .join('');
  const isLeader = (): boolean | undefined => bench.machine.channel('ch')?.isLeader();

  it('ELECT-02: says nothing unless it is switched on', () => {
    start({ settings: { useLeaderElection: false } });
    const stream = onChannel(remote('higher'));
    bench.clock.advance(60_000);
    expect(said(stream)).to.equal('');
    expect(isLeader()).to.be.false;
  });

  describe('with a worse peer on the channel', () => {
    let other: Remote;
    let stream: BenchStream;
    beforeEach(() => {
      start();
      other = remote('higher');
      stream = onChannel(other);
    });

    it('ELECT-01: its messages carry PKI-ID, incarnation, a count from 1, tag and channel, and are signed', () => {
      bench.clock.advance(3000);
      const { content, envelope, message } = stream.takeOnly('leadershipMsg');
      expect(message).to.deep.include({ tag: Tag.CHAN_AND_ORG, nonce: 0n, channel: bytesOf('ch') });
      expect(content.value).to.deep.include({ pkiId: bench.self.pkiId, isDeclaration: false });
      expect(content.value.timestamp?.seqNum).to.equal(1n);
      expect((content.value.timestamp?.incNum ?? 0n) > 10n ** 18n).to.be.true;
      expect(bench.self.verify(envelope.payload, envelope.signature)).to.be.true;
    });

    it('ELECT-05: starts when two looks at the view agree', () => {
      bench.clock.advance(1970);
      expect(said(stream)).to.equal('');
      bench.clock.advance(30);
      expect(said(stream)).to.equal('p');
    });

    it('ELECT-05: or when startupGracePeriod is over', () => {
      start();
      stream = onChannel(other);
      for (let i = 0; i < 15; i++) {
        bench.clock.advance(990);
        onChannel(new Remote('Org1MSP', `late${i}`));
        stream.send(other.alive());
        expect(said(stream)).to.equal('');
        bench.clock.advance(10);
      }
      bench.clock.advance(1010);
      expect(said(stream)).to.equal('p');
    });

    it('ELECT-06, ELECT-07: declares leaderElectionDuration later, then every half leaderAliveThreshold', () => {
      bench.clock.advance(2020);
      stream.send(leadership(other, 1n, false));
      bench.clock.advance(4950);
      expect(said(stream)).to.equal('p');
      bench.clock.advance(30);
      expect(said(stream)).to.equal('d');
      expect(isLeader()).to.be.true;
      bench.clock.advance(4980);
      expect(said(stream)).to.equal('');
      bench.clock.advance(20);
      expect(said(stream)).to.equal('d');
      expect(bench.events.filter(({ kind }) => kind === 'leadershipChanged')).to.have.length(1);
    });

    it('ELECT-07: a declaration of a worse one neither ends its leadership nor makes it repeat itself', () => {
      bench.clock.advance(7100);
      stream.take();
      for (let i = 1n; i < 50n; i++) stream.send(leadership(other, i, true));
      bench.clock.advance(20);
      expect(isLeader()).to.be.true;
      expect(said(stream)).to.equal('');
    });

    it('ELECT-06: a declaration while it proposes makes it follow, whoever declares', () => {
      bench.clock.advance(2100);
      stream.send(leadership(other, 1n, true));
      bench.clock.advance(9900);
      expect(said(stream)).to.equal('p');
      expect(isLeader()).to.be.false;
    });

    it('ELECT-08: a follower that hears no declaration for leaderAliveThreshold starts an election', () => {
      bench.clock.advance(1000);
      stream.send(leadership(other, 1n, true));
      for (let i = 2n; i < 6n; i++) {
        bench.clock.advance(5000);
        stream.send(leadership(other, i, true), other.alive());
      }
      expect(said(stream)).to.equal('');
      bench.clock.advance(20_000);
      expect(said(stream)).to.match(/^pd/);
    });

    it('ELECT-09: a leader that yields is no candidate until somebody declares', () => {
      bench.clock.advance(7100);
      bench.input({ kind: 'yield-leadership', name: 'ch' });
      stream.take();
      const steps = (count: number): void => {
        for (let i = 0; i < count; i++) {
          bench.clock.advance(5000);
          stream.send(other.alive());
        }
      };
      steps(11);
      expect(said(stream)).to.equal('');
      steps(3);
      expect(said(stream)).to.match(/^pd/);
      bench.input({ kind: 'yield-leadership', name: 'ch' });
      stream.send(leadership(other, 1n, true));
      steps(6);
      expect(said(stream)).to.match(/pd+$/);
    });

    it('LEAVE-02: leaving the channel ends it', () => {
      bench.clock.advance(7100);
      bench.input({ kind: 'leave-channel', name: 'ch' });
      stream.take();
      bench.clock.advance(20_000);
      expect(isLeader()).to.be.false;
      expect(said(stream)).to.equal('');
    });
  });

  describe('with a better peer on the channel', () => {
    let better: Remote;
    let stream: BenchStream;
    beforeEach(() => {
      start();
      better = remote('lower');
      stream = onChannel(better);
    });

    it('ELECT-06: gives way to its proposal', () => {
      bench.clock.advance(2100);
      stream.send(leadership(better, 1n, false));
      bench.clock.advance(9000);
      expect(said(stream)).to.equal('p');
    });

    it('ELECT-07: a leader steps down on its declaration', () => {
      bench.clock.advance(7100);
      expect(isLeader()).to.be.true;
      stream.send(leadership(better, 1n, true));
      expect(isLeader()).to.be.false;
      stream.take();
      bench.clock.advance(9000);
      expect(said(stream)).to.equal('');
    });

    /** Whether a message is heeded: it makes a leader step down. */
    function heeded(from: BenchStream, ...messages: readonly Opened[]): boolean {
      bench.clock.advance(7100);
      bench.takeRejections();
      from.send(...messages);
      return isLeader() === false;
    }

    it('ELECT-03, BAD-86: heeds it from any own-org connection, but from no foreign one', () => {
      const two = onChannel(new Remote('Org2MSP', 'two'));
      expect(heeded(two, leadership(better, 1n, true))).to.be.false;
      expect(bench.takeRejections()).to.deep.equal(['foreign-leadership']);
      expect(heeded(onChannel(remote('higher')), leadership(better, 1n, true))).to.be.true;
    });

    const refused: Record<string, [() => Opened, string]> = {
      'BAD-86: of an unknown author': [
        () => leadership(new Remote('Org1MSP', 'stranger'), 1n, true),
        'unknown-author',
      ],
      'BAD-86: with a bad signature': [
        () => leadership(better, 1n, true, { signer: new Remote('Org1MSP', 'x') }),
        'bad-signature',
      ],
      'ELECT-10, BAD-41: without timestamp': [
        () => leadership(better, 1n, true, { noTimestamp: true }),
        'incomplete-leadership',
      ],
      'TAG-01: with a wrong tag': [() => leadership(better, 1n, true, { tag: Tag.CHAN_ONLY }), 'illegal-tag'],
    };
    for (const [title, [message, reason]] of Object.entries(refused)) {
      it(`${title}: is not heeded`, () => {
        expect(heeded(stream, message(), message())).to.be.false;
        expect(bench.takeRejections()).to.deep.equal([reason, reason]);
      });
    }

    it('BAD-86: of a foreign author it is not heeded', () => {
      const foreign = remote('lower', 'Org2MSP');
      onChannel(foreign);
      expect(heeded(stream, leadership(foreign, 1n, true))).to.be.false;
      expect(bench.takeRejections()).to.deep.equal(['foreign-leadership']);
    });

    it('ELECT-03: nor of an author outside the channel view', () => {
      start();
      stream = bench.join(better);
      onChannel(remote('higher'));
      expect(heeded(stream, leadership(better, 1n, true))).to.be.false;
      expect(bench.takeRejections()).to.deep.equal(['leadership-outside-view']);
    });

    it('STORE-01: nor one that is not newer than the last', () => {
      bench.clock.advance(7100);
      stream.send(leadership(better, 5n, false));
      expect(heeded(stream, leadership(better, 5n, true), leadership(better, 4n, true))).to.be.false;
      expect(bench.takeRejections()).to.deep.equal(['stale-leadership', 'stale-leadership']);
    });
  });

  it('ELECT-04: goes to all own-org members with state info, and those of others are not relayed', () => {
    start();
    const own = ['a', 'b', 'c', 'd', 'e'].map((name) => onChannel(new Remote('Org1MSP', name)));
    const mute = bench.join(new Remote('Org1MSP', 'mute'));
    const foreign = onChannel(new Remote('Org2MSP', 'two'));
    bench.clock.advance(2100);
    expect([...own, mute, foreign].map(said)).to.deep.equal(['p', 'p', 'p', 'p', 'p', '', '']);
    own[0]?.send(leadership(new Remote('Org1MSP', 'a'), 1n, false));
    bench.clock.advance(20);
    expect(own.map(said).join('')).to.equal('');
  });
});
