import { expect } from 'chai';
import fc from 'fast-check';
import { common } from '@hyperledger/fabric-protos';
import { ChannelBlockVerifier, readChannelConfig } from '../../src/channel';
import { headerBytes } from '../../src/channel/block';
import { present } from '../fabric/support/describe-block';
import {
  sampleChannel,
  signedBlock,
  transaction,
  type BlockChange,
  type SampleChannel,
} from './support/sample-channel';

describe('block verifier', () => {
  let sample: SampleChannel;
  let other: SampleChannel;
  let verifier: ChannelBlockVerifier;
  before(async () => {
    [sample, other] = await Promise.all([sampleChannel(), sampleChannel()]);
    verifier = new ChannelBlockVerifier(readChannelConfig(sample.genesis));
  });

  /** What the verifier says of a block that is said to be number 1. */
  function judged(change: BlockChange = {}): string {
    const verdict = verifier.verify(signedBlock(sample, change), 1n);
    return verdict.ok ? 'ok' : verdict.reason;
  }

  it('BLOCK-04: accepts a block that the orderer has signed', () => {
    expect(judged()).to.equal('ok');
    expect(judged({ transactions: [transaction(sample.peer), transaction(sample.peer)] })).to.equal('ok');
  });

  const refused: Record<string, [BlockChange | (() => BlockChange), string]> = {
    'of another number than it is said to have': [{ number: 2 }, 'wrong-number'],
    'of another channel': [{ channel: 'other' }, 'wrong-channel'],
    'without signature': [{ signers: [] }, 'not-signed'],
    'signed by a peer': [() => ({ signers: [sample.peer] }), 'not-signed'],
    'signed by an orderer of the same MSP-ID, but another CA': [
      () => ({ signers: [other.orderer] }),
      'not-signed',
    ],
    'whose data was changed': [
      () => ({
        after: (block) => {
          present(block.getData()).setDataList([transaction(sample.peer)]);
        },
      }),
      'wrong-hash',
    ],
    'whose previous hash was changed': [
      {
        after: (block) => {
          present(block.getHeader()).setPreviousHash(Buffer.alloc(32, 9));
        },
      },
      'not-signed',
    ],
    'whose signature was changed': [
      {
        after: (block) => {
          const slot = present(block.getMetadata()).getMetadataList_asU8()[0];
          const signatures = common.Metadata.deserializeBinary(present(slot));
          signatures.setValue('another');
          present(block.getMetadata()).setMetadataList([signatures.serializeBinary()]);
        },
      },
      'not-signed',
    ],
    'without header': [
      {
        after: (block) => {
          block.clearHeader();
        },
      },
      'malformed',
    ],
    'without data': [
      {
        after: (block) => {
          block.clearData();
        },
      },
      'malformed',
    ],
    'without metadata': [
      {
        after: (block) => {
          block.clearMetadata();
        },
      },
      'malformed',
    ],
    'with a transaction without signature': [
      () => {
        const envelope = common.Envelope.deserializeBinary(transaction(sample.peer));
        envelope.setSignature('');
        return { transactions: [envelope.serializeBinary()] };
      },
      'malformed',
    ],
    'with a transaction with bytes after it': [
      () => ({
        transactions: [
          transaction(sample.peer),
          Buffer.concat([transaction(sample.peer), Uint8Array.of(0x78, 1)]),
        ],
      }),
      'malformed',
    ],
    'with a transaction that is none': [
      () => ({ transactions: [transaction(sample.peer), Buffer.from('nonsense')] }),
      'malformed',
    ],
  };
  for (const [title, [change, reason]] of Object.entries(refused)) {
    it(`BAD-79: refuses one ${title}`, () => {
      expect(judged(typeof change === 'function' ? change() : change)).to.equal(reason);
    });
  }

  it('takes a configuration block without signature on its transaction, if the orderer has signed the block', () => {
    const genesis = common.Block.deserializeBinary(sample.genesis);
    const transactions = present(genesis.getData()).getDataList_asU8();
    expect(judged({ transactions })).to.equal('ok');
    expect(verifier.verify(sample.genesis, 0n), 'the first block has none').to.include({
      reason: 'not-signed',
    });
  });

  it('judges by the newest configuration', () => {
    const later = new ChannelBlockVerifier(readChannelConfig(sample.genesis));
    later.configure(readChannelConfig(other.genesis));
    expect(later.verify(signedBlock(sample), 1n)).to.include({ reason: 'not-signed' });
    expect(later.verify(signedBlock(other), 1n)).to.deep.equal({ ok: true });
  });

  it('survives whatever bytes it is given', () => {
    const block = signedBlock(sample);
    fc.assert(
      fc.property(fc.nat(block.length - 1), fc.nat(255), fc.nat(block.length), (at, byte, length) => {
        const broken = Uint8Array.from(block.subarray(0, length));
        if (at < length) broken[at] = byte;
        const verdict = verifier.verify(broken, 1n);
        return !verdict.ok || Buffer.from(broken).equals(block) || isMetadata(broken);
      }),
      { numRuns: 300 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => !verifier.verify(bytes, 1n).ok),
      { numRuns: 200 },
    );

    /** Whether header and data are those of the block: what else is in it is not signed. */
    function isMetadata(broken: Uint8Array): boolean {
      const [was, is] = [block, broken].map((bytes) => common.Block.deserializeBinary(bytes));
      const told = (of: common.Block | undefined): string =>
        [present(of?.getHeader()).serializeBinary(), present(of?.getData()).serializeBinary()]
          .map((bytes) => Buffer.from(bytes).toString('hex'))
          .join();
      return told(was) === told(is);
    }
  });

  it('header bytes are ASN.1 DER as Go makes it', () => {
    const header = new common.BlockHeader();
    header.setPreviousHash(Uint8Array.of(1));
    header.setDataHash(Uint8Array.of(2));
    const hex = (number: bigint): string => Buffer.from(headerBytes(number, header)).toString('hex');
    expect(hex(0n)).to.equal('3009' + '020100' + '040101' + '040102');
    expect(hex(127n)).to.equal('3009' + '02017f' + '040101' + '040102');
    expect(hex(128n)).to.equal('300a' + '02020080' + '040101' + '040102');
    expect(hex(256n)).to.equal('300a' + '02020100' + '040101' + '040102');
  });
});
