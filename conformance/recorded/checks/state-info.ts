import { Tag } from '../../../src/wire';
import { hex } from '../../steps/bytes';
import { onChannel, unsigned } from '../on-channel';
import { each, isOf, watch, type Demand, type RecordedCheck } from '../recorded-check';
import { relayed } from '../relayed';
import { contentOf, signedItemsIn } from '../signed-items';

export const stateInfoChecks: readonly RecordedCheck[] = [
  watch(
    'SINF-01',
    'a state info has timestamp, author, MAC and properties; tag CHAN_OR_ORG, nonce 0',
    (scene, docket) => ({
      envelope: (seen) => {
        if (isOf(seen, 'stateInfo') && !scene.isOurs(seen.value.pkiId)) {
          const { tag, nonce } = seen.message;
          docket.demand(
            seen,
            tag === Tag.CHAN_OR_ORG && nonce === 0n,
            'tag CHAN_OR_ORG, nonce 0',
            () => `tag ${tag}`,
          );
        }
        for (const { content, authorId, where } of signedItemsIn(seen)) {
          if (content.kind !== 'stateInfo' || scene.isOurs(authorId)) continue;
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

  watch('SINF-16', 'every state info has its timestamp', (scene, docket) => ({
    envelope: (seen) => {
      for (const { content, authorId, where } of signedItemsIn(seen)) {
        if (content.kind !== 'stateInfo' || scene.isOurs(authorId)) continue;
        docket.demand(seen, content.value.timestamp !== undefined, 'a timestamp', `${where} has none`);
      }
    },
  })),

  watch(
    'SINF-04',
    'state infos list chaincodes without metadata, and heights that do not shrink',
    (scene, docket) => {
      /** By author and channel. */
      const heights = new Map<string, { inc: bigint; seq: bigint; height: bigint }>();
      return {
        envelope: (seen) => {
          if (!isOf(seen, 'stateInfo') || scene.isOurs(seen.value.pkiId)) return;
          const { properties, timestamp, pkiId, channelMac } = seen.value;
          if (properties === undefined || timestamp === undefined) return;
          const hasMetadata = properties.chaincodes.some(({ metadata }) => metadata.length > 0);
          docket.demand(seen, !hasMetadata, 'chaincodes without metadata', 'some');
          if (seen.recorded.from.pkiId !== hex(pkiId)) return;
          const key = hex(channelMac);
          const before = heights.get(key);
          const { incNum: inc, seqNum: seq } = timestamp;
          const isNewer =
            before === undefined || inc > before.inc || (inc === before.inc && seq > before.seq);
          if (!isNewer) return;
          const shrinks = before?.inc === inc && properties.ledgerHeight < before.height;
          docket.demand(seen, !shrinks, 'a height that does not shrink', () =>
            String(properties.ledgerHeight),
          );
          heights.set(key, { inc, seq, height: properties.ledgerHeight });
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
        if (scene.isOurs(content.value.pkiId)) continue;
        const endpoint = scene.endpointOf(content.value.pkiId);
        if (endpoint !== undefined) demand(endpoint !== '', 'members with an endpoint', 'one without');
      }
    },
  ),
];
