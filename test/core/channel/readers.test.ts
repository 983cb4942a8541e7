import { expect } from 'chai';
import type { PeerIdentity } from '../../../src/ports/identity';
import { ChannelBench } from '../support/channel-bench';
import { Remote } from '../support/remote';

describe('readers of a channel, in the handshake (ID-13)', () => {
  const named =
    (...names: readonly string[]) =>
    ({ pkiId }: PeerIdentity): boolean =>
      names.some((name) => Buffer.from(new Remote('Org2MSP', name).pkiId).equals(pkiId));

  let bench: ChannelBench;
  beforeEach(() => {
    bench = new ChannelBench({ channel: { isReader: named('reader') } });
  });

  /** Whether the machine answers a remote that introduces itself, and keeps its stream. */
  const isTaken = (remote: Remote): boolean => bench.connect(remote).ending === undefined;

  it('are taken of another organisation, and nobody else of it', () => {
    expect(isTaken(new Remote('Org2MSP', 'reader'))).to.be.true;
    expect(isTaken(new Remote('Org2MSP', 'stranger'))).to.be.false;
    expect(bench.takeRejections()).to.deep.equal(['no-reader-anywhere']);
  });

  it('are everybody of the own organisation', () => {
    expect(isTaken(new Remote('Org1MSP', 'fellow'))).to.be.true;
  });

  it('are asked for where a channel has their organisation alone', () => {
    expect(isTaken(new Remote('Org3MSP', 'third'))).to.be.true;
    expect(bench.takeRejections()).to.deep.equal([]);
  });
});
