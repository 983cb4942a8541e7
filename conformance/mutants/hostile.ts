import { StatusCode } from '../../src/ports/transport';
import { decodeEnvelope, encodeEnvelope, Tag, type Envelope, type GossipMessage } from '../../src/wire';
import type { Deviation } from '../harness/targets/embedded';
import { hearing, messageOf, mutant, withRules, withTamper } from './mutant';

/** Ends a stream on which it comes. */
const unparseable = Uint8Array.of(0x0a, 3, 0xff, 0xff, 0xff);

type Fate = 'kept' | 'dropped' | 'fatal';

const fateOf = (fate: Fate, bytes: Uint8Array): readonly Uint8Array[] => {
  if (fate === 'kept') return [bytes];
  return fate === 'dropped' ? [] : [unparseable];
};

/** Treats some of what it receives differently; `message` is undefined for bytes that are no message. */
const meeting = (judge: (message: GossipMessage | undefined, bytes: Uint8Array) => Fate): Deviation =>
  withTamper(() => ({ incoming: (bytes) => fateOf(judge(messageOf(bytes), bytes), bytes) }));

const payloadOf = (bytes: Uint8Array): Uint8Array | undefined => {
  try {
    return decodeEnvelope(bytes).payload;
  } catch {
    return undefined;
  }
};

const isIncomplete = (message: GossipMessage | undefined): boolean => {
  const content = message?.content;
  return (
    content?.kind !== 'aliveMsg' ||
    content.value.membership === undefined ||
    content.value.timestamp === undefined
  );
};

/** It loses one Hello after this many. */
const LOST = 50;
/** Some day of the year 2096, in nanoseconds since 1970. */
const DISTANT_NANOS = 4_000_000_000n * 1_000_000_000n;

export const hostileMutants = [
  mutant(
    'bad-status-for-no-envelope',
    'it ends a stream with UNKNOWN on which comes what is no Envelope',
    ['BAD-04'],
    withRules({ refusal: () => ({ code: StatusCode.UNKNOWN, details: '' }) }),
  ),
  mutant(
    'bad-status-for-all',
    'it ends a stream that it refuses with INTERNAL, whatever came on it',
    ['BAD-09', 'BAD-10', 'BAD-34'],
    withRules({ refusal: () => ({ code: StatusCode.INTERNAL, details: '' }) }),
  ),
  mutant(
    'bad-waits-for-another-first',
    'it lets a stream begin with other messages than a ConnEstablish',
    ['BAD-09'],
    withTamper(() => {
      const greeted = new Set<unknown>();
      return {
        incoming: (bytes, { link }) => {
          if (messageOf(bytes)?.content?.kind === 'conn') greeted.add(link);
          return greeted.has(link) ? [bytes] : [];
        },
      };
    }),
  ),
  mutant(
    'bad-skips-what-is-none',
    'it ignores what is no message',
    ['BAD-04', 'BAD-34'],
    meeting((message) => (message === undefined ? 'dropped' : 'kept')),
  ),
  mutant(
    'bad-strict-conn-tag',
    'it refuses a ConnEstablish with another tag than EMPTY',
    ['CONN-03'],
    meeting((message) => (message?.content?.kind === 'conn' && message.tag !== Tag.EMPTY ? 'fatal' : 'kept')),
  ),
  mutant(
    'bad-empty-payload-ends-stream',
    'it ends a stream on which an Envelope without payload comes',
    ['BAD-44'],
    meeting((_message, bytes) => (payloadOf(bytes)?.length === 0 ? 'fatal' : 'kept')),
  ),
  mutant(
    'bad-no-content-ends-stream',
    'it ends a stream on which a message without content comes',
    ['BAD-47'],
    meeting((message) => (message !== undefined && message.content === undefined ? 'fatal' : 'kept')),
  ),
  mutant(
    'bad-second-conn-ends-stream',
    'it ends a stream on which another ConnEstablish comes',
    ['CONN-16'],
    withRules({ ignoresFurtherConn: () => false }),
  ),
  mutant(
    'bad-distrusts-the-future',
    'it drops alive messages of a distant future',
    ['BAD-56'],
    meeting((message) => {
      const content = message?.content;
      const incNum = content?.kind === 'aliveMsg' ? (content.value.timestamp?.incNum ?? 0n) : 0n;
      return incNum > DISTANT_NANOS ? 'dropped' : 'kept';
    }),
  ),
  mutant(
    'bad-picky-about-endpoints',
    'it drops alive messages whose endpoint has no port',
    ['BAD-57'],
    meeting((message) => {
      const content = message?.content;
      const isBad =
        content?.kind === 'aliveMsg' && !/:\d{1,5}$/.test(content.value.membership?.endpoint ?? '');
      return isBad ? 'dropped' : 'kept';
    }),
  ),
  mutant(
    'bad-loses-hellos',
    'it loses a Hello in fifty',
    ['LIFE-14'],
    hearing('hello', () => {
      let seen = 0;
      return (_, bytes) => {
        seen += 1;
        return seen % LOST === 0 ? [] : [bytes];
      };
    }),
  ),
  mutant(
    'bad-incomplete-ends-stream',
    'it ends a stream on which an alive message without membership or timestamp comes, or a request with one',
    ['BAD-36', 'BAD-37', 'BAD-38', 'BAD-39'],
    meeting((message) => {
      const inside = (envelope: Envelope | undefined): boolean =>
        envelope !== undefined && isIncomplete(messageOf(encodeEnvelope(envelope)));
      const content = message?.content;
      const isBad =
        content?.kind === 'memReq'
          ? inside(content.value.selfInformation)
          : content?.kind === 'memRes'
            ? [...content.value.alive, ...content.value.dead].some(inside)
            : content?.kind === 'aliveMsg' && isIncomplete(message);
      return isBad ? 'fatal' : 'kept';
    }),
  ),
];
