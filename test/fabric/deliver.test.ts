import { Server, ServerCredentials, type ServerDuplexStream } from '@grpc/grpc-js';
import { common, orderer } from '@hyperledger/fabric-protos';
import { expect } from 'chai';
import type { Access } from '../../src/fabric/access';
import { deliver } from '../../src/fabric/deliver';
import { FabricError } from '../../src/fabric/fabric-error';

const creator = { serialized: Uint8Array.of(1), sign: (): Uint8Array => Uint8Array.of(2) };

type Call = ServerDuplexStream<common.Envelope, orderer.DeliverResponse>;

/** What the first envelope of a call asks for. */
function seekIn(envelope: common.Envelope): { readonly channel: string; readonly from: number } {
  const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8());
  const header = common.ChannelHeader.deserializeBinary(
    payload.getHeader()?.getChannelHeader_asU8() ?? new Uint8Array(),
  );
  const seek = orderer.SeekInfo.deserializeBinary(payload.getData_asU8());
  return { channel: header.getChannelId(), from: seek.getStart()?.getSpecified()?.getNumber() ?? -1 };
}

function blockResponse(number: number): orderer.DeliverResponse {
  const header = new common.BlockHeader();
  header.setNumber(number);
  const block = new common.Block();
  block.setHeader(header);
  const response = new orderer.DeliverResponse();
  response.setBlock(block);
  return response;
}

function statusResponse(status: common.StatusMap[keyof common.StatusMap]): orderer.DeliverResponse {
  const response = new orderer.DeliverResponse();
  response.setStatus(status);
  return response;
}

describe('blocks delivered by an orderer', () => {
  let server: Server;
  let access: Access;
  let answer: (call: Call, envelope: common.Envelope) => void;

  beforeEach(async () => {
    server = new Server();
    server.addService(orderer.AtomicBroadcastService, {
      broadcast: (call: Call) => {
        call.end();
      },
      deliver: (call: Call) => {
        call.once('data', (envelope: common.Envelope) => {
          answer(call, envelope);
        });
      },
    });
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
        if (error === null) resolve(bound);
        else reject(error);
      });
    });
    access = { node: 'orderer', endpoint: `127.0.0.1:${port}`, serverName: 'orderer', rootsPem: undefined };
  });
  afterEach(() => {
    server.forceShutdown();
  });

  /** Takes blocks from number 2 on until the stream is over, or there are `enough`. */
  const taken = (enough = Infinity): Promise<{ numbers: bigint[]; why: FabricError | undefined }> =>
    new Promise((resolve) => {
      const numbers: bigint[] = [];
      const delivery = deliver(access, {
        channel: 'mychannel',
        from: 2n,
        creator,
        wallNanos: 0n,
        onBlock: (number, block) => {
          expect(common.Block.deserializeBinary(block).getHeader()?.getNumber()).to.equal(Number(number));
          numbers.push(number);
          if (numbers.length < enough) return;
          delivery[Symbol.dispose]();
          resolve({ numbers, why: undefined });
        },
        onEnd: (why) => {
          resolve({ numbers, why });
        },
      });
    });

  it('come from the number asked for on, until nobody wants them any more', async () => {
    let asked;
    answer = (call, envelope) => {
      asked = seekIn(envelope);
      for (const number of [2, 3, 4]) call.write(blockResponse(number));
    };
    expect(await taken(3)).to.deep.equal({ numbers: [2n, 3n, 4n], why: undefined });
    expect(asked).to.deep.equal({ channel: 'mychannel', from: 2 });
  });

  it('end with the status of an orderer that delivers none', async () => {
    answer = (call) => {
      call.write(statusResponse(common.Status.FORBIDDEN));
    };
    const { why } = await taken();
    expect(why).to.be.instanceOf(FabricError).with.property('code', 'REFUSED');
    expect(why?.message).to.contain('status 403');
  });

  it('end when the orderer hangs up', async () => {
    answer = (call) => {
      call.write(blockResponse(2));
      call.end();
    };
    const { numbers, why } = await taken();
    expect(numbers).to.deep.equal([2n]);
    expect(why).to.have.property('code', 'UNREACHABLE');
  });
});
