import { Tag } from '../../../src/wire';
import { nestedIn } from '../../harness/signed-content';
import { hex, sameBytes } from '../../steps/bytes';
import { relayed } from '../relayed';
import { authorOfAlive, Requests } from '../requests';
import { each, isOf, watch, type RecordedCheck } from '../recorded-check';
import { contentOf, signedItemsIn } from '../signed-items';
import { isOwn } from '../seen';

export const membershipChecks: readonly RecordedCheck[] = [
  watch(
    'ALIVE-01',
    'alive messages have a member without metadata and a timestamp; tag EMPTY, nonce 0',
    (scene, docket) => ({
      envelope: (seen) => {
        if (isOf(seen, 'aliveMsg') && !scene.isOurs(seen.value.membership?.pkiId)) {
          const { tag, nonce, channel } = seen.message;
          const isPlain = tag === Tag.EMPTY && nonce === 0n && channel.length === 0;
          docket.demand(seen, isPlain, 'tag EMPTY, nonce 0, no channel', () => `tag ${tag}, nonce ${nonce}`);
        }
        for (const { content, authorId, where } of signedItemsIn(seen)) {
          if (content.kind !== 'aliveMsg' || scene.isOurs(authorId)) continue;
          const { membership, timestamp } = content.value;
          const isWhole =
            membership?.metadata.length === 0 && membership.pkiId.length === 32 && timestamp !== undefined;
          docket.demand(
            seen,
            isWhole,
            'a member with a PKI-ID and no metadata, a timestamp',
            `${where} has not`,
          );
        }
      },
    }),
  ),

  watch('ALIVE-02', 'incarnations never go back, and a number is used once', (_, docket) => {
    const last = new Map<string, { incNum: bigint; seqNum: bigint; payload: Uint8Array }>();
    return {
      envelope: (seen) => {
        for (const { content, authorId, envelope } of signedItemsIn(seen)) {
          if (content.kind !== 'aliveMsg' || !isOwn(seen, authorId)) continue;
          // In a response its latest heartbeat is told, which may be older than what went out meanwhile.
          if (seen.kind === 'memRes' || content.value.timestamp === undefined) continue;
          const { incNum, seqNum } = content.value.timestamp;
          const before = last.get(authorId);
          docket.demand(
            seen,
            incNum >= (before?.incNum ?? 0n) && seqNum > 0n,
            'an inc_num that does not go back, a seq_num above 0',
            () => `inc_num ${incNum} after ${before?.incNum ?? 0n}, seq_num ${seqNum}`,
          );
          if (before?.incNum === incNum && before.seqNum === seqNum) {
            docket.demand(
              seen,
              sameBytes(before.payload, envelope.payload),
              'a seq_num for one message',
              'for two',
            );
          }
          last.set(authorId, { incNum, seqNum, payload: envelope.payload });
        }
      },
    };
  }),

  watch(
    'ALIVE-07',
    'nothing that foreign peers are sent has a secret; own-org members are sent the heartbeat with it',
    (_, docket) => ({
      envelope: (seen) => {
        const { isOwnOrg } = seen;
        if (isOwnOrg === undefined) return;
        for (const { envelope, content, authorId, where } of signedItemsIn(seen)) {
          if (content.kind !== 'aliveMsg') continue;
          const hasSecret = envelope.secretEnvelope !== undefined;
          if (!isOwnOrg) docket.demand(seen, !hasSecret, 'no secret for a foreign peer', `${where} has one`);
          else if (isOwn(seen, authorId) && seen.kind !== 'memRes')
            docket.demand(seen, hasSecret, 'the secret for an own-org peer', `${where} has none`);
        }
      },
    }),
  ),

  watch('ALIVE-14', 'every alive message has its member and its timestamp', (scene, docket) => ({
    envelope: (seen) => {
      for (const { content, authorId, where } of signedItemsIn(seen)) {
        if (content.kind !== 'aliveMsg' || scene.isOurs(authorId)) continue;
        const { membership, timestamp } = content.value;
        docket.demand(
          seen,
          membership !== undefined && timestamp !== undefined,
          'both',
          `${where} lacks one`,
        );
      }
    },
  })),

  relayed('ALIVE-09', 'a relayed alive message is its author’s, signature and all', 'aliveMsg'),

  each(
    'MEMB-01',
    'a request has a signed alive message of its sender, and nothing as known',
    'memReq',
    (seen, demand) => {
      const { selfInformation, known } = seen.value;
      const author = selfInformation && authorOfAlive(selfInformation);
      demand(
        isOwn(seen, author),
        'an alive message of the sender',
        author === undefined ? 'none' : 'of another',
      );
      demand((selfInformation?.signature.length ?? 0) > 0, 'a signed one', 'an unsigned one');
      demand(known.length === 0, 'an empty known', () => `${known.length} in known`);
      demand(seen.message.tag === Tag.EMPTY, 'tag EMPTY', () => `tag ${seen.message.tag}`);
    },
  ),

  each('MEMB-08', 'known is never sent', 'memReq', ({ value: { known } }, demand) => {
    demand(known.length === 0, 'an empty known', () => `${known.length} in known`);
  }),

  watch('MEMB-04', 'a response has the nonce of a request that was sent before', (scene, docket) => {
    const asked = new Requests(scene);
    return {
      envelope: (seen) => {
        if (isOf(seen, 'memReq')) asked.add(seen, 'fresh');
        if (!isOf(seen, 'memRes')) return;
        const { nonce, tag } = seen.message;
        const wasAsked = asked.of(seen) !== undefined;
        docket.demand(seen, wasAsked, 'the nonce of a request', () => `${nonce}, never asked`);
        docket.demand(seen, tag === Tag.EMPTY, 'tag EMPTY', () => `tag ${tag}`);
      },
    };
  }),

  watch('MEMB-06', 'a response lists whoever asked, and the responder last', (scene, docket) => {
    const asked = new Requests(scene);
    return {
      envelope: (seen) => {
        asked.hear(seen);
        if (!isOf(seen, 'memRes')) return;
        const { alive } = seen.value;
        const last = alive.at(-1);
        docket.demand(
          seen,
          isOwn(seen, last && authorOfAlive(last)),
          'the responder as the last of alive',
          'another',
        );
        const { pkiId } = seen.recorded.to;
        // Whoever introduces itself with what is not new is not brought back to life.
        if (pkiId === undefined || asked.of(seen) === 'stale') return;
        const isListed = alive.map(authorOfAlive).some((author) => author && hex(author) === pkiId);
        docket.demand(seen, isListed, 'whoever asked among alive', 'not');
      },
    };
  }),

  each(
    'MEMB-09',
    'a response tells own-org peers of own-org members, foreign ones of those with an endpoint',
    'memRes',
    (seen, demand, scene) => {
      const { fromOrg, toOrg, isOwnOrg } = seen;
      if (fromOrg === undefined || toOrg === undefined) return;
      for (const [where, envelope] of nestedIn(seen)) {
        const content = contentOf(envelope);
        if (content?.kind !== 'aliveMsg' || content.value.membership === undefined) continue;
        const { pkiId, endpoint } = content.value.membership;
        const org = scene.orgOf(hex(pkiId));
        if (org === undefined || org === toOrg) continue;
        const holds = isOwnOrg === false && org === fromOrg && endpoint !== '';
        demand(
          holds,
          `nobody else for a peer of ${toOrg}`,
          () => `${where}: one of ${org}, endpoint "${endpoint}"`,
        );
      }
      demand(true, 'a response', 'none');
    },
  ),

  each('MEMB-10', 'what a response tells foreign peers has no secret', 'memRes', (seen, demand) => {
    if (seen.isOwnOrg !== false) return;
    for (const [where, envelope] of nestedIn(seen)) {
      demand(envelope.secretEnvelope === undefined, 'no secret', `${where} has one`);
    }
  }),

  watch(
    'EMIT-06',
    'heartbeats without an endpoint stay in their organisation; nobody passes on one of a third organisation',
    (scene, docket) => ({
      envelope: (seen) => {
        if (!isOf(seen, 'aliveMsg') || seen.value.membership === undefined) return;
        const { endpoint } = seen.value.membership;
        const org = scene.orgOf(signedItemsIn(seen)[0]?.authorId);
        const { fromOrg, toOrg } = seen;
        if (org === undefined || fromOrg === undefined || toOrg === undefined) return;
        if (org === fromOrg)
          docket.demand(
            seen,
            toOrg === fromOrg || endpoint !== '',
            'own-org members only',
            `to one of ${toOrg}`,
          );
        else
          docket.demand(
            seen,
            toOrg === fromOrg || toOrg === org,
            `to ${fromOrg} and ${org} only`,
            `to one of ${toOrg}`,
          );
      },
    }),
  ),

  watch('EMIT-05', 'leadership, identities and private data are not passed on', (_, docket) => ({
    envelope: (seen) => {
      if (isOf(seen, 'leadershipMsg'))
        docket.demand(seen, isOwn(seen, seen.value.pkiId), 'one’s own leadership messages', 'another’s');
      if (seen.kind === 'peerIdentity')
        docket.demand(seen, false, 'identities in updates only', 'one by itself');
    },
  })),
];
