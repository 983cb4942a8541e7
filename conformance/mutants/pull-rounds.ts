import { encodeMessage } from '../../src/wire';
import { embeddedTiming as honest } from '../harness/targets/embedded-timing';
import { hex } from '../steps/bytes';
import { arriving, messageOf, mutant, saying, sending, withRules, withSettings, withTamper } from './mutant';

/** Wrong in the rounds of pull that it begins itself. */
export const pullRoundMutants = [
  mutant('pull-counts-nonces', 'the nonces of its Hellos are 1, 2, 3 …', ['PULL-01'], {
    peer: ({ random }) => {
      let last = 0n;
      return random === undefined
        ? {}
        : { random: { ...random, below: (n) => random.below(n), uint64: () => ++last } };
    },
  }),
  mutant('pull-one-nonce-a-round', 'all members get the Hello of a round with the same nonce', ['PULL-01'], {
    peer: ({ clock }) => {
      let round = { nonce: 0n, atMs: -Infinity };
      return {
        tamper: {
          outgoing: ({ envelope, message }) => {
            const { content } = message;
            if (content?.kind !== 'hello') return [{ envelope }];
            const nowMs = clock?.now() ?? 0;
            if (nowMs - round.atMs > 100) round = { nonce: content.value.nonce, atMs: nowMs };
            const value = { ...content.value, nonce: round.nonce };
            return [
              {
                envelope: {
                  ...envelope,
                  payload: encodeMessage({ ...message, content: { kind: 'hello', value } }),
                },
              },
            ];
          },
        },
      };
    },
  }),
  mutant(
    'pull-nonces-in-turn',
    'five nonces serve for all its Hellos to a member, in turn',
    ['PULL-01'],
    withTamper(() => {
      const said = new Map<string, bigint[]>();
      return {
        outgoing: ({ envelope, message }, { link }) => {
          const { content } = message;
          if (content?.kind !== 'hello') return [{ envelope }];
          const before = said.get(link) ?? [];
          const nonce = before.at(-5) ?? content.value.nonce;
          said.set(link, [...before, nonce]);
          const value = { ...content.value, nonce };
          const payload = encodeMessage({ ...message, content: { kind: 'hello', value } });
          return [{ envelope: { ...envelope, payload } }];
        },
      };
    }),
  ),
  mutant(
    'pull-hello-with-metadata',
    'its Hellos carry metadata',
    ['PULL-01'],
    saying('hello', (_, value) => ({
      content: { kind: 'hello', value: { ...value, metadata: Uint8Array.of(1) } },
    })),
  ),
  mutant(
    'pull-nonce-outside',
    'it puts the nonce of a Hello into GossipMessage.nonce as well',
    ['PULL-01'],
    saying('hello', (_, value) => ({ nonce: value.nonce })),
  ),
  mutant(
    'pull-half-as-often',
    'it begins a round every other pullInterval',
    ['PULL-09'],
    withSettings({ pullIntervalMs: 2 * honest.pullIntervalMs }),
  ),
  mutant(
    'pull-twice-as-often',
    'it begins two rounds in a pullInterval',
    ['PULL-09'],
    withSettings({
      pullIntervalMs: honest.pullIntervalMs / 2,
      digestWaitTimeMs: honest.digestWaitTimeMs / 2,
      responseWaitTimeMs: honest.responseWaitTimeMs / 2,
    }),
  ),
  mutant(
    'pull-waits-long-for-digests',
    'it collects digests for three times digestWaitTime',
    ['PULL-10', 'PULL-11'],
    withSettings({
      digestWaitTimeMs: 3 * honest.digestWaitTimeMs,
      pullIntervalMs: 2 * honest.pullIntervalMs,
    }),
  ),
  mutant(
    'pull-waits-twice-for-digests',
    'it collects digests for twice digestWaitTime',
    ['PULL-11'],
    withSettings({ digestWaitTimeMs: 2 * honest.digestWaitTimeMs }),
  ),
  mutant(
    'pull-waits-little-for-digests',
    'it collects digests for a third of digestWaitTime',
    ['PULL-10', 'PULL-11'],
    withSettings({ digestWaitTimeMs: honest.digestWaitTimeMs / 3 }),
  ),
  mutant(
    'pull-takes-digests-early',
    'it takes digests for little more than half of digestWaitTime, and asks when that is over',
    ['PULL-10'],
    withRules({ digestWithin: (sinceHelloMs, digestWaitTimeMs) => sinceHelloMs <= 0.55 * digestWaitTimeMs }),
  ),
  mutant(
    'pull-digest-old-nonce',
    'it takes digests with the nonces of earlier Hellos',
    ['PULL-10'],
    withTamper(() => {
      const said = new Map<string, bigint[]>();
      return {
        outgoing: ({ envelope, message }, { link }) => {
          const { content } = message;
          if (content?.kind === 'hello') said.set(link, [...(said.get(link) ?? []), content.value.nonce]);
          return [{ envelope }];
        },
        incoming: (bytes, { link }) => {
          const message = messageOf(bytes);
          const nonces = said.get(link) ?? [];
          const nonce = nonces.at(-1);
          if (message?.content?.kind !== 'dataDig' || nonce === undefined) return [bytes];
          const { value } = message.content;
          if (!nonces.includes(value.nonce)) return [bytes];
          return [arriving({ ...message, content: { kind: 'dataDig', value: { ...value, nonce } } })];
        },
      };
    }),
  ),
  mutant(
    'pull-digest-any-nonce',
    'it takes a digest for the answer to its last Hello, whatever its nonce',
    ['PULL-10'],
    withTamper(() => {
      const last = new Map<string, bigint>();
      return {
        outgoing: ({ envelope, message }, { link }) => {
          if (message.content?.kind === 'hello') last.set(link, message.content.value.nonce);
          return [{ envelope }];
        },
        incoming: (bytes, { link }) => {
          const message = messageOf(bytes);
          const nonce = last.get(link);
          if (message?.content?.kind !== 'dataDig' || nonce === undefined) return [bytes];
          const { value } = message.content;
          return [arriving({ ...message, content: { kind: 'dataDig', value: { ...value, nonce } } })];
        },
      };
    }),
  ),
  mutant('pull-first-advertiser', 'it asks the first advertiser of an item, always', ['PULL-11'], {
    peer: ({ clock }) => {
      const offers = new Map<string, { readonly link: string; readonly atMs: number }>();
      return {
        tamper: {
          incoming: (bytes, { link }) => {
            const message = messageOf(bytes);
            if (message?.content?.kind !== 'dataDig') return [bytes];
            const { value } = message.content;
            const nowMs = clock?.now() ?? 0;
            const digests = value.digests.filter((id) => {
              const first = offers.get(hex(id));
              if (first !== undefined && nowMs - first.atMs < honest.digestWaitTimeMs)
                return first.link === link;
              offers.set(hex(id), { link, atMs: nowMs });
              return true;
            });
            return [arriving({ ...message, content: { kind: 'dataDig', value: { ...value, digests } } })];
          },
        },
      };
    },
  }),
  mutant(
    'pull-asks-item-by-item',
    'it sends a request for every item',
    ['PULL-11'],
    sending('dataReq', (envelope, message, value) =>
      value.digests.map((digest) => ({
        envelope: {
          ...envelope,
          payload: encodeMessage({
            ...message,
            content: { kind: 'dataReq', value: { ...value, digests: [digest] } },
          }),
        },
      })),
    ),
  ),
  mutant(
    'pull-asks-for-ten',
    'it asks for ten items of a member at most',
    ['PULL-11'],
    saying('dataReq', (_, value) => ({
      content: { kind: 'dataReq', value: { ...value, digests: value.digests.slice(0, 10) } },
    })),
  ),
  mutant(
    'pull-asks-for-all',
    'it asks for what it holds as well, now and then',
    ['PULL-11'],
    withTamper(() => {
      const listed = new Map<string, readonly Uint8Array[]>();
      let requests = 0;
      return {
        incoming: (bytes, { link }) => {
          const content = messageOf(bytes)?.content;
          if (content?.kind === 'dataDig') listed.set(link, content.value.digests);
          return [bytes];
        },
        outgoing: ({ envelope, message }, { link }) => {
          const { content } = message;
          if (content?.kind !== 'dataReq' || requests++ % 2 === 0) return [{ envelope }];
          const digests = listed.get(link) ?? content.value.digests;
          const value = { ...content.value, digests };
          const payload = encodeMessage({ ...message, content: { kind: 'dataReq', value } });
          return [{ envelope: { ...envelope, payload } }];
        },
      };
    }),
  ),
  mutant(
    'pull-never',
    'it begins no rounds',
    ['PULL-01', 'PULL-09'],
    sending('hello', () => []),
  ),
  mutant(
    'pull-keeps-any-update',
    'it offers what came in an update with a nonce that it never used',
    ['PULL-12', 'PULL-13', 'CERT-08'],
    withRules({ requiresOutstandingNonce: () => false }),
  ),
  mutant(
    'pull-round-without-end',
    'it takes updates for long after its requests',
    ['PULL-13'],
    withSettings({ responseWaitTimeMs: 20 * honest.responseWaitTimeMs }),
  ),
  mutant('pull-one-member', 'it says Hello to one member in a round', ['PULL-09'], {
    peer: ({ clock }) => {
      let lastMs = -Infinity;
      return {
        tamper: {
          outgoing: ({ envelope, message }) => {
            if (message.content?.kind !== 'hello') return [{ envelope }];
            const nowMs = clock?.now() ?? 0;
            if (nowMs - lastMs < honest.pullIntervalMs / 4) return [];
            lastMs = nowMs;
            return [{ envelope }];
          },
        },
      };
    },
  }),
  mutant(
    'pull-all-members',
    'it turns to all members in a round',
    ['MEMB-12', 'PULL-09', 'SINF-08'],
    withSettings({ pullPeerNum: 64 }),
  ),
];
