import type { Millis } from '../../src/ports/clock';
import { decodeMessage, encodeMessage, type Envelope } from '../../src/wire';
import { embeddedTiming as honest } from '../harness/targets/embedded-timing';
import { hex } from '../steps/bytes';
import { arriving, hearing, messageOf, mutant, saying, sending, withRules, withTamper } from './mutant';

/** What a peer hands on that decodes an item and encodes it again: the same fields in another order. */
const encodedAnew = (item: Envelope): Envelope => ({
  ...item,
  payload: encodeMessage(decodeMessage(item.payload)),
});

/** Wrong in what it answers to a request. */
export const pullRequestMutants = [
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
    'pull-one-hello-a-peer',
    'a Hello makes the nonces of earlier ones of that peer void',
    ['PULL-04'],
    withTamper(() => {
      const last = new Map<string, bigint>();
      return {
        incoming: (bytes, { link }) => {
          const content = messageOf(bytes)?.content;
          if (content?.kind === 'hello') last.set(link, content.value.nonce);
          const isVoid =
            content?.kind === 'dataReq' && last.has(link) && content.value.nonce !== last.get(link);
          return isVoid ? [] : [bytes];
        },
      };
    }),
  ),
  mutant(
    'pull-forgets-all-hellos',
    'when the time of one Hello is over it forgets the nonces of all',
    ['PULL-04'],
    {
      peer: ({ clock }) => {
        const heardMs = new Map<bigint, Millis>();
        return {
          tamper: {
            incoming: (bytes) => {
              const content = messageOf(bytes)?.content;
              const nowMs = clock?.now() ?? 0;
              if (content?.kind === 'hello') heardMs.set(content.value.nonce, nowMs);
              if (content?.kind !== 'dataReq') return [bytes];
              const sinceMs = heardMs.get(content.value.nonce) ?? nowMs;
              const overMs = [...heardMs.values()].map((atMs) => atMs + honest.requestWaitTimeMs);
              return overMs.some((atMs) => atMs > sinceMs && atMs <= nowMs) ? [] : [bytes];
            },
          },
        };
      },
    },
  ),
  mutant(
    'pull-nonce-used-up',
    'it answers one request for a Hello',
    ['PULL-05'],
    hearing('dataReq', () => {
      const used = new Set<bigint>();
      return ({ nonce }, bytes) => {
        const isAgain = used.has(nonce);
        used.add(nonce);
        return isAgain ? [] : [bytes];
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
];
