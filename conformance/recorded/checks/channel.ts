import { Tag, type Payload } from '../../../src/wire';
import { hex } from '../../steps/bytes';
import { each, isOf, watch, type Demand, type RecordedCheck } from '../recorded-check';
import { contentOf } from '../signed-items';
import { blockNumberOf } from '../block-number';
import { onChannel, unsigned } from '../on-channel';
import { Told } from '../told';

/** Default of state.batchSize; both ends of a range count. */
const BATCH_SIZE = 10n;
const MAX_OUTSTANDING = 10_000;

const isBlock = ({ seqNum, data }: Payload): boolean => blockNumberOf(data) === seqNum;

export const channelChecks: readonly RecordedCheck[] = [
  watch(
    'BLOCK-01',
    'a pushed block is a block with its number; tag CHAN_AND_ORG, channel, nonce 0, unsigned',
    (scene, docket) => {
      const told = new Told(scene);
      return {
        envelope: (seen) => {
          if (!isOf(seen, 'dataMsg') || told.passesOn(seen)) return;
          const demand: Demand = (holds, expected, actual) => {
            docket.demand(seen, holds, expected, actual);
          };
          const { payload } = seen.value;
          demand(payload !== undefined && isBlock(payload), 'a block with the number that is told', 'none');
          demand(payload?.privateData.length === 0, 'no private data', 'some');
          onChannel(seen.message, Tag.CHAN_AND_ORG, scene, demand);
          demand(seen.message.nonce === 0n, 'nonce 0', () => String(seen.message.nonce));
          unsigned(seen.envelope, demand);
        },
      };
    },
  ),

  each('BLOCK-03', 'blocks are pushed to own-org peers only', 'dataMsg', ({ isOwnOrg }, demand) => {
    if (isOwnOrg !== undefined) demand(isOwnOrg, 'a peer of one’s own organisation', 'a foreign one');
  }),

  watch('BLOCK-14', 'every data message has its payload', (_, docket) => ({
    envelope: (seen) => {
      if (isOf(seen, 'dataMsg')) docket.demand(seen, seen.value.payload !== undefined, 'a payload', 'none');
      if (!isOf(seen, 'dataUpdate')) return;
      for (const item of seen.value.data) {
        const content = contentOf(item);
        if (content?.kind === 'dataMsg')
          docket.demand(seen, content.value.payload !== undefined, 'a payload', 'none in an item');
      }
    },
  })),

  each(
    'STATE-01',
    'a state request has a range and a nonce; tag CHAN_OR_ORG, channel, unsigned',
    'stateRequest',
    (seen, demand, scene) => {
      const { startSeqNum, endSeqNum } = seen.value;
      demand(startSeqNum <= endSeqNum, 'a range', () => `${startSeqNum} to ${endSeqNum}`);
      demand(seen.message.nonce !== 0n, 'a random nonce', '0');
      onChannel(seen.message, Tag.CHAN_OR_ORG, scene, demand);
      unsigned(seen.envelope, demand);
    },
  ),

  each(
    'STATE-09',
    'a state request asks for a batch at most',
    'stateRequest',
    ({ value: { startSeqNum, endSeqNum } }, demand) => {
      demand(
        endSeqNum - startSeqNum <= BATCH_SIZE,
        `at most ${BATCH_SIZE + 1n} blocks`,
        () => `${startSeqNum} to ${endSeqNum}`,
      );
    },
  ),

  watch(
    'STATE-05',
    'a state response answers a request on its stream with blocks of its range, ascending',
    (scene, docket) => {
      /** Testers may ask twice under one nonce. */
      const asked = new Map<string, (readonly [bigint, bigint])[]>();
      return {
        envelope: (seen) => {
          const { stream, by } = seen.recorded;
          const { nonce } = seen.message;
          if (isOf(seen, 'stateRequest')) {
            const key = `${stream.number} ${by} ${nonce}`;
            const ranges = asked.get(key) ?? [];
            ranges.push([seen.value.startSeqNum, seen.value.endSeqNum]);
            asked.set(key, ranges);
            if (asked.size > MAX_OUTSTANDING) asked.delete(asked.keys().next().value ?? '');
          }
          if (!isOf(seen, 'stateResponse')) return;
          const demand: Demand = (holds, expected, actual) => {
            docket.demand(seen, holds, expected, actual);
          };
          const ranges = asked.get(
            `${stream.number} ${by === 'initiator' ? 'responder' : 'initiator'} ${nonce}`,
          );
          demand(ranges !== undefined, 'the nonce of a request on this stream', () => `nonce ${nonce}`);
          onChannel(seen.message, Tag.CHAN_OR_ORG, scene, demand);
          unsigned(seen.envelope, demand);
          const numbers = seen.value.payloads.map(({ seqNum }) => seqNum);
          const isInOne = ranges?.some(([from, to]) => numbers.every((n) => n >= from && n <= to)) ?? true;
          const isAscending = numbers.every((n, i) => i === 0 || n > (numbers[i - 1] ?? n));
          demand(
            isInOne && isAscending && seen.value.payloads.every(isBlock),
            'blocks of the range, ascending',
            () => `blocks ${numbers.join(', ')}`,
          );
        },
      };
    },
  ),

  each(
    'ELECT-01',
    'a leadership message has author and timestamp; tag CHAN_AND_ORG, channel',
    'leadershipMsg',
    (seen, demand, scene) => {
      const { pkiId, timestamp } = seen.value;
      demand(
        pkiId.length === 32 && (timestamp?.seqNum ?? 0n) > 0n,
        'an author, a timestamp that counts from 1',
        'not so',
      );
      onChannel(seen.message, Tag.CHAN_AND_ORG, scene, demand);
    },
  ),

  each('ELECT-10', 'a leadership message has its timestamp', 'leadershipMsg', ({ value }, demand) => {
    demand(value.timestamp !== undefined, 'a timestamp', 'none');
  }),

  each(
    'ELECT-04',
    'leadership messages go from their author to own-org peers',
    'leadershipMsg',
    (seen, demand) => {
      demand(seen.recorded.from.pkiId === hex(seen.value.pkiId), 'one’s own', 'another’s');
      if (seen.isOwnOrg !== undefined) demand(seen.isOwnOrg, 'to an own-org peer', 'to a foreign one');
    },
  ),

  watch(
    'ACK-01',
    'an acknowledgement has the nonce of what it acknowledges, tag UNDEFINED, no channel, on its stream',
    (_, docket) => {
      const pushed = new Set<string>();
      return {
        envelope: (seen) => {
          const { stream, by } = seen.recorded;
          const { nonce, tag, channel } = seen.message;
          if (seen.kind === 'privateData') pushed.add(`${stream.number} ${by} ${nonce}`);
          if (seen.kind !== 'ack') return;
          const key = `${stream.number} ${by === 'initiator' ? 'responder' : 'initiator'} ${nonce}`;
          docket.demand(seen, pushed.has(key), 'the nonce of a push on this stream', () => `nonce ${nonce}`);
          docket.demand(
            seen,
            tag === Tag.UNDEFINED && channel.length === 0,
            'tag UNDEFINED, no channel',
            () => `tag ${tag}`,
          );
          if (pushed.size > MAX_OUTSTANDING) pushed.clear();
        },
      };
    },
  ),

  each(
    'PVT-01',
    'a push of private data is whole; tag CHAN_ONLY, channel, nonce, unsigned',
    'privateData',
    (seen, demand, scene) => {
      const { payload } = seen.value;
      const isWhole =
        payload !== undefined &&
        payload.namespace !== '' &&
        payload.collectionName !== '' &&
        payload.txId !== '';
      demand(
        isWhole && payload.privateRwset.length > 0,
        'namespace, collection, transaction and data',
        'not all',
      );
      demand(seen.message.nonce !== 0n, 'a random nonce', '0');
      onChannel(seen.message, Tag.CHAN_ONLY, scene, demand);
      unsigned(seen.envelope, demand);
    },
  ),

  watch(
    'PVT-06',
    'a response with private data answers a request on its stream; tag CHAN_ONLY, channel',
    (scene, docket) => {
      const asked = new Set<string>();
      return {
        envelope: (seen) => {
          const { stream, by } = seen.recorded;
          const { nonce } = seen.message;
          if (seen.kind === 'privateReq') asked.add(`${stream.number} ${by} ${nonce}`);
          if (seen.kind !== 'privateRes') return;
          const demand: Demand = (holds, expected, actual) => {
            docket.demand(seen, holds, expected, actual);
          };
          const key = `${stream.number} ${by === 'initiator' ? 'responder' : 'initiator'} ${nonce}`;
          demand(asked.has(key), 'the nonce of a request on this stream', () => `nonce ${nonce}`);
          onChannel(seen.message, Tag.CHAN_ONLY, scene, demand);
          if (asked.size > MAX_OUTSTANDING) asked.clear();
        },
      };
    },
  ),
];
