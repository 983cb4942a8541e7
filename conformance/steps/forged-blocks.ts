/** Blocks that no peer may take: each differs in one thing from one that it would take (BLOCK-04). */
import { common } from '@hyperledger/fabric-protos';
import type { SigningIdentity } from '../../src/ports/identity';
import type { Payload } from '../../src/wire';
import type { OwnChannel } from '../harness/target';
import { payloadOf } from './blocks';
import { flipBit } from './messages';

/** A block changed after it was signed. */
function changed(block: Uint8Array, change: (block: common.Block) => void): Uint8Array {
  const opened = common.Block.deserializeBinary(block);
  change(opened);
  return opened.serializeBinary();
}

function headerOf(block: common.Block): common.BlockHeader {
  const header = block.getHeader();
  if (header === undefined) throw new TypeError('a block without header');
  return header;
}

function metadataOf(block: common.Block): common.BlockMetadata {
  const metadata = block.getMetadata();
  if (metadata === undefined) throw new TypeError('a block without metadata');
  return metadata;
}

/** Changes what the first slot of a block's metadata says, which holds the signatures. */
function withSignatures(block: common.Block, change: (signatures: common.Metadata) => void): void {
  const metadata = metadataOf(block);
  const [first = new Uint8Array(), ...slots] = metadata.getMetadataList_asU8();
  const signatures = common.Metadata.deserializeBinary(first);
  change(signatures);
  metadata.setMetadataList([signatures.serializeBinary(), ...slots]);
}

const firstOf = (signatures: common.Metadata): common.MetadataSignature => {
  const [first] = signatures.getSignaturesList();
  if (first === undefined) throw new TypeError('a block without signature');
  return first;
};

/** Says another number than the one that was signed. */
export const renumbered = (block: Uint8Array, number: bigint): Uint8Array =>
  changed(block, (one) => {
    headerOf(one).setNumber(Number(number));
  });

/**
 * Forgeries of a block of a channel, each with what is wrong with it. `insider`: a peer, no orderer; `joined`: another
 * channel that the peer is on, with the same orderers.
 */
export function forgeriesOf(
  channel: OwnChannel,
  number: bigint,
  insider: SigningIdentity,
  joined = `${channel.name}x`,
): ReadonlyMap<string, Payload> {
  const genuine = channel.block(number);
  const other = channel.block(number + 1n);
  const after = (change: (block: common.Block) => void): Uint8Array => changed(genuine, change);
  const data = new Map<string, Uint8Array>([
    ['that is no block', Buffer.from('no block')],
    ['that is empty', new Uint8Array()],
    ['whose number is another than the message says', other],
    [
      'whose number was changed after it was signed',
      changed(other, (block) => {
        headerOf(block).setNumber(Number(number));
      }),
    ],
    [
      'without header',
      after((block) => {
        block.setHeader(undefined);
      }),
    ],
    [
      'without metadata',
      after((block) => {
        block.setMetadata(undefined);
      }),
    ],
    [
      'with empty metadata',
      after((block) => {
        metadataOf(block).setMetadataList([]);
      }),
    ],
    [
      'with the data of another',
      after((block) => {
        block.setData(common.Block.deserializeBinary(other).getData());
      }),
    ],
    [
      'whose data hash was changed after it was signed',
      after((block) => {
        headerOf(block).setDataHash(flipBit(headerOf(block).getDataHash_asU8()));
      }),
    ],
    [
      'whose previous hash was changed after it was signed',
      after((block) => {
        headerOf(block).setPreviousHash(flipBit(headerOf(block).getPreviousHash_asU8()));
      }),
    ],
    [
      'without signature',
      after((block) => {
        withSignatures(block, (signatures) => {
          signatures.clearSignaturesList();
        });
      }),
    ],
    [
      'with a spoilt signature',
      after((block) => {
        withSignatures(block, (signatures) => {
          const first = firstOf(signatures);
          first.setSignature(flipBit(first.getSignature_asU8(), 8 * (first.getSignature_asU8().length - 1)));
        });
      }),
    ],
    ['that a peer signed', channel.wrongBlock(number, { signer: insider })],
    ['of another channel', channel.wrongBlock(number, { channel: joined })],
    [
      'with a transaction besides that is empty',
      // It changes neither the hash of the data nor what was signed.
      after((block) => block.getData()?.addData(new Uint8Array())),
    ],
    [
      'with a transaction that is none',
      channel.wrongBlock(number, { damage: () => Buffer.from('no transaction') }),
    ],
    [
      'with a transaction without signature',
      channel.wrongBlock(number, {
        damage: (transaction) => {
          const envelope = common.Envelope.deserializeBinary(transaction);
          envelope.setSignature(new Uint8Array());
          return envelope.serializeBinary();
        },
      }),
    ],
  ]);
  return new Map([...data].map(([what, bytes]) => [`a block ${what}`, payloadOf(number, bytes)]));
}
