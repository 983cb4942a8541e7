import type { Millis } from '../../src/ports/clock';
import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import { pause } from '../harness/signal';
import type { Received, TesterStream } from '../harness/tester-stream';
import { demandInTime, Inconclusive } from '../harness/verdict';
import { connected } from '../steps/handshake';
import { identityRequest, unsigned } from '../steps/messages';
import { askDigest, demandPunctual, persist, pullItems, requestTooLateMs } from '../steps/pull';

/** Sends a request for the peer’s own item; the peer has read it in the end. */
async function ask(t: CheckContext, stream: TesterStream, nonce: bigint): Promise<void> {
  stream.send(unsigned(identityRequest(nonce, [t.put.pkiId])));
  await t.marker(stream);
}

/** Whether such a request was answered. */
async function isAnswered(t: CheckContext, stream: TesterStream, nonce: bigint): Promise<boolean> {
  const isAnswer = ({ value }: Received<'dataUpdate'>): boolean => value.nonce === nonce;
  if (!stream.has('dataUpdate', isAnswer)) await t.quiet();
  if (!stream.has('dataUpdate', isAnswer)) return false;
  await stream.expect('dataUpdate', { where: isAnswer });
  return true;
}

/**
 * Sends a request `afterMs` after a Hello (`from: 'hello'`) or after its digest, and tells whether it is answered.
 * Measured from the digest the request is surely that late, measured from the Hello it is surely no later.
 */
async function isAnsweredAfter(
  t: CheckContext,
  stream: TesterStream,
  afterMs: Millis,
  from: 'hello' | 'digest',
): Promise<boolean> {
  const nonce = t.random.uint64();
  const helloAtMs = t.clock.now();
  const digest = await askDigest(t, stream, nonce);
  // When the peer read the Hello, the digest tells: hardly later than this.
  if (from === 'hello') demandPunctual(t, helloAtMs, afterMs / 4, digest.atMs);
  const sinceMs = from === 'hello' ? helloAtMs : digest.atMs;
  await pause(t.clock, sinceMs + afterMs - t.clock.now());
  demandPunctual(t, sinceMs, afterMs);
  await ask(t, stream, nonce);
  return isAnswered(t, stream, nonce);
}

/** For how long a Hello allows requests. */
export const requestWindowChecks: readonly Check[] = [
  check('PULL-04', 'answers a request until requestWaitTime after the Hello, and no later', {}, async (t) => {
    const { requestWaitTimeMs } = t.waits.settings;
    const stream = await connected(t);
    await t.control('a request right behind the digest is answered', () =>
      pullItems(t, stream, [t.put.pkiId]),
    );
    const soonMs = requestWaitTimeMs * 0.8;
    await persist(async () => {
      demandInTime(
        await isAnsweredAfter(t, stream, soonMs, 'hello'),
        `an answer to a request ${Math.round(soonMs)} ms after the Hello, requestWaitTime being ${requestWaitTimeMs} ms`,
        'none',
      );
    });
    const lateMs = requestTooLateMs(t);
    await persist(async () => {
      demandInTime(
        !(await isAnsweredAfter(t, stream, lateMs, 'digest')),
        `no answer to a request ${Math.round(lateMs)} ms after the digest, requestWaitTime being ${requestWaitTimeMs} ms`,
        'an update',
      );
    }, 3);
    await t.demandAlive();
  }),

  check('PULL-04', 'does not answer requests for longer because one was answered', {}, async (t) => {
    const { requestWaitTimeMs } = t.waits.settings;
    const stream = await connected(t);
    const lateMs = requestTooLateMs(t);
    await persist(async () => {
      const { value, atMs } = await askDigest(t, stream);
      await pause(t.clock, atMs + 0.8 * requestWaitTimeMs - t.clock.now());
      const firstMs = t.clock.now();
      await ask(t, stream, value.nonce);
      await t.control('a request in time is answered', async () => {
        demandInTime(await isAnswered(t, stream, value.nonce), 'an answer to a request in time', 'none');
      });
      await pause(t.clock, atMs + lateMs - t.clock.now());
      await ask(t, stream, value.nonce);
      const betweenMs = t.clock.now() - firstMs;
      if (betweenMs >= requestWaitTimeMs) {
        throw new Inconclusive(
          `this machine was late: ${Math.round(betweenMs)} ms between two requests tell nothing`,
        );
      }
      demandInTime(
        !(await isAnswered(t, stream, value.nonce)),
        `no answer to a request ${Math.round(lateMs)} ms after the digest, requestWaitTime being ${requestWaitTimeMs} ms`,
        'an update',
      );
    });
  }),

  check('PULL-04', 'counts the time of each Hello of a peer by itself', {}, async (t) => {
    const { requestWaitTimeMs } = t.waits.settings;
    const stream = await connected(t);
    const answered = async (nonce: bigint, why: string): Promise<void> => {
      await ask(t, stream, nonce);
      demandInTime(await isAnswered(t, stream, nonce), `an answer to a request in time, ${why}`, 'none');
    };
    await persist(async () => {
      const [first, second] = [t.random.uint64(), t.random.uint64()];
      const firstMs = t.clock.now();
      await askDigest(t, stream, first);
      await pause(t.clock, firstMs + 0.6 * requestWaitTimeMs - t.clock.now());
      const secondMs = t.clock.now();
      await askDigest(t, stream, second);
      demandPunctual(t, firstMs, 0.65 * requestWaitTimeMs);
      await answered(first, 'to the nonce of a Hello that another followed');
      await pause(t.clock, firstMs + 1.3 * requestWaitTimeMs - t.clock.now());
      demandPunctual(t, secondMs, 0.7 * requestWaitTimeMs);
      await answered(second, 'to the nonce of a Hello that followed another');
    });
  }),
];
