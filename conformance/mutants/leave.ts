import { StatusCode, type GossipStream } from '../../src/ports/transport';
import { encodeEnvelope, gossipMessage, PullMsgType, type Content, type Envelope } from '../../src/wire';
import { hex } from '../steps/bytes';
import type { Deviation } from '../harness/targets/embedded';
import { arriving, messageOf, mutant, saying, withTamper } from './mutant';
import { withTransport } from './wrong-transport';

const idOf = (pkiId: Uint8Array | undefined): string => hex(pkiId ?? new Uint8Array());

const isBlockHello = (content: Content | undefined): boolean =>
  content?.kind === 'hello' && content.value.msgType === PullMsgType.BLOCK_MSG;

/** Sends and reads nothing of a kind where the other side has said that it has left a channel. */
const shunning = ({
  sends = () => false,
  reads = () => false,
}: {
  readonly sends?: (content: Content | undefined) => boolean;
  readonly reads?: (content: Content | undefined) => boolean;
}): Deviation =>
  withTamper(() => {
    const gone = new Set<string>();
    return {
      incoming: (bytes, { peer }) => {
        const content = messageOf(bytes)?.content;
        if (content?.kind === 'stateInfo' && content.value.properties?.leftChannel === true) {
          gone.add(idOf(peer));
        }
        return reads(content) && gone.has(idOf(peer)) ? [] : [bytes];
      },
      outgoing: ({ envelope, message }, { peer }) =>
        sends(message.content) && gone.has(idOf(peer)) ? [] : [{ envelope }],
    };
  });

/** Whether an element of a snapshot is of one who has left. */
function hasLeft(element: Envelope): boolean {
  const content = messageOf(encodeEnvelope(element))?.content;
  return content?.kind === 'stateInfo' && content.value.properties?.leftChannel === true;
}

/** Ends inbound streams in another way than Fabric does. */
const parting = (end: (stream: GossipStream) => void): Deviation =>
  withTransport(() => ({
    inbound: (stream) => ({
      role: stream.role,
      remoteAddress: stream.remoteAddress,
      binding: stream.binding,
      send: (envelope) => stream.send(envelope),
      end: () => {
        end(stream);
      },
    }),
  }));

const GOODBYE = arriving(gossipMessage({ content: { kind: 'empty', value: {} } }));

const PARTING = arriving(
  gossipMessage({
    content: {
      kind: 'stateInfo',
      value: {
        timestamp: undefined,
        pkiId: new Uint8Array(),
        channelMac: new Uint8Array(),
        properties: { ledgerHeight: 1n, leftChannel: true, chaincodes: [] },
      },
    },
  }),
);

export const leaveMutants = [
  mutant(
    'leave-with-goodbye',
    'it says an Empty message on its streams when it is stopped',
    ['LEAVE-01'],
    parting((stream) => {
      stream.send(GOODBYE);
      stream.end({ code: StatusCode.UNAVAILABLE, details: '' });
    }),
  ),
  mutant(
    'leave-with-another-status',
    'it ends inbound streams with status UNKNOWN when it is stopped',
    ['LEAVE-01'],
    parting((stream) => {
      stream.end({ code: StatusCode.UNKNOWN, details: '' });
    }),
  ),
  mutant(
    'leave-out-of-pull',
    'it serves no blocks to members that have left the channel',
    ['LEAVE-04'],
    shunning({ reads: isBlockHello }),
  ),
  mutant(
    'leave-no-hello',
    'it pulls no blocks from members that have left the channel',
    ['LEAVE-04'],
    shunning({ sends: isBlockHello }),
  ),
  mutant(
    'leave-no-push',
    'it pushes no blocks to members that have left the channel',
    ['LEAVE-04'],
    shunning({ sends: (content) => content?.kind === 'dataMsg' }),
  ),
  mutant(
    'leave-out-of-snapshots',
    'it tells nobody of members that have left the channel',
    ['SINF-11'],
    saying('stateSnapshot', (_, { elements }) => ({
      content: { kind: 'stateSnapshot', value: { elements: elements.filter((one) => !hasLeft(one)) } },
    })),
  ),
  mutant(
    'leave-tells-its-channels',
    'it tells that it has left a channel when it is stopped',
    ['LEAVE-01'],
    parting((stream) => {
      stream.send(PARTING);
      stream.end({ code: StatusCode.UNAVAILABLE, details: '' });
    }),
  ),
  mutant(
    'leave-for-good',
    'it never asks members for blocks that have once left a channel',
    ['LEAVE-03'],
    shunning({ sends: (content) => content?.kind === 'stateRequest' }),
  ),
];
