import { PullMsgType, Tag, type ContentOf } from '../../../src/wire';
import { hex, sameBytes } from '../../steps/bytes';
import { each, isOf, watch, type Docket, type RecordedCheck, type Watcher } from '../recorded-check';
import { contentOf } from '../signature-judge';
import type { Seen } from '../seen';

const MAX_ROUNDS = 4_000;
/** For timers of a busy machine. */
const SLACK_MS = 150;

type PullKind = 'hello' | 'dataDig' | 'dataReq' | 'dataUpdate';
const isPull = (seen: Seen): seen is Seen<PullKind> =>
  seen.kind === 'hello' || seen.kind === 'dataDig' || seen.kind === 'dataReq' || seen.kind === 'dataUpdate';

/** One Hello and what came of it. */
interface Round {
  readonly hello: Seen<'hello'>;
  digest: Seen<'dataDig'> | undefined;
  request: Seen<'dataReq'> | undefined;
  readonly requested: Set<string>;
}

/** Follows pull rounds by stream, nonce and type. */
class Rounds {
  readonly #rounds = new Map<string, Round>();

  add(hello: Seen<'hello'>): void {
    this.#rounds.set(keyOf(hello), { hello, digest: undefined, request: undefined, requested: new Set() });
    if (this.#rounds.size > MAX_ROUNDS) this.#rounds.delete(this.#rounds.keys().next().value ?? '');
  }

  of(seen: Seen<PullKind>): Round | undefined {
    return this.#rounds.get(keyOf(seen));
  }
}

const keyOf = ({ recorded: { stream }, value }: Seen<PullKind>): string =>
  `${stream.number} ${value.nonce} ${value.msgType}`;

/** A check that follows rounds; `look` sees each later step with the round it belongs to, before it is noted there. */
const following = (
  clause: Parameters<typeof watch>[0],
  title: string,
  look: (seen: Seen<PullKind>, round: Round | undefined, docket: Docket, digestWaitMs: number) => void,
  ...needs: Parameters<typeof watch> extends [unknown, unknown, unknown, ...infer Needs] ? Needs : never
): RecordedCheck =>
  watch(
    clause,
    title,
    (scene, docket): Watcher => {
      const rounds = new Rounds();
      return {
        envelope: (seen) => {
          if (!isPull(seen)) return;
          const round = rounds.of(seen);
          look(seen, round, docket, scene.timing?.digestWaitTimeMs ?? 0);
          if (isOf(seen, 'hello')) rounds.add(seen);
          else if (isOf(seen, 'dataDig') && round !== undefined) round.digest = seen;
          else if (isOf(seen, 'dataReq') && round !== undefined) {
            round.request = seen;
            for (const digest of seen.value.digests) round.requested.add(hex(digest));
          }
        },
      };
    },
    ...needs,
  );

/** Whether it comes from whoever was said Hello to. */
const answers = (seen: Seen, round: Round | undefined): boolean =>
  round !== undefined && seen.recorded.by !== round.hello.recorded.by;

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
          if (used.size > MAX_ROUNDS) used.delete(used.values().next().value ?? 0n);
        },
      };
    },
  ),

  following('PULL-02', 'a digest answers a Hello on its stream, with its nonce', (seen, round, docket) => {
    if (!isOf(seen, 'dataDig')) return;
    docket.demand(
      seen,
      answers(seen, round),
      'the nonce of a Hello on this stream',
      () => `nonce ${seen.value.nonce}`,
    );
    docket.demand(seen, round?.digest === undefined, 'one digest a Hello', 'another');
  }),

  each('PULL-03', 'no digest is empty', 'dataDig', ({ value }, demand) => {
    demand(value.digests.length > 0, 'a digest with an item, or none', 'an empty one');
  }),

  following(
    'PULL-04',
    'a request repeats the nonce of the sender’s Hello, while it holds',
    (seen, round, docket) => {
      if (!isOf(seen, 'dataReq')) return;
      const holds = round !== undefined && seen.recorded.by === round.hello.recorded.by;
      docket.demand(
        seen,
        holds,
        'the nonce of one’s Hello on this stream',
        () => `nonce ${seen.value.nonce}`,
      );
    },
  ),

  following(
    'PULL-06',
    'an update answers a request on its stream, and has nothing that was not asked for',
    (seen, round, docket) => {
      if (!isOf(seen, 'dataUpdate')) return;
      const isAnswer = answers(seen, round) && round?.request !== undefined;
      docket.demand(
        seen,
        isAnswer,
        'the nonce of a request on this stream',
        () => `nonce ${seen.value.nonce}`,
      );
      docket.demand(seen, seen.value.data.length > 0, 'an item, or no update', 'an empty one');
      if (!isAnswer) return;
      for (const item of seen.value.data) {
        const content = contentOf(item);
        const id =
          content?.kind === 'peerIdentity'
            ? hex(content.value.pkiId)
            : content?.kind === 'dataMsg'
              ? hex(Buffer.from(String(content.value.payload?.seqNum ?? '')))
              : '';
        docket.demand(seen, round.requested.has(id), 'items that were asked for', `one that was not: ${id}`);
      }
    },
  ),

  following(
    'PULL-11',
    'a request comes a digestWaitTime after the Hello, and asks for what was offered',
    (seen, round, docket, digestWaitMs) => {
      if (!isOf(seen, 'dataReq') || round === undefined) return;
      const waitedMs = seen.atMs - round.hello.atMs;
      docket.demand(
        seen,
        waitedMs >= digestWaitMs - SLACK_MS,
        `a request after ${digestWaitMs} ms`,
        `after ${Math.round(waitedMs)} ms`,
      );
      const offered = new Set(round.digest?.value.digests.map(hex));
      docket.demand(
        seen,
        seen.value.digests.every((digest) => offered.has(hex(digest))),
        'items of the digest',
        'one that was not offered',
      );
    },
    'timing',
  ),

  watch('PULL-08', 'an item is the same envelope each time', (_, docket) => {
    const items = new Map<string, Uint8Array>();
    return {
      envelope: (seen) => {
        if (!isOf(seen, 'dataUpdate')) return;
        for (const { payload, signature } of seen.value.data) {
          const content = contentOf({ payload, signature, secretEnvelope: undefined });
          if (content?.kind !== 'peerIdentity') continue;
          const key = hex(content.value.pkiId);
          const first = items.get(key);
          const whole = Buffer.concat([payload, signature]);
          if (first === undefined) items.set(key, whole);
          docket.demand(
            seen,
            first === undefined || sameBytes(first, whole),
            'its owner’s item',
            `another for ${key}`,
          );
        }
      },
    };
  }),

  watch('CERT-01', 'an identity item has the tag EMPTY, nonce 0 and no metadata', (_, docket) => ({
    envelope: (seen) => {
      if (!isOf(seen, 'dataUpdate') || seen.value.msgType !== PullMsgType.IDENTITY_MSG) return;
      for (const item of seen.value.data) {
        const content = contentOf(item);
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
