import { gossipMessage, Tag, type Envelope } from '../../src/wire';
import { check, type Check, type CheckOptions } from '../harness/check';
import type { CheckContext } from '../harness/context';
import type { Tester } from '../harness/tester';
import type { TesterStream } from '../harness/tester-stream';
import { demandInTime } from '../harness/verdict';
import { Observer, quietMember } from '../steps/membership';
import { identityHello, membershipResponse, signed, unsigned } from '../steps/messages';

/** A century, in nanoseconds. */
const FAR_NANOS = 100n * 365n * 86_400n * 1_000_000_000n;

/** Brings some versions of Fabric down: done to a peer that is there for nothing else. */
const destructive: CheckOptions = { own: 2, needs: ['disposable'], recruit: {} };

/** A signed alive message of a tester that says nothing of it. */
const nameless = (tester: Tester): Envelope =>
  signed(
    tester.identity,
    gossipMessage({
      tag: Tag.EMPTY,
      content: {
        kind: 'aliveMsg',
        value: { timestamp: tester.nextTime(), identity: tester.identity.serialized },
      },
    }),
  );

/** A Violation unless a peer that keeps an alive message goes on as before when it is sent these. */
async function survives(t: CheckContext, send: (stream: TesterStream) => void): Promise<void> {
  await t.recruit.start({});
  const observer = await Observer.join(t, t.witness);
  const stream = await quietMember(t, t.tester);
  const kept = t.tester.alive();
  stream.send(kept);
  await t.control('it keeps an alive message', () => observer.sees(kept, 'an alive message', 'alive'));
  send(stream);
  await t.marker(stream);
  await t.demandAlive();
  const good = t.tester.alive();
  stream.send(good);
  await observer.sees(good, 'a good alive message after bad ones', 'alive');
}

/** Alive messages that no honest peer sends, pushed and inside other messages. */
export const hostileAliveChecks: readonly Check[] = [
  check('BAD-36', 'survives an alive message without membership', destructive, (t) =>
    survives(t, (stream) => {
      stream.sendWrong(nameless(t.tester));
    }),
  ),

  check('BAD-37', 'survives an alive message without timestamp', destructive, (t) =>
    survives(t, (stream) => {
      stream.sendWrong(t.tester.alive({ timestamp: undefined }));
    }),
  ),

  check('BAD-38', 'survives a request whose self_information says nothing of its sender', destructive, (t) =>
    survives(t, (stream) => {
      stream.sendWrong(t.tester.request(1n, nameless(t.tester)));
    }),
  ),

  check('BAD-39', 'survives a response with a dead entry that is no alive message', destructive, (t) =>
    survives(t, (stream) => {
      stream.sendWrong(unsigned(membershipResponse(0n, [], [unsigned(identityHello(1n))])));
    }),
  ),

  check('BAD-39', 'survives a response with an alive entry without membership', destructive, (t) =>
    survives(t, (stream) => {
      stream.sendWrong(unsigned(membershipResponse(0n, [nameless(t.tester)])));
    }),
  ),

  check(
    'BAD-56',
    'takes an alive message of a distant future, and then no honest one of its author',
    { lane: 'view', own: 1, needs: ['fresh'] },
    async (t) => {
      const observer = await Observer.join(t, t.tester);
      const author = await t.issue();
      const { incNum } = author;
      author.incNum = incNum + FAR_NANOS;
      const distant = author.alive();
      observer.stream.send(distant);
      await observer.sees(distant, 'an alive message of a distant future', 'alive');
      author.incNum = incNum;
      const honest = author.alive();
      observer.stream.send(honest);
      await observer.seesNone(new Map([['an honest one after it', honest]]), observer.stream);
    },
  ),

  check(
    'BAD-57',
    'takes an alive message whose endpoint is no address, and keeps its stream',
    { lane: 'view', own: 2 },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      const stream = await quietMember(t, t.tester);
      for (const endpoint of ['nowhere', ':', 'host.invalid:70510', '']) {
        t.tester.endpoint = endpoint;
        const alive = t.tester.alive();
        stream.send(alive);
        await observer.sees(alive, `an alive message with the endpoint “${endpoint}”`, 'alive');
      }
      demandInTime(stream.isOpen, 'the stream of a member whose endpoint is no address', 'its end');
    },
  ),
];
