import { fabricRules } from '../../src/node';
import { Tag, type AliveMessage, type Envelope, type PeerTime } from '../../src/wire';
import type { Deviation } from '../harness/targets/embedded';
import { hex, sameBytes } from '../steps/bytes';
import { hearing, mutant, sendingStrangers, withRules, withSettings } from './mutant';
import { ownAlives, ownAliveSays } from './own-alive';
import { withTransport } from './wrong-transport';

const nothing = new Uint8Array();
const withTime = (
  alive: AliveMessage,
  change: (time: PeerTime) => Partial<PeerTime>,
): Partial<AliveMessage> =>
  alive.timestamp === undefined ? {} : { timestamp: { ...alive.timestamp, ...change(alive.timestamp) } };

/** What goes in of alive messages that are pushed. */
const pushedAlive = (
  make: () => (alive: AliveMessage, bytes: Uint8Array) => readonly Uint8Array[],
): Deviation => hearing('aliveMsg', make);

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
    'alive-never-without-endpoint',
    'its alive messages tell some endpoint where it has no external one',
    ['ALIVE-01'],
    ownAliveSays(({ membership }) =>
      membership?.endpoint === '' ? { membership: { ...membership, endpoint: '127.0.0.1:7051' } } : {},
    ),
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
    'alive-leaves-out-numbers',
    'it leaves out every fifth seq_num',
    ['ALIVE-02'],
    withRules({ nextSeqNum: (seqNum) => (seqNum % 5n === 3n ? seqNum + 2n : seqNum + 1n) }),
  ),
  mutant(
    'alive-hides-identity-early',
    'it includes its identity for half of publishCertPeriod',
    ['ALIVE-04'],
    withRules({ includesIdentity: (ageMs, publishCertPeriodMs) => ageMs < publishCertPeriodMs / 2 }),
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
    'alive-at-home',
    'it pushes no alive messages to members of other organisations',
    ['ALIVE-03'],
    sendingStrangers('aliveMsg', () => []),
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
    ['ALIVE-07', 'MEMB-10', 'EMIT-06', 'DEAD-05'],
    withRules({ keepsSecretFor: () => true }),
  ),
  mutant(
    'alive-no-secrets',
    'it tells nobody internal endpoints',
    ['ALIVE-07', 'ALIVE-09', 'MEMB-10'],
    withRules({ keepsSecretFor: () => false }),
  ),
];
