import { expect } from 'chai';
import { ChannelBlockVerifier, readChannelConfig } from '../../src/channel';
import type { BlockSigner } from '../../conformance/steps/signed-block';
import type { ChannelCapabilities } from '../../src/fabric/channel-profile';
import { genesisBlock } from '../../src/fabric/genesis-block';
import { present } from '../fabric/support/describe-block';
import { sampleChannel, signedBlock, type SampleChannel } from './support/sample-channel';

/** Seven orderers stand two faulty ones: five have to sign. */
const ORDERERS = 7;
const QUORUM = 5;

describe('BLOCK-15: blocks of a channel whose orderers agree by BFT', () => {
  let sample: SampleChannel;
  let identities: readonly BlockSigner[];
  let consenters: readonly BlockSigner[];
  let stranger: BlockSigner;
  before(async () => {
    sample = await sampleChannel();
    const ordering = present(sample.organisations.at(-1));
    const papers = await Promise.all(
      Array.from({ length: ORDERERS + 1 }, (_, i) => ordering.issue({ name: `bft${i}`, role: 'orderer' })),
    );
    identities = papers.map(({ identity }) => identity);
    consenters = identities.slice(0, ORDERERS).map((identity, i) => numbered(identity, i + 1));
    stranger = present(identities[ORDERERS]);
  });

  /** One who signs by a number, which is its own or not. */
  const numbered = (signer: BlockSigner, consenterId: number): BlockSigner => ({
    serialized: signer.serialized,
    consenterId,
    sign: (data) => signer.sign(data),
  });

  const verifierWith = (capability: ChannelCapabilities['channel']): ChannelBlockVerifier => {
    const [consenter] = sample.profile.consenters;
    const profile = {
      ...sample.profile,
      capabilities: { ...sample.profile.capabilities, channel: capability },
      bft: consenters.map(({ serialized, consenterId = 0 }) => ({
        ...present(consenter),
        id: consenterId,
        identity: serialized,
      })),
    };
    return new ChannelBlockVerifier(readChannelConfig(genesisBlock(profile, 1n)));
  };

  const judged = (
    signers: readonly BlockSigner[],
    capability: ChannelCapabilities['channel'] = 'V3_0',
  ): string => {
    const verdict = verifierWith(capability).verify(signedBlock(sample, { signers }), 1n);
    return verdict.ok ? 'ok' : verdict.reason;
  };
  const first = (count: number): readonly BlockSigner[] => consenters.slice(0, count);

  it('a quorum of the consenters has to sign, each named by its number', () => {
    expect(judged(first(QUORUM))).to.equal('ok');
    expect(judged(first(ORDERERS))).to.equal('ok');
    expect(judged(first(QUORUM - 1))).to.equal('not-signed');
  });

  it('or in full', () => {
    expect(judged(identities.slice(0, QUORUM))).to.equal('ok');
  });

  it('nobody counts twice', () => {
    const [one] = consenters;
    expect(judged([...first(QUORUM - 1), present(one)])).to.equal('not-signed');
  });

  it('a number is as good as the key of whom it names', () => {
    const rest = first(QUORUM - 1);
    expect(judged([...rest, numbered(stranger, QUORUM)]), 'of another').to.equal('not-signed');
    expect(judged([...rest, numbered(stranger, ORDERERS + 1)]), 'of nobody').to.equal('not-signed');
    expect(judged([...rest, stranger]), 'no consenter').to.equal('not-signed');
  });

  it('numbers name nobody on a channel without capability V3_0', () => {
    expect(judged(first(ORDERERS), 'V2_0')).to.equal('not-signed');
  });
});
