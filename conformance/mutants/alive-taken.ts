import { fabricRules, type Rejection } from '../../src/node';
import { decodeEnvelope, encodeEnvelope, encodeMessage, type Envelope } from '../../src/wire';
import type { Deviation } from '../harness/targets/embedded';
import { hex, sameBytes } from '../steps/bytes';
import { hearing, messageOf, mutant, sending, UNDECODABLE, withRules } from './mutant';

/** What goes out of alive messages of others. */
const relayedAlive = (change: (envelope: Envelope) => Envelope): Deviation => ({
  peer: ({ identity }) => ({
    tamper: {
      outgoing: ({ envelope, message }) => {
        const { content } = message;
        const isRelay =
          content?.kind === 'aliveMsg' && !sameBytes(content.value.membership?.pkiId, identity.pkiId);
        return [{ envelope: isRelay ? change(envelope) : envelope }];
      },
    },
  }),
});

/** Wrong in what it makes of the alive messages of others (ALIVE-08 to ALIVE-14). */
export const aliveTakenMutants = [
  mutant(
    'alive-from-author-only',
    'it takes an alive message from its author alone',
    ['ALIVE-08'],
    withRules({ acceptsFrom: sameBytes }),
  ),
  mutant(
    'alive-not-relayed',
    'it relays no alive messages',
    ['ALIVE-09', 'EMIT-05', 'EMIT-06'],
    withRules({ relays: (kind) => kind !== 'aliveMsg' && fabricRules.relays(kind) }),
  ),
  mutant(
    'alive-encoded-anew',
    'it relays alive messages without the fields it does not know',
    ['ALIVE-09'],
    relayedAlive((envelope) => {
      const message = messageOf(encodeEnvelope(envelope));
      return message === undefined
        ? envelope
        : { ...envelope, payload: encodeMessage({ ...message, unknownFields: [] }) };
    }),
  ),
  mutant(
    'alive-relayed-without-secret',
    'it relays alive messages without their secrets',
    ['ALIVE-09'],
    relayedAlive((envelope) => ({ ...envelope, secretEnvelope: undefined })),
  ),
  mutant(
    'alive-equal-is-news',
    'it takes an alive message of the same timestamp for news',
    ['ALIVE-10'],
    withRules({
      isFresher: (candidate, held) =>
        fabricRules.isFresher(candidate, held) ||
        (candidate.incNum === held.incNum && candidate.seqNum === held.seqNum),
    }),
  ),
  mutant(
    'alive-old-news-of-others',
    'it takes older alive messages for news that another than their author brings',
    ['ALIVE-10'],
    {
      peer: () => {
        let isBrought = false;
        return {
          rules: {
            ...fabricRules,
            isFresher: (candidate, held) => isBrought || fabricRules.isFresher(candidate, held),
          },
          tamper: {
            incoming: (bytes, { peer }) => {
              const content = messageOf(bytes)?.content;
              isBrought = content?.kind === 'aliveMsg' && !sameBytes(content.value.membership?.pkiId, peer);
              return [bytes];
            },
          },
        };
      },
    },
  ),
  mutant(
    'alive-everything-is-news',
    'it takes older alive messages for news',
    ['ALIVE-10', 'STORE-01', 'DEAD-01', 'DEAD-04', 'MEMB-15'],
    withRules({ isFresher: () => true }),
  ),
  mutant(
    'alive-keeps-endpoint',
    'it keeps the first endpoint that a member told',
    ['ALIVE-11'],
    withRules({ replacesEndpoint: () => false }),
  ),
  mutant(
    'alive-keeps-endpoint-withdrawn',
    'it keeps the endpoint of a member that tells none any more',
    ['ALIVE-11'],
    withRules({ replacesEndpoint: (told) => told !== '' }),
  ),
  mutant('alive-bears-a-grudge', 'it takes nothing more of one whose signature was bad once', ['ALIVE-06'], {
    peer: () => {
      const faults = new Map<string, Rejection>();
      return {
        rules: {
          ...fabricRules,
          signatureFault: (envelope, author) => {
            const key = hex(author.pkiId);
            const fault = fabricRules.signatureFault(envelope, author) ?? faults.get(key);
            if (fault !== undefined) faults.set(key, fault);
            return fault;
          },
        },
      };
    },
  }),
  mutant(
    'alive-unsigned-ends-stream',
    'it ends the stream on which an alive message comes that is not signed',
    ['ALIVE-06'],
    hearing('aliveMsg', () => (_alive, bytes) => [
      decodeEnvelope(bytes).signature.length === 0 ? UNDECODABLE : bytes,
    ]),
  ),
  mutant(
    'alive-forgets-internal-endpoint',
    'it forgets the internal endpoint of a member that tells an alive message without it',
    ['ALIVE-11'],
    withRules({ internalEndpoint: (told) => told }),
  ),
  mutant(
    'alive-keeps-internal-endpoint',
    'it keeps the first internal endpoint that a member told',
    ['ALIVE-11'],
    withRules({ internalEndpoint: (told, known) => known ?? told }),
  ),
  mutant(
    'alive-wants-a-port',
    'it takes no alive message whose endpoint has no port',
    ['ALIVE-15'],
    hearing('aliveMsg', () => ({ membership }, bytes) => {
      const { endpoint = '' } = membership ?? {};
      return endpoint === '' || /.:\d+$/.test(endpoint) ? [bytes] : [];
    }),
  ),
  mutant(
    'alive-takes-its-own',
    'it takes an alive message of its own for one of a member',
    ['ALIVE-12'],
    withRules({ isOwn: () => false }),
  ),
  mutant(
    'alive-slow-to-greet',
    'it never asks its members for membership',
    ['ALIVE-13', 'LIFE-01'],
    sending('memReq', () => []),
  ),
  mutant(
    'alive-incomplete-ends-stream',
    'it ends the stream on which an incomplete alive message comes',
    ['ALIVE-14'],
    hearing(
      'aliveMsg',
      () =>
        ({ membership, timestamp }, bytes) =>
          membership === undefined || timestamp === undefined ? [UNDECODABLE] : [bytes],
    ),
  ),
];
