import { StatusCode } from '../../src/ports/transport';
import type { ContentKind } from '../../src/wire';
import { check, type Check } from '../harness/check';
import type { TesterStream } from '../harness/tester-stream';
import { demand, demandInTime } from '../harness/verdict';
import { dialWithinMs } from '../steps/dial-back';
import { Observer } from '../steps/membership';
import { connectOnChannel, isHelloOf, isPushOf, joinOnChannel, offeredBlocks, push } from '../steps/blocks';
import { joinAndLeave } from '../steps/own-properties';
import { awaitListed, channelOf, stateInfoWith } from '../steps/snapshots';

/** What may have been under way when a peer without a channel was stopped. */
const SAID_WHILE_ALIVE: readonly ContentKind[] = [
  'aliveMsg',
  'memReq',
  'memRes',
  'hello',
  'dataDig',
  'dataReq',
  'dataUpdate',
];

/** Peers that are stopped, members of a channel that leave it, or say little of themselves. */
export const leavingChecks: readonly Check[] = [
  check(
    'LEAVE-01',
    'says nothing when it is stopped: its connections end',
    { recruit: {}, own: 2, needs: ['dial-back'] },
    async (t) => {
      const server = await t.witness.listen();
      await t.recruit.start({ bootstrap: [server.address] });
      const outbound = await t.control('the peer dials its bootstrap peer', () =>
        server.expectStream('a GossipStream opened by the peer', dialWithinMs(t)),
      );
      const { stream: inbound } = await Observer.join(t, t.tester);
      const stoppedMs = t.clock.now();
      const restarted = t.recruit.restart();
      const endings: readonly (readonly [TesterStream, string, readonly number[]])[] = [
        [inbound, 'an inbound stream', [StatusCode.UNAVAILABLE, StatusCode.OK]],
        [outbound, 'an outbound stream', [StatusCode.CANCELLED]],
      ];
      for (const [stream, what, codes] of endings) {
        const { code } = await stream.expectEnd(`${what} of a peer that is stopped, ended`);
        demand(codes.includes(code), `${what} that ends with status ${codes.join(' or ')}`, `status ${code}`);
        const farewell = stream.received.find(
          ({ atMs, kind }) => atMs >= stoppedMs && !SAID_WHILE_ALIVE.includes(kind),
        );
        demand(farewell === undefined, 'no goodbye', `a ${farewell?.kind}`);
      }
      await restarted;
    },
  ),

  check(
    'LEAVE-01',
    'does not tell the members of its channel that it leaves when it is stopped',
    { recruit: {}, needs: ['own-channel'] },
    async (t) => {
      await t.recruit.start({});
      const stream = await joinOnChannel(t, t.tester, (await t.newChannel()).name);
      const restarted = t.recruit.restart();
      await t.control('the peer is stopped', () => stream.expectEnd('the end of a stream'));
      stream.expectNone(
        'stateInfo',
        'no StateInfo that says that it has left',
        ({ value }) => value.properties?.leftChannel === true,
      );
      await restarted;
    },
  ),

  check(
    'LEAVE-04',
    'says Hello of the block pull to a member that has left the channel',
    { lane: 'view', needs: ['channel'] },
    async (t) => {
      const stream = await joinAndLeave(t, t.tester, channelOf(t));
      while (stream.has('hello', isHelloOf(channelOf(t))))
        await stream.expect('hello', { where: isHelloOf(channelOf(t)) });
      await stream.expect('hello', {
        where: isHelloOf(channelOf(t)),
        withinMs: t.waits.chosenMs(t.waits.settings.pullIntervalMs),
        what: 'a Hello of the block pull to a member that has left the channel',
      });
    },
  ),

  check(
    'LEAVE-04',
    'pushes, pulls and serves blocks to a member that has left the channel as to one that stays',
    { lane: 'view', own: 3, needs: ['own-channel'] },
    async (t) => {
      const channel = await t.newChannel();
      const gone = await joinAndLeave(t, t.witness, channel.name);
      const stays = await joinOnChannel(t, t.third, channel.name);
      const author = await connectOnChannel(t, t.tester, channel.name);
      author.send(push(channel, 1n));
      await t.control('a block is passed on to a member', () =>
        stays.expect('dataMsg', { where: isPushOf(1n) }),
      );
      // Two members are not more than a peer pulls from at a time.
      const [where, withinMs] = [isHelloOf(channel.name), t.waits.tickMs(t.waits.settings.pullIntervalMs)];
      for (let i = 0; i < 2; i++) {
        await t.control('the peer pulls blocks', () => stays.expect('hello', { where, withinMs }));
      }
      await t.marker(gone);
      const isPushed = gone.has('dataMsg', isPushOf(1n));
      demandInTime(isPushed, 'a block passed on to a member that has left the channel too', 'none');
      demandInTime(gone.has('hello', where), 'a Hello to a member that has left the channel too', 'none');
      const offered = await offeredBlocks(t, gone, channel.name);
      demandInTime(
        offered.includes('1'),
        'blocks offered to a member that has left the channel too',
        offered.join() || 'none',
      );
    },
  ),

  check(
    'SINF-13',
    'takes StateInfo without properties for that of a member of the channel',
    { lane: 'view', needs: ['channel'] },
    async (t) => {
      const { stream } = await Observer.join(t, t.tester);
      const timestamp = t.tester.nextTime();
      stream.sendWrong(stateInfoWith(t.tester, channelOf(t), { timestamp, properties: undefined }));
      await awaitListed(t, [t.tester, stream], t.tester, timestamp, 'a StateInfo without properties');
      await stream.expect('hello', {
        where: isHelloOf(channelOf(t)),
        withinMs: t.waits.chosenMs(t.waits.settings.pullIntervalMs),
        what: 'a Hello of the block pull',
      });
    },
  ),

  check(
    'SINF-16',
    'survives StateInfo without timestamp',
    { lane: 'alone', needs: ['channel', 'disposable'] },
    async (t) => {
      const { stream } = await Observer.join(t, t.tester);
      for (const ledgerHeight of [1n, 2n, 3n]) {
        const properties = { ledgerHeight, leftChannel: false, chaincodes: [] };
        stream.sendWrong(stateInfoWith(t.tester, channelOf(t), { timestamp: undefined, properties }));
      }
      await t.marker(stream);
      const timestamp = t.tester.nextTime();
      stream.send(stateInfoWith(t.tester, channelOf(t), { timestamp }));
      await awaitListed(t, [t.tester, stream], t.tester, timestamp, 'a good StateInfo after bad ones');
      await t.demandAlive();
    },
  ),
];
