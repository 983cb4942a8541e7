import type { Party } from '../../../src/capture';
import { PullMsgType, Tag, type ContentOf } from '../../../src/wire';
import { Recent } from '../../harness/recent';
import { hex, sameBytes } from '../../steps/bytes';
import { following, isPull, type PullKind } from '../pull-rounds';
import { each, isOf, watch, type RecordedCheck } from '../recorded-check';
import { contentOf } from '../signed-items';

const MAX_NONCES = 4_000;
/** For timers of a busy machine. */
const SLACK_MS = 150;

const tagOf = ({ msgType }: ContentOf<PullKind>): number =>
  msgType === PullMsgType.BLOCK_MSG ? Tag.CHAN_AND_ORG : Tag.EMPTY;

export const pullChecks: readonly RecordedCheck[] = [
  watch(
    'PULL-01',
    'a Hello has a fresh nonce, no metadata, and the tag and channel of its engine',
    (_, docket) => {
      const nonces = new Map<string, Set<bigint>>();
      return {
        envelope: (seen) => {
          if (!isPull(seen)) return;
          const { tag, nonce, channel } = seen.message;
          const isBlocks = seen.value.msgType === PullMsgType.BLOCK_MSG;
          const isPlain = tag === tagOf(seen.value) && nonce === 0n && channel.length > 0 === isBlocks;
          docket.demand(
            seen,
            isPlain,
            'the tag and channel of its engine, outer nonce 0',
            () => `tag ${tag}, nonce ${nonce}`,
          );
          if (!isOf(seen, 'hello')) return;
          docket.demand(seen, seen.value.metadata.length === 0, 'no metadata', 'some');
          const used = nonces.get(seen.recorded.from.name) ?? new Set<bigint>();
          nonces.set(seen.recorded.from.name, used);
          docket.demand(
            seen,
            !used.has(seen.value.nonce),
            'a fresh nonce',
            () => `${seen.value.nonce} again`,
          );
          used.add(seen.value.nonce);
          if (used.size > MAX_NONCES) used.delete(used.values().next().value ?? 0n);
        },
      };
    },
  ),

  following('PULL-02', 'a digest answers a Hello on its stream, with its nonce', (seen, round, docket) => {
    if (!isOf(seen, 'dataDig')) return;
    docket.demand(
      seen,
      round.hellos > 0,
      'the nonce of a Hello on this stream',
      () => `nonce ${seen.value.nonce}`,
    );
    if (round.hellos > 0) docket.demand(seen, round.digests < round.hellos, 'one digest a Hello', 'another');
  }),

  each('PULL-03', 'no digest is empty', 'dataDig', ({ value }, demand) => {
    demand(value.digests.length > 0, 'a digest with an item, or none', 'an empty one');
  }),

  watch('PULL-04', 'a request repeats the nonce of the sender’s Hello, while it holds', (_, docket) => {
    // It goes to whoever answered, on whatever stream there is then.
    const hellos = new Recent<string, true>(MAX_NONCES);
    const nameOf = ({ pkiId, name }: Party): string => pkiId ?? name;
    return {
      envelope: (seen) => {
        if (!isOf(seen, 'hello') && !isOf(seen, 'dataReq')) return;
        const { stream, by, from, to } = seen.recorded;
        const { nonce } = seen.value;
        const keys = [`${stream.number} ${by} ${nonce}`, `${nameOf(from)} ${nameOf(to)} ${nonce}`];
        if (isOf(seen, 'hello')) {
          for (const key of keys) hellos.set(key, true);
          return;
        }
        const isRepeated = keys.some((key) => hellos.get(key));
        docket.demand(seen, isRepeated, 'the nonce of one’s Hello to the same peer', () => `nonce ${nonce}`);
      },
    };
  }),

  following(
    'PULL-06',
    'an update answers a request on its stream, and has nothing that was not asked for',
    (seen, { requests, requested }, docket) => {
      if (!isOf(seen, 'dataUpdate')) return;
      docket.demand(
        seen,
        requests > 0,
        'the nonce of a request on this stream',
        () => `nonce ${seen.value.nonce}`,
      );
      docket.demand(seen, seen.value.data.length > 0, 'an item, or no update', 'an empty one');
      if (requests === 0) return;
      for (const item of seen.value.data) {
        const content = contentOf(item);
        const id =
          content?.kind === 'peerIdentity'
            ? hex(content.value.pkiId)
            : content?.kind === 'dataMsg'
              ? hex(Buffer.from(String(content.value.payload?.seqNum ?? '')))
              : '';
        docket.demand(seen, requested.has(id), 'items that were asked for', `one that was not: ${id}`);
      }
    },
  ),

  following(
    'PULL-11',
    'a request comes a digestWaitTime after the Hello, and asks for what was offered',
    (seen, { helloMs, offered }, docket, scene) => {
      if (!isOf(seen, 'dataReq') || helloMs === undefined) return;
      const digestWaitMs = scene.timersOf(seen.recorded.from.name)?.digestWaitTimeMs ?? 0;
      const waitedMs = seen.atMs - helloMs;
      docket.demand(
        seen,
        waitedMs >= digestWaitMs - SLACK_MS,
        `a request after ${digestWaitMs} ms`,
        `after ${Math.round(waitedMs)} ms`,
      );
      docket.demand(
        seen,
        seen.value.digests.every((digest) => offered.has(hex(digest))),
        'items of the digest',
        'one that was not offered',
      );
    },
    'timing',
  ),

  watch('PULL-08', 'an item is the same envelope each time', (scene, docket) => {
    const items = new Map<string, Uint8Array[]>();
    return {
      envelope: (seen) => {
        if (!isOf(seen, 'dataUpdate')) return;
        for (const { payload, signature } of seen.value.data) {
          const content = contentOf({ payload, signature, secretEnvelope: undefined });
          if (content?.kind !== 'peerIdentity') continue;
          const key = hex(content.value.pkiId);
          const copies = items.get(key);
          const whole = Buffer.concat([payload, signature]);
          // A tester signs its item anew each time.
          if (copies === undefined) items.set(key, [whole]);
          const isKnown = copies?.some((copy) => sameBytes(copy, whole)) ?? true;
          if (!isKnown && scene.isOurs(seen.recorded.from.pkiId)) copies?.push(whole);
          docket.demand(seen, isKnown, 'its owner’s item', `another for ${key}`);
        }
      },
    };
  }),

  watch('CERT-01', 'an identity item has the tag EMPTY, nonce 0 and no metadata', (scene, docket) => ({
    envelope: (seen) => {
      if (!isOf(seen, 'dataUpdate') || seen.value.msgType !== PullMsgType.IDENTITY_MSG) return;
      for (const item of seen.value.data) {
        const content = contentOf(item);
        if (content?.kind === 'peerIdentity' && scene.isOurs(content.value.pkiId)) continue;
        const holds = content?.kind === 'peerIdentity' && content.value.metadata.length === 0;
        docket.demand(seen, holds, 'a peer_identity without metadata', content?.kind ?? 'no message');
      }
    },
  })),

  each('CERT-02', 'digests of identities are PKI-IDs', 'dataDig', ({ value }, demand) => {
    if (value.msgType !== PullMsgType.IDENTITY_MSG) return;
    demand(
      value.digests.every(({ length }) => length === 32),
      '32 bytes each',
      'others',
    );
  }),

  each(
    'CERT-05',
    'foreign peers are offered identities of the two organisations only',
    'dataDig',
    (seen, demand, scene) => {
      const { value, fromOrg, toOrg } = seen;
      if (value.msgType !== PullMsgType.IDENTITY_MSG || seen.isOwnOrg !== false) return;
      for (const digest of value.digests) {
        const org = scene.orgOf(hex(digest));
        if (org !== undefined) demand(org === fromOrg || org === toOrg, 'one of the two', `one of ${org}`);
      }
    },
  ),

  each('BLOCK-08', 'digests of blocks are their numbers in decimal', 'dataDig', ({ value }, demand) => {
    if (value.msgType !== PullMsgType.BLOCK_MSG) return;
    for (const digest of value.digests) {
      const text = Buffer.from(digest).toString('latin1');
      demand(/^(0|[1-9]\d*)$/.test(text), 'decimal, no sign, no leading zeros', text);
    }
  }),

  each('BLOCK-13', 'at most 11 blocks are offered', 'dataDig', ({ value }, demand) => {
    if (value.msgType === PullMsgType.BLOCK_MSG)
      demand(value.digests.length <= 11, 'at most 11', () => String(value.digests.length));
  }),

  each('BLOCK-09', 'block Hellos go to own-org peers only', 'hello', ({ value, isOwnOrg }, demand) => {
    if (value.msgType === PullMsgType.BLOCK_MSG && isOwnOrg !== undefined)
      demand(isOwnOrg, 'a peer of one’s own organisation', 'a foreign one');
  }),

  each('BLOCK-07', 'blocks are offered to own-org peers only', 'dataDig', ({ value, isOwnOrg }, demand) => {
    if (value.msgType === PullMsgType.BLOCK_MSG && isOwnOrg !== undefined)
      demand(isOwnOrg, 'a peer of one’s own organisation', 'a foreign one');
  }),
];
