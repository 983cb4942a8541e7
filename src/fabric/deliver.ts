import { orderer, type common } from '@hyperledger/fabric-protos';
import { channelCredentials, channelOptions, type Access } from './access';
import { makeEnvelope, makeHeader, type Creator } from './envelope';
import { FabricError } from './fabric-error';

export interface DeliverRequest {
  readonly channel: string;
  /** The number of the first block wanted. */
  readonly from: bigint;
  /** Who asks: the channel's policy says who may read it. */
  readonly creator: Creator;
  readonly wallNanos: bigint;
  readonly onBlock: (number: bigint, block: Uint8Array) => void;
  /** Called once, unless it was disposed of before: UNREACHABLE, or REFUSED with the orderer's status. */
  readonly onEnd: (why: FabricError) => void;
}

/**
 * Has an orderer deliver blocks, as they are made, until it is disposed of.
 * Source: internal/pkg/peer/blocksprovider/deliverer.go, `createSeekInfo`.
 */
export function deliver(access: Access, request: DeliverRequest): Disposable {
  const { node, endpoint } = access;
  const client = new orderer.AtomicBroadcastClient(
    endpoint,
    channelCredentials(access),
    channelOptions(access),
  );
  const stream = client.deliver();
  let isOver = false;
  const end = (): boolean => {
    if (isOver) return false;
    isOver = true;
    stream.cancel();
    client.close();
    return true;
  };
  const fail = (why: FabricError): void => {
    if (end()) request.onEnd(why);
  };
  stream.on('data', (response: orderer.DeliverResponse) => {
    const block = response.getBlock();
    const number = block?.getHeader()?.getNumber();
    if (isOver) return;
    if (block === undefined || number === undefined) {
      const what = `${node} delivers no blocks (status ${response.getStatus()})`;
      fail(new FabricError('REFUSED', what));
    } else request.onBlock(BigInt(number), block.serializeBinary());
  });
  stream.on('error', (cause) => {
    const what = `${node} does not deliver blocks at ${endpoint}: ${cause.message}`;
    fail(new FabricError('UNREACHABLE', what, { cause }));
  });
  stream.on('end', () => {
    fail(new FabricError('UNREACHABLE', `${node} ended the stream of blocks at ${endpoint}`));
  });
  stream.write(seekEnvelope(request));
  return {
    [Symbol.dispose]: () => {
      end();
    },
  };
}

function seekEnvelope({ channel, from, creator, wallNanos }: DeliverRequest): common.Envelope {
  const seek = new orderer.SeekInfo();
  seek.setStart(positionAt(Number(from)));
  seek.setStop(positionAt(Number.MAX_SAFE_INTEGER));
  seek.setBehavior(orderer.SeekInfo.SeekBehavior.BLOCK_UNTIL_READY);
  const header = makeHeader({ type: 'DELIVER_SEEK_INFO', channel, wallNanos, creator });
  return makeEnvelope(header, seek.serializeBinary(), creator);
}

function positionAt(number: number): orderer.SeekPosition {
  const specified = new orderer.SeekSpecified();
  specified.setNumber(number);
  const position = new orderer.SeekPosition();
  position.setSpecified(specified);
  return position;
}
