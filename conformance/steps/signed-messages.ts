import type { Envelope } from '../../src/wire';
import type { CheckContext } from '../harness/context';
import type { TesterStream } from '../harness/tester-stream';
import { demand } from '../harness/verdict';
import { sameEnvelope } from './alive';
import type { Change } from './forgeries';
import { acceptedConn, honestHandshake, refusedConn } from './handshake';
import { farAhead, Observer, quietMember } from './membership';
import { relayedTo } from './relay';

/** Each change must make a ConnEstablish refused that is accepted without it. */
export async function refused(
  t: CheckContext,
  changes: ReadonlyMap<string, Change>,
  tester = t.tester,
): Promise<void> {
  await honestHandshake(t, tester);
  for (const [what, change] of changes) {
    const stream = await tester.dial();
    await refusedConn(t, stream, change(tester.conn(stream)), what);
  }
  await t.demandAlive();
}

/** Each change must make an alive message dropped that is taken without it. */
export async function dropped(
  t: CheckContext,
  changes: ReadonlyMap<string, Change>,
  [author, watcher] = [t.tester, t.witness],
): Promise<void> {
  const observer = await Observer.join(t, watcher);
  const { stream } = await t.control('a tester joins', () => author.join());
  const faulty = new Map(
    [...changes].map(([what, change]) => [what, change(author.alive({ timestamp: farAhead(author) }))]),
  );
  for (const one of faulty.values()) stream.sendWrong(one);
  await observer.seesNone(faulty, stream);
  author.manners.beatsItsHeart = false;
  const good = author.alive({ timestamp: farAhead(author) });
  stream.send(good);
  await t.control('a good alive message is taken', () => observer.sees(good, 'an alive message', 'alive'));
}

/** Each change must leave a ConnEstablish one that is accepted. */
export async function accepted(t: CheckContext, changes: readonly Change[]): Promise<void> {
  for (const change of changes) {
    const stream = await t.tester.dial();
    await acceptedConn(t, stream, change(t.tester.conn(stream)));
    await t.tester.leave(stream);
  }
}

/** An alive message must be taken, told to others as it came, and relayed as it came. */
export async function takenAsItIs(
  t: CheckContext,
  what: string,
  make: () => Envelope,
): Promise<{ observer: Observer; stream: TesterStream }> {
  const observer = await Observer.join(t, t.witness);
  const stream = await quietMember(t, t.tester);
  const first = make();
  stream.sendWrong(first);
  const entry = await observer.sees(first, what);
  demand(sameEnvelope(entry.envelope, first), `${what}, told in the bytes in which it came`, 'other bytes');
  const push = (): Envelope => {
    const one = make();
    stream.sendWrong(one);
    return one;
  };
  const { sent, received } = await relayedTo(t, observer.stream, push, `${what}, relayed`);
  demand(
    sameEnvelope(received.envelope, sent),
    `${what}, relayed in the bytes in which it came`,
    'other bytes',
  );
  return { observer, stream };
}
