import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ChannelBlockVerifier, readChannelConfig } from '../../src/channel';
import { genesisBlock } from '../../src/fabric/genesis-block';
import { serializeIdentity } from '../../src/identity';
import { decodeEnvelope, decodeMessage, type GossipMessage, type Payload } from '../../src/wire';
import { recordedEnvelopes, recordingFolder, recordings, type Recording } from '../wire/recordings';
import { sampleChannel, type SampleChannel } from './support/sample-channel';

/** Every block in a recording, pushed, pulled or transferred. */
async function blocksOf(name: Recording): Promise<Payload[]> {
  const blocks: Payload[] = [];
  const take = ({ content }: GossipMessage): void => {
    if (content?.kind === 'dataMsg' && content.value.payload !== undefined) {
      blocks.push(content.value.payload);
    } else if (content?.kind === 'dataUpdate' && content.value.msgType === 1) {
      for (const { payload } of content.value.data) take(decodeMessage(payload));
    } else if (content?.kind === 'stateResponse') {
      blocks.push(...content.value.payloads);
    }
  };
  for (const { envelope, kind } of await recordedEnvelopes(name)) {
    if (['dataMsg', 'dataUpdate', 'stateResponse'].includes(kind)) {
      take(decodeMessage(decodeEnvelope(envelope).payload));
    }
  }
  return blocks;
}

describe('blocks of real orderers, as real peers spread them', function () {
  this.timeout(30_000);
  let sample: SampleChannel;
  before(async () => {
    sample = await sampleChannel();
  });

  /** The channel's own first block where a recording has it, else one with its orderer's CA. */
  function firstBlock(name: Recording, blocks: readonly Payload[]): Uint8Array {
    const recorded = blocks.find(({ seqNum }) => seqNum === 0n);
    const [ordering] = sample.profile.ordererOrganisations;
    if (recorded !== undefined || ordering === undefined) return recorded?.data ?? sample.genesis;
    const ca = readFileSync(join(recordingFolder(name), 'identities/ca.OrdererMSP.pem'), 'utf8');
    const msp = { mspId: ordering.msp.mspId, rootCerts: [ca] };
    return genesisBlock({ ...sample.profile, ordererOrganisations: [{ ...ordering, msp }] }, 1n);
  }

  for (const name of recordings) {
    it(`BLOCK-04: are accepted, and refused by a channel of another orderer: ${name}`, async () => {
      const blocks = await blocksOf(name);
      const config = readChannelConfig(firstBlock(name, blocks));
      const verifier = new ChannelBlockVerifier(config);
      const stranger = new ChannelBlockVerifier(readChannelConfig(sample.genesis));
      const signed = blocks.filter(({ seqNum }) => seqNum > 0n);
      expect(signed.length).to.be.greaterThan(30);
      for (const { data, seqNum } of signed) {
        expect(verifier.verify(data, seqNum), `block ${seqNum}`).to.deep.equal({ ok: true });
        expect(stranger.verify(data, seqNum).ok).to.be.false;
      }
      expect(config.organisations.map(({ msp }) => msp.mspId)).to.deep.equal(['Org1MSP', 'Org2MSP']);
    });
  }

  for (const name of ['v2.5.16-tls', 'v3.1.5-tls'] as const) {
    it(`SINF-03, STATE-02: the first block that configtxgen made tells who may read the channel: ${name}`, async () => {
      const config = readChannelConfig(firstBlock(name, await blocksOf(name)));
      const isReader = (mspId: string, file: string): boolean => {
        const idBytes = readFileSync(join(recordingFolder(name), 'identities', file));
        const serialized = serializeIdentity({ mspId, idBytes });
        const verdict = config.members.validate(serialized, 0);
        return verdict.ok && config.isReader(verdict.identity);
      };
      expect(isReader('Org1MSP', 'org1.peer0.sign.pem')).to.be.true;
      expect(isReader('Org2MSP', 'org2.peer0.sign.pem')).to.be.true;
      expect(isReader('Org2MSP', 'org1.peer0.sign.pem')).to.be.false;
      expect(isReader('OrdererMSP', 'orderer.sign.pem')).to.be.false;
    });
  }
});
