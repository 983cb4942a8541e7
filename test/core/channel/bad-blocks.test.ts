import { expect } from 'chai';
import { ChannelBlockVerifier, readChannelConfig } from '../../../src/channel';
import { sampleChannel, signedBlock, type SampleChannel } from '../../channel/support/sample-channel';
import { BlockBench } from '../support/block-bench';
import { blockUpdate, channelName, dataMessage, type ChannelBenchOptions } from '../support/channel-bench';
import type { BenchStream } from '../support/machine-bench';
import { Remote } from '../support/remote';

/** Floods of blocks by somebody who may say anything: nothing is kept, passed on or grows, and each has a reason. */
describe('bad blocks by the thousand', () => {
  const FLOOD = 1_000;
  let bench: BlockBench;
  let liar: BenchStream;
  let witness: BenchStream;
  const start = (options: ChannelBenchOptions = {}): void => {
    bench = new BlockBench(options);
    liar = bench.onChannel(new Remote('Org1MSP', 'liar'));
    witness = bench.onChannel(new Remote('Org1MSP', 'witness'));
  };
  const passedOn = (): number => bench.pushed(witness).length;
  const offered = (): number => bench.offered(liar).length;

  describe('judged by the channel’s configuration', () => {
    let channel: SampleChannel;
    let verifier: ChannelBlockVerifier;
    before(async () => {
      channel = await sampleChannel({ name: channelName });
      verifier = new ChannelBlockVerifier(readChannelConfig(channel.genesis));
    });

    const forgeries: Record<string, [string, () => Uint8Array]> = {
      'a wrong hash': [
        'wrong-hash',
        () =>
          signedBlock(channel, {
            channel: channelName,
            after: (block) => block.getHeader()?.setDataHash(Buffer.alloc(32, 9)),
          }),
      ],
      'a wrong number': ['wrong-number', () => signedBlock(channel, { channel: channelName, number: 2 })],
      'another channel': ['wrong-channel', () => signedBlock(channel, { channel: 'other' })],
      'a signature that is no orderer’s': [
        'not-signed',
        () => signedBlock(channel, { channel: channelName, signers: [channel.peer] }),
      ],
      'no signature': ['not-signed', () => signedBlock(channel, { channel: channelName, signers: [] })],
    };
    for (const [what, [reason, make]] of Object.entries(forgeries)) {
      it(`BLOCK-04, BAD-79: with ${what}, pushed and pulled`, () => {
        start({ channel: { verifier } });
        const block = dataMessage(1n, make());
        for (let i = 0; i < FLOOD; i++) liar.send(i % 2 === 0 ? block : blockUpdate(BigInt(i), [block]));
        expect(passedOn()).to.equal(0);
        expect(offered()).to.equal(0);
        expect(bench.ledger.height()).to.equal(1n);
        const reasons = bench.takeRejections();
        expect(reasons.filter((each) => each === 'bad-block')).to.have.length(FLOOD / 2);
        expect(reasons.filter((each) => each === 'bad-block-update')).to.have.length(FLOOD / 2);
        const details = bench.events.flatMap((event) =>
          event.kind === 'rejected' && event.rejection.reason.startsWith('bad-block')
            ? [event.rejection.detail]
            : [],
        );
        expect(details.every((detail) => detail.includes(reason))).to.be.true;
      });
    }

    it('a genuine one is still taken afterwards', () => {
      start({ channel: { verifier } });
      const forged = signedBlock(channel, { channel: channelName, signers: [] });
      for (let i = 0; i < FLOOD; i++) liar.send(dataMessage(1n, forged));
      liar.send(dataMessage(1n, signedBlock(channel, { channel: channelName })));
      expect(passedOn()).to.equal(1);
      expect(bench.ledger.height()).to.equal(2n);
    });
  });

  it('STORE-02, BAD-81: of a thousand signed blocks far above the ledger eleven are held, and none waits', () => {
    start();
    for (let i = 0; i < FLOOD; i++) liar.send(dataMessage(1_000n + BigInt(i)));
    expect(offered()).to.equal(11);
    expect(bench.ledger.height()).to.equal(1n);
    expect(bench.takeRejections().filter((each) => each === 'block-out-of-reach')).to.have.length(FLOOD);
  });

  it('STORE-02: of a chain that comes backwards eleven blocks wait', () => {
    start();
    for (let number = 20n; number > 0n; number--) liar.send(dataMessage(number));
    expect(offered()).to.equal(11);
    expect(bench.ledger.height()).to.equal(1n);
    expect(bench.takeRejections().filter((each) => each === 'stale-block')).to.have.length(9);
  });
});
