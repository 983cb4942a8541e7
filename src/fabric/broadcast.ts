import { randomBytes } from 'node:crypto';
import { common, orderer } from '@hyperledger/fabric-protos';
import { channelCredentials, channelOptions, deadlineOf, type Access, type Calling } from './access';
import { makeEnvelope, makeHeader, type Creator } from './envelope';
import { FabricError } from './fabric-error';

/** Enough for blocks to differ in size from none. */
const FILLER_BYTES = 64;

/**
 * Has an orderer order transactions, one after the other. Rejects with a FabricError: UNREACHABLE, or REFUSED with the
 * orderer's reason.
 */
export async function broadcast(
  access: Access,
  envelopes: readonly common.Envelope[],
  calling: Calling,
): Promise<void> {
  const { node, endpoint } = access;
  const client = new orderer.AtomicBroadcastClient(
    endpoint,
    channelCredentials(access),
    channelOptions(access),
  );
  try {
    await new Promise<void>((resolve, reject) => {
      const stream = client.broadcast({ deadline: deadlineOf(calling) });
      const waiting = [...envelopes];
      const sendNext = (): void => {
        const next = waiting.shift();
        if (next !== undefined) {
          stream.write(next);
          return;
        }
        stream.end();
        resolve();
      };
      stream.on('data', (response: orderer.BroadcastResponse) => {
        const status = response.getStatus();
        if (status === common.Status.SUCCESS) {
          sendNext();
          return;
        }
        const reason = response.getInfo() || 'no reason given';
        // So it says while it has no raft leader yet, or is not on the channel yet.
        const notYet = status === common.Status.SERVICE_UNAVAILABLE || status === common.Status.NOT_FOUND;
        const code = notYet ? 'UNREACHABLE' : 'REFUSED';
        reject(new FabricError(code, `${node} refuses a transaction (status ${status}): ${reason}`));
        stream.cancel();
      });
      stream.on('error', (cause) => {
        const what = `${node} does not order transactions at ${endpoint}: ${cause.message}`;
        reject(new FabricError('UNREACHABLE', what, { cause }));
      });
      stream.on('end', () => {
        reject(new FabricError('UNREACHABLE', `${node} ended the stream of transactions at ${endpoint}`));
      });
      sendNext();
    });
  } finally {
    client.close();
  }
}

/**
 * A transaction without chaincode: the orderer looks at signature and size only, the peers commit the block and mark the
 * transaction invalid.
 */
export function fillerTransaction(channel: string, creator: Creator, wallNanos: bigint): common.Envelope {
  const header = makeHeader({ type: 'ENDORSER_TRANSACTION', channel, wallNanos, creator });
  return makeEnvelope(header, randomBytes(FILLER_BYTES), creator);
}
