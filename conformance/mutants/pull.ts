import type { Millis } from '../../src/ports/clock';
import { decodeMessage, encodeMessage, Tag, type Envelope } from '../../src/wire';
import { embeddedTiming as honest } from '../harness/targets/embedded-timing';
import { hex } from '../steps/bytes';
import { arriving, messageOf, mutant, saying, sending, withRules, withTamper } from './mutant';

/** Drops what comes of the identity pull where `drops` says so, given what came before. */
const deafTo = (drops: () => (message: ReturnType<typeof messageOf>) => boolean) =>
  withTamper(() => {
    const isDropped = drops();
    return { incoming: (bytes) => (isDropped(messageOf(bytes)) ? [] : [bytes]) };
  });

/** What a peer hands on that decodes an item and encodes it again: the same fields in another order. */
const encodedAnew = (item: Envelope): Envelope => ({
  ...item,
  payload: encodeMessage(decodeMessage(item.payload)),
});

export const pullMutants = [
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
    'pull-digest-next-nonce',
    'its digests answer with the nonce after that of the Hello',
    ['PULL-02'],
    saying('dataDig', (_, value) => ({
      content: { kind: 'dataDig', value: { ...value, nonce: BigInt.asUintN(64, value.nonce + 1n) } },
    })),
  ),
  mutant(
    'pull-digest-org-only',
    'its digests have the tag ORG_ONLY',
    ['PULL-02'],
    saying('dataDig', () => ({ tag: Tag.ORG_ONLY })),
  ),
  mutant(
    'pull-digest-late',
    'it answers a Hello when the asker has stopped to wait',
    ['PULL-02'],
    sending('dataDig', (envelope) => [{ envelope, delayMs: 4 * honest.digestWaitTimeMs }]),
  ),
  mutant(
    'pull-digest-twice',
    'it answers a Hello twice',
    ['PULL-02'],
    sending('dataDig', (envelope) => [{ envelope }, { envelope }]),
  ),
  mutant(
    'pull-digest-of-one',
    'its digests list one item, whatever it holds',
    ['PULL-02', 'CERT-07'],
    saying('dataDig', (_, value) => ({
      content: { kind: 'dataDig', value: { ...value, digests: value.digests.slice(0, 1) } },
    })),
  ),
  mutant(
    'pull-digest-of-ten',
    'its digests list ten items at most',
    ['PULL-02'],
    saying('dataDig', (_, value) => ({
      content: { kind: 'dataDig', value: { ...value, digests: value.digests.slice(0, 10) } },
    })),
  ),
  mutant(
    'pull-digest-of-more',
    'its digests list an item that it does not hold',
    ['PULL-02'],
    saying('dataDig', (_, value) => ({
      content: { kind: 'dataDig', value: { ...value, digests: [...value.digests, new Uint8Array(32)] } },
    })),
  ),
  mutant('pull-empty-digest', 'it sends a digest though it has nothing to offer', ['PULL-03'], {
    ...withRules({ keepsSilentWithoutItems: () => false }),
    externalEndpoint: false,
  }),
  mutant(
    'pull-requests-forever',
    'it answers requests however long after the Hello',
    ['PULL-04'],
    withRules({ requestWithin: () => true }),
  ),
  mutant(
    'pull-requests-half-time',
    'it answers requests for half of requestWaitTime',
    ['PULL-04'],
    withRules({ requestWithin: (sinceHelloMs, requestWaitTimeMs) => sinceHelloMs <= requestWaitTimeMs / 2 }),
  ),
  mutant(
    'pull-requests-prolong',
    'each request that it answers allows others for requestWaitTime',
    ['PULL-04'],
    {
      peer: ({ clock }) => {
        const answered = new Map<bigint, Millis>();
        return {
          tamper: {
            incoming: (bytes) => {
              const message = messageOf(bytes);
              if (message?.content?.kind !== 'dataReq') return [bytes];
              const { nonce, msgType } = message.content.value;
              const nowMs = clock?.now() ?? 0;
              const isProlonged = nowMs - (answered.get(nonce) ?? -Infinity) <= honest.requestWaitTimeMs;
              answered.set(nonce, nowMs);
              const value = { nonce, msgType, metadata: new Uint8Array() };
              return isProlonged
                ? [arriving({ ...message, content: { kind: 'hello', value } }), bytes]
                : [bytes];
            },
          },
        };
      },
    },
  ),
  mutant(
    'pull-requests-without-hello',
    'it answers requests with any nonce',
    ['PULL-04'],
    withRules({ requiresHelloNonce: () => false }),
  ),
  mutant(
    'pull-nonce-used-up',
    'it answers one request for a Hello',
    ['PULL-05'],
    deafTo(() => {
      const used = new Set<bigint>();
      return (message) => {
        if (message?.content?.kind !== 'dataReq') return false;
        const { nonce } = message.content.value;
        const again = used.has(nonce);
        used.add(nonce);
        return again;
      };
    }),
  ),
  mutant(
    'pull-empty-update',
    'it answers a request for what it does not hold with an empty update',
    ['PULL-06'],
    withRules({ keepsSilentWithoutItems: () => false }),
  ),
  mutant(
    'pull-update-an-item',
    'it sends an update for every item',
    ['PULL-06'],
    sending('dataUpdate', (envelope, message, value) =>
      value.data.map((item) => ({
        envelope: {
          ...envelope,
          payload: encodeMessage({
            ...message,
            content: { kind: 'dataUpdate', value: { ...value, data: [item] } },
          }),
        },
      })),
    ),
  ),
  mutant(
    'pull-update-other-nonce',
    'its updates have nonce 0',
    ['PULL-06'],
    saying('dataUpdate', (_, value) => ({
      content: { kind: 'dataUpdate', value: { ...value, nonce: 0n } },
    })),
  ),
  mutant(
    'pull-item-once',
    'it returns an item once that is asked for twice',
    ['PULL-07'],
    saying('dataUpdate', (_, value) => ({
      content: {
        kind: 'dataUpdate',
        value: { ...value, data: [...new Map(value.data.map((item) => [hex(item.payload), item])).values()] },
      },
    })),
  ),
  mutant(
    'pull-encodes-anew',
    'it decodes items and hands on what it encodes',
    ['PULL-08'],
    saying('dataUpdate', (_, value) => ({
      content: { kind: 'dataUpdate', value: { ...value, data: value.data.map(encodedAnew) } },
    })),
  ),
  mutant(
    'pull-signs-anew',
    'it signs what it hands on itself',
    ['PULL-08'],
    sending('dataUpdate', (envelope, message, value, { signer }) => {
      const data = value.data.map((item) => ({ ...item, signature: signer.sign(item.payload) }));
      const payload = encodeMessage({
        ...message,
        content: { kind: 'dataUpdate', value: { ...value, data } },
      });
      return [{ envelope: { ...envelope, payload } }];
    }),
  ),
  mutant(
    'pull-deaf-to-nonce-0',
    'it ignores a Hello with nonce 0',
    ['PULL-15'],
    deafTo(() => (message) => message?.content?.kind === 'hello' && message.content.value.nonce === 0n),
  ),
];
