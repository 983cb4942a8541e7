import { Tag, type Envelope, type GossipMessage, type Payload } from '../../../src/wire';
import { hex, sameBytes } from '../../steps/bytes';
import { relayed } from '../relayed';
import { each, isOf, watch, type Demand, type RecordedCheck } from '../recorded-check';
import type { Scene } from '../scene';
import { contentOf, signedItemsIn } from '../signature-judge';
import { blockNumberOf } from '../block-number';

/** Default of state.batchSize; both ends of a range count. */
const BATCH_SIZE = 10n;
const MAX_OUTSTANDING = 10_000;

const onChannel = (message: GossipMessage, tag: number, scene: Scene, demand: Demand): void => {
  demand(message.tag === tag, `tag ${tag}`, () => `tag ${message.tag}`);
  demand(
    scene.channels.length === 0
      ? message.channel.length > 0
      : scene.channels.some((channel) => sameBytes(channel, message.channel)),
    'the name of a channel',
    () => Buffer.from(message.channel).toString('utf8'),
  );
};

const unsigned = ({ signature, secretEnvelope }: Envelope, demand: Demand): void => {
  demand(signature.length === 0 && secretEnvelope === undefined, 'an unsigned envelope', 'a signed one');
};

const isBlock = ({ seqNum, data }: Payload): boolean => blockNumberOf(data) === seqNum;

export const channelChecks: readonly RecordedCheck[] = [
  watch(
    'SINF-01',
    'a state info has timestamp, author, MAC and properties; tag CHAN_OR_ORG, nonce 0',
    (_, docket) => ({
      envelope: (seen) => {
        if (isOf(seen, 'stateInfo')) {
          const { tag, nonce } = seen.message;
          docket.demand(
            seen,
            tag === Tag.CHAN_OR_ORG && nonce === 0n,
            'tag CHAN_OR_ORG, nonce 0',
            () => `tag ${tag}`,
          );
        }
        for (const { content, where } of signedItemsIn(seen)) {
          if (content.kind !== 'stateInfo') continue;
          const { timestamp, pkiId, channelMac, properties } = content.value;
          const isWhole =
            timestamp !== undefined &&
            pkiId.length === 32 &&
            channelMac.length === 32 &&
            properties !== undefined;
          docket.demand(seen, isWhole, 'all of them', `${where} lacks one`);
        }
      },
    }),
  ),

  watch('SINF-16', 'every state info has its timestamp', (_, docket) => ({
    envelope: (seen) => {
      for (const { content, where } of signedItemsIn(seen)) {
        if (content.kind !== 'stateInfo') continue;
        docket.demand(seen, content.value.timestamp !== undefined, 'a timestamp', `${where} has none`);
      }
    },
  })),

  watch(
    'SINF-04',
    'state infos list chaincodes without metadata, and heights that do not shrink',
    (_, docket) => {
      const heights = new Map<string, { inc: bigint; seq: bigint; height: bigint }>();
      return {
        envelope: (seen) => {
          if (!isOf(seen, 'stateInfo')) return;
          const { properties, timestamp, pkiId } = seen.value;
          if (properties === undefined || timestamp === undefined) return;
          const hasMetadata = properties.chaincodes.some(({ metadata }) => metadata.length > 0);
          docket.demand(seen, !hasMetadata, 'chaincodes without metadata', 'some');
          if (seen.recorded.from.pkiId !== hex(pkiId)) return;
          const before = heights.get(hex(pkiId));
          const { incNum: inc, seqNum: seq } = timestamp;
          const isNewer =
            before === undefined || inc > before.inc || (inc === before.inc && seq > before.seq);
          if (!isNewer) return;
          const shrinks = before?.inc === inc && properties.ledgerHeight < before.height;
          docket.demand(seen, !shrinks, 'a height that does not shrink', () =>
            String(properties.ledgerHeight),
          );
          heights.set(hex(pkiId), { inc, seq, height: properties.ledgerHeight });
        },
      };
    },
  ),

  relayed('SINF-07', 'a relayed state info is its author’s, signature and all', 'stateInfo'),

  watch(
    'SINF-09',
    'a snapshot answers a request on its stream; tag CHAN_OR_ORG, channel, nonce 0, unsigned',
    (scene, docket) => {
      const asked = new Map<string, number>();
      return {
        envelope: (seen) => {
          const { stream, by } = seen.recorded;
          const key = `${stream.number} ${by}`;
          if (seen.kind === 'stateInfoPullReq') asked.set(key, (asked.get(key) ?? 0) + 1);
          if (!isOf(seen, 'stateSnapshot')) return;
          const asker = `${stream.number} ${by === 'initiator' ? 'responder' : 'initiator'}`;
          const count = asked.get(asker) ?? 0;
          const demand: Demand = (holds, expected, actual) => {
            docket.demand(seen, holds, expected, actual);
          };
          demand(count > 0, 'a request on this stream', 'none that was not answered');
          asked.set(asker, Math.max(0, count - 1));
          onChannel(seen.message, Tag.CHAN_OR_ORG, scene, demand);
          demand(seen.message.nonce === 0n, 'nonce 0', () => String(seen.message.nonce));
          unsigned(seen.envelope, demand);
        },
        ended: ({ stream }) => {
          asked.delete(`${stream.number} initiator`);
          asked.delete(`${stream.number} responder`);
        },
      };
    },
  ),

  each(
    'SINF-11',
    'foreign peers are told of own members only where these have an endpoint',
    'stateSnapshot',
    (seen, demand, scene) => {
      if (seen.isOwnOrg !== false) return;
      for (const element of seen.value.elements) {
        const content = contentOf(element);
        if (content?.kind !== 'stateInfo' || scene.orgOf(hex(content.value.pkiId)) !== seen.fromOrg) continue;
        const endpoint = scene.endpointOf(content.value.pkiId);
        if (endpoint !== undefined) demand(endpoint !== '', 'members with an endpoint', 'one without');
      }
    },
  ),

  each(
    'BLOCK-01',
    'a pushed block is a block with its number; tag CHAN_AND_ORG, channel, nonce 0, unsigned',
    'dataMsg',
    (seen, demand, scene) => {
      const { payload } = seen.value;
      demand(payload !== undefined && isBlock(payload), 'a block with the number that is told', 'none');
      demand(payload?.privateData.length === 0, 'no private data', 'some');
      onChannel(seen.message, Tag.CHAN_AND_ORG, scene, demand);
      demand(seen.message.nonce === 0n, 'nonce 0', () => String(seen.message.nonce));
      unsigned(seen.envelope, demand);
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
      const asked = new Map<string, readonly [bigint, bigint]>();
      return {
        envelope: (seen) => {
          const { stream, by } = seen.recorded;
          const { nonce } = seen.message;
          if (isOf(seen, 'stateRequest')) {
            asked.set(`${stream.number} ${by} ${nonce}`, [seen.value.startSeqNum, seen.value.endSeqNum]);
            if (asked.size > MAX_OUTSTANDING) asked.delete(asked.keys().next().value ?? '');
          }
          if (!isOf(seen, 'stateResponse')) return;
          const demand: Demand = (holds, expected, actual) => {
            docket.demand(seen, holds, expected, actual);
          };
          const range = asked.get(
            `${stream.number} ${by === 'initiator' ? 'responder' : 'initiator'} ${nonce}`,
          );
          demand(range !== undefined, 'the nonce of a request on this stream', () => `nonce ${nonce}`);
          onChannel(seen.message, Tag.CHAN_OR_ORG, scene, demand);
          unsigned(seen.envelope, demand);
          let last = (range?.[0] ?? 0n) - 1n;
          for (const payload of seen.value.payloads) {
            const holds = payload.seqNum > last && (range === undefined || payload.seqNum <= range[1]);
            demand(
              holds && isBlock(payload),
              'blocks of the range, ascending',
              () => `block ${payload.seqNum}`,
            );
            last = payload.seqNum;
          }
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
