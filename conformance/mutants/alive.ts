import { fabricRules } from '../../src/node';
import {
  encodeEnvelope,
  encodeMessage,
  Tag,
  type AliveMessage,
  type Envelope,
  type PeerTime,
} from '../../src/wire';
import type { Deviation } from '../harness/targets/embedded';
import { hex, sameBytes } from '../steps/bytes';
import { hearing, messageOf, mutant, sending, withRules, withSettings } from './mutant';
import { ownAlives, ownAliveSays } from './own-alive';
import { withTransport } from './wrong-transport';

const nothing = new Uint8Array();
const unparseable = encodeEnvelope({
  payload: Uint8Array.of(0xff, 0xff, 0xff),
  signature: nothing,
  secretEnvelope: undefined,
});

const withTime = (
  alive: AliveMessage,
  change: (time: PeerTime) => Partial<PeerTime>,
): Partial<AliveMessage> =>
  alive.timestamp === undefined ? {} : { timestamp: { ...alive.timestamp, ...change(alive.timestamp) } };

/** What goes in of alive messages that are pushed. */
const pushedAlive = (
  make: () => (alive: AliveMessage, bytes: Uint8Array) => readonly Uint8Array[],
): Deviation => hearing('aliveMsg', make);

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

/** Sends its last heartbeat to everybody who shakes hands, for a while. */
const heartbeatsForAnybody: Deviation = {
  peer: ({ identity }) => {
    let last: Envelope | undefined;
    return {
      tamper: {
        outgoing: ({ envelope, message }) => {
          const { content } = message;
          if (content?.kind === 'aliveMsg' && sameBytes(content.value.membership?.pkiId, identity.pkiId)) {
            last = envelope;
          }
          // Before its first heartbeat, the one at the end of a response will do.
          if (content?.kind === 'memRes') last ??= content.value.alive.at(-1);
          if (content?.kind !== 'conn' || last === undefined) return [{ envelope }];
          const heartbeat = last;
          const later = Array.from({ length: 80 }, (_, i) => ({
            envelope: heartbeat,
            delayMs: 100 + 100 * i,
          }));
          return [{ envelope }, ...later];
        },
      },
    };
  },
};

export const aliveMutants = [
  mutant(
    'alive-dials-its-own-port',
    'it dials members on Fabric’s usual port, whatever port their endpoints name',
    ['ALIVE-15'],
    withTransport(() => ({ endpoint: (endpoint) => endpoint.replace(/\d+$/, '7051') })),
  ),
  mutant(
    'alive-wrong-endpoint',
    'its alive messages tell another endpoint than its external one',
    ['ALIVE-01', 'MEMB-01', 'MEMB-06'],
    ownAliveSays((alive) => ({
      membership: alive.membership && { ...alive.membership, endpoint: 'peer.example.com:7051' },
    })),
  ),
  mutant(
    'alive-with-metadata',
    'its alive messages carry metadata',
    ['ALIVE-01', 'MEMB-01', 'MEMB-06'],
    ownAliveSays((alive) => ({
      membership: alive.membership && { ...alive.membership, metadata: Uint8Array.of(1) },
    })),
  ),
  mutant(
    'alive-org-only',
    'its heartbeats have the tag ORG_ONLY',
    ['ALIVE-01'],
    ownAlives((_, message, place) =>
      place === 'heartbeat' ? { message: { ...message, tag: Tag.ORG_ONLY } } : {},
    ),
  ),
  mutant(
    'alive-unsigned',
    'its heartbeats are not signed',
    ['ALIVE-01'],
    ownAlives((_alive, _message, place, envelope) =>
      place === 'heartbeat' ? { envelope: { ...envelope, signature: nothing } } : {},
    ),
  ),
  mutant(
    'alive-nameless',
    'its alive messages leave the PKI-ID out of its identity',
    ['ALIVE-01', 'ALIVE-04'],
    ownAliveSays(() => ({ identity: Uint8Array.of(1, 2, 3) })),
  ),
  mutant(
    'alive-frozen-seq-num',
    'all its alive messages have seq_num 1',
    ['ALIVE-02', 'MEMB-01'],
    withRules({ nextSeqNum: () => 1n }),
  ),
  mutant(
    'alive-seq-num-is-a-time',
    'the seq_num of its alive messages is the time in nanoseconds',
    ['ALIVE-02'],
    { peer: ({ clock }) => ({ rules: { ...fabricRules, nextSeqNum: () => clock?.wallNanos() ?? 0n } }) },
  ),
  mutant(
    'alive-inc-num-in-ms',
    'its inc_num is in milliseconds',
    ['ALIVE-02'],
    ownAliveSays((alive) => withTime(alive, ({ incNum }) => ({ incNum: incNum / 1_000_000n }))),
  ),
  mutant(
    'alive-inc-num-grows',
    'each of its alive messages is of another incarnation',
    ['ALIVE-02'],
    ownAliveSays((alive) => withTime(alive, ({ incNum, seqNum }) => ({ incNum: incNum + seqNum }))),
  ),
  mutant(
    'alive-half-as-often',
    'it sends a heartbeat every other aliveTimeInterval',
    ['ALIVE-03'],
    withSettings({ aliveTimeIntervalMs: 500 }),
  ),
  mutant(
    'alive-twice-as-often',
    'it sends two heartbeats in an aliveTimeInterval',
    ['ALIVE-03'],
    withSettings({ aliveTimeIntervalMs: 125 }),
  ),
  mutant(
    'alive-silent',
    'it pushes no heartbeats',
    ['ALIVE-03', 'LIFE-01', 'MEMB-06'],
    withRules({ sendsHeartbeat: () => false }),
  ),
  mutant(
    'alive-for-anybody',
    'it sends heartbeats to all who are connected',
    ['ALIVE-03', 'DEAD-02'],
    heartbeatsForAnybody,
  ),
  mutant(
    'alive-knows-nobody-unnamed',
    'it drops every alive message without identity',
    ['ALIVE-05'],
    pushedAlive(() => (alive, bytes) => (alive.identity.length === 0 ? [] : [bytes])),
  ),
  mutant(
    'alive-remembers-what-it-drops',
    'it remembers the timestamp of an alive message without identity',
    ['ALIVE-05'],
    pushedAlive(() => {
      const dropped = new Set<string>();
      return ({ membership, timestamp, identity }, bytes) => {
        const { incNum = 0n, seqNum = 0n } = timestamp ?? {};
        const key = `${hex(membership?.pkiId ?? nothing)} ${incNum.toString()} ${seqNum.toString()}`;
        const again = dropped.has(key);
        if (identity.length === 0) dropped.add(key);
        return again && identity.length > 0 ? [] : [bytes];
      };
    }),
  ),
  mutant(
    'alive-identity-on-file-will-do',
    'it does not look at the identity in an alive message whose author it knows',
    ['ALIVE-06', 'MEMB-02', 'MEMB-15'],
    withRules({ checksCarriedIdentity: () => false }),
  ),
  mutant('alive-takes-expired', 'it takes identities that have expired', ['ALIVE-06'], {
    peer: ({ validator }) => ({
      rules: { ...fabricRules, isExpired: () => false },
      validator: { validate: (serialized) => validator.validate(serialized, 0) },
    }),
  }),
  mutant(
    'alive-without-secret',
    'its own heartbeats have no secret',
    ['ALIVE-07'],
    ownAlives((_alive, _message, place, envelope) =>
      place === 'heartbeat' ? { envelope: { ...envelope, secretEnvelope: undefined } } : {},
    ),
  ),
  mutant(
    'alive-secrets-abroad',
    'it tells other organisations internal endpoints',
    ['ALIVE-07', 'MEMB-10', 'EMIT-06'],
    withRules({ keepsSecretFor: () => true }),
  ),
  mutant(
    'alive-no-secrets',
    'it tells nobody internal endpoints',
    ['ALIVE-07', 'ALIVE-09', 'MEMB-10'],
    withRules({ keepsSecretFor: () => false }),
  ),
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
    'alive-forgets-internal-endpoint',
    'it forgets the internal endpoint of a member that tells an alive message without it',
    ['ALIVE-11'],
    withRules({ remembersInternalEndpoint: () => false }),
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
    pushedAlive(
      () =>
        ({ membership, timestamp }, bytes) =>
          membership === undefined || timestamp === undefined ? [unparseable] : [bytes],
    ),
  ),
];
