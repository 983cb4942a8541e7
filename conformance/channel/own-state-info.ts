import { channelMac } from '../../src/identity';
import { gossipMessage, Tag, type StateInfo } from '../../src/wire';
import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import type { Received, TesterStream } from '../harness/tester-stream';
import { demand, demandInTime, Violation } from '../harness/verdict';
import { demandSignedBy, sameTime } from '../steps/alive';
import { sameBytes } from '../steps/bytes';
import { push, reachesHeight, toldHeight } from '../steps/blocks';
import { connected } from '../steps/handshake';
import { Observer } from '../steps/membership';
import { unsigned } from '../steps/messages';
import { askListed, channelOf, isBy, isOwn, type Listed } from '../steps/snapshots';
import { BEFORE_FABRIC_NANOS } from '../steps/times';
import { reachesServed } from '../steps/state-transfer';

/** 2100-01-01, in the same. */
const AFTER_US = 4_102_444_800_000_000_000n;

/** How long nothing changes before the check changes something. */
const LATER_MS = 300;
/** No ledger is this high. */
const ABSURD_HEIGHT = 1n << 60n;

async function ownEntry(t: CheckContext, stream: TesterStream): Promise<Listed> {
  const own = (await askListed(t, t.tester, stream)).filter(isBy(t.put.pkiId));
  const [entry] = own;
  if (entry === undefined) throw new Violation('a snapshot that lists the peer itself', 'it is not in it');
  demand(own.length === 1, 'a snapshot that lists the peer itself once', `${own.length} times`);
  return entry;
}

/** A StateInfo of the peer must have all that SINF-01 names, and verify. */
function demandOwnStateInfo(t: CheckContext, { envelope, message, value }: Listed): void {
  const channel = channelOf(t);
  demand(message.tag === Tag.CHAN_OR_ORG, 'tag CHAN_OR_ORG (5)', `tag ${message.tag}`);
  demand(message.channel.length === 0, 'an empty channel field', `${message.channel.length} bytes`);
  demand(message.nonce === 0n, 'nonce 0', message.nonce.toString());
  demandSignedBy(t.put.identity, envelope, 'a StateInfo of the peer');
  demand(envelope.secretEnvelope === undefined, 'no secret envelope', 'one');
  demand(
    sameBytes(value.channelMac, channelMac(t.put.pkiId, channel)),
    'the MAC of the peer’s PKI-ID and the channel',
    Buffer.from(value.channelMac).toString('hex'),
  );
  const { timestamp, properties } = value;
  demand(timestamp !== undefined, 'a timestamp', 'none');
  const { incNum, seqNum } = timestamp;
  for (const [name, nanos] of Object.entries({ incNum, seqNum })) {
    demand(
      nanos > BEFORE_FABRIC_NANOS && nanos < AFTER_US,
      `${name}: a time in nanoseconds since the Unix epoch`,
      String(nanos),
    );
  }
  demand(seqNum >= incNum, 'a change no earlier than the channel', 'an earlier one');
  demand(properties !== undefined, 'properties', 'none');
  demand(!properties.leftChannel, 'a peer that has not left the channel', 'left_channel');
}

/** How many blocks the peer has from this one on, eleven at most (STATE-04, STATE-05). */
const countBlocks = (t: CheckContext, stream: TesterStream, startSeqNum: bigint): Promise<bigint> =>
  t.control('the peer answers a state request', async () => {
    const nonce = t.random.uint64();
    const value = { startSeqNum, endSeqNum: startSeqNum + 10n };
    const content = { kind: 'stateRequest', value } as const;
    stream.send(
      unsigned(gossipMessage({ nonce, channel: Buffer.from(channelOf(t)), tag: Tag.CHAN_OR_ORG, content })),
    );
    const response = await stream.expect('stateResponse', {
      where: ({ message }) => message.nonce === nonce,
    });
    return BigInt(response.value.payloads.length);
  });

/** The chaincodes that a StateInfo tells, in words. */
const chaincodesOf = ({ properties }: StateInfo): string =>
  (properties?.chaincodes ?? []).map(({ name, version }) => `${name} ${version}`).join(', ');

/** Pushes of the peer about itself, so far. */
const ownPushes = (t: CheckContext, { received }: TesterStream): readonly Received<'stateInfo'>[] =>
  received.filter((one): one is Received<'stateInfo'> => one.kind === 'stateInfo' && isOwn(t)(one));

export const ownStateInfoChecks: readonly Check[] = [
  check(
    'SINF-06',
    'tells the height that it told last, while there is nobody to publish another to',
    { recruit: {}, long: true, needs: ['own-channel'] },
    async (t) => {
      await t.recruit.start({});
      const channel = await t.newChannel();
      const stream = await t.control('a tester shakes hands', () => t.tester.connect());
      const told = (): Promise<bigint | undefined> => toldHeight(t, t.tester, stream, channel.name);
      const before = await told();
      for (const number of [1n, 2n, 3n]) stream.send(push(channel, number));
      await t.control('the peer commits pushed blocks', () => reachesServed(t, stream, channel.name, 3n));
      await t.quiet(2.5 * t.waits.settings.publishStateInfoIntervalMs);
      const alone = await told();
      demand(alone === before, `ledger_height ${before} while its view is empty`, `${alone}`);
      await t.control('a tester becomes a member', () => t.tester.becomeMember(stream));
      await reachesHeight(t, t.tester, stream, channel.name, 4n);
    },
  ),

  check('SINF-01', 'tells of itself in full, signed, by MAC', { needs: ['channel'] }, async (t) => {
    const stream = await connected(t);
    demandOwnStateInfo(t, await ownEntry(t, stream));
  }),

  check(
    'SINF-01',
    'keeps its inc_num when it changes, and takes the time of the change for seq_num',
    { lane: 'view', needs: ['channel', 'add-block'] },
    async (t) => {
      const { stream } = await Observer.join(t, t.tester);
      const before = await ownEntry(t, stream);
      const { timestamp: old } = before.value;
      await t.quiet(LATER_MS);
      const height = await t.addBlock();
      const next = await stream.expect('stateInfo', {
        where: (one) => isOwn(t)(one) && (one.value.properties?.ledgerHeight ?? 0n) >= BigInt(height),
        withinMs: t.waits.chosenMs(t.waits.settings.publishStateInfoIntervalMs),
        what: 'a StateInfo of the peer after a block was added',
      });
      demandOwnStateInfo(t, next);
      const { timestamp } = next.value;
      demand(timestamp?.incNum === old?.incNum, 'the same inc_num', 'another');
      const [told, now] = [before.value, next.value].map((value) => chaincodesOf(value));
      demand(now === told, `chaincodes as before: ${told}`, now || 'none');
      const laterMs = Number(((timestamp?.seqNum ?? 0n) - (old?.seqNum ?? 0n)) / 1_000_000n);
      demand(laterMs >= LATER_MS / 2, `a seq_num more than ${LATER_MS} ms later`, `one ${laterMs} ms later`);
    },
  ),

  check(
    'SINF-04',
    'tells how many blocks it has, and its chaincodes by name and version',
    { lane: 'view', needs: ['channel'] },
    async (t) => {
      const { stream } = await Observer.join(t, t.tester);
      const { publishStateInfoIntervalMs } = t.waits.settings;
      // Blocks may be added meanwhile, and are told of at the next tick.
      const deadline = t.clock.now() + t.waits.tickMs(2 * publishStateInfoIntervalMs);
      for (;;) {
        const { value } = await ownEntry(t, stream);
        const { properties } = value;
        const told = properties?.ledgerHeight ?? 0n;
        demand(told < ABSURD_HEIGHT, 'a ledger_height that can be', told.toString());
        const from = told > 0n ? told - 1n : 0n;
        const held = from + (await countBlocks(t, stream, from));
        if (held === told) {
          const chaincodes = properties?.chaincodes ?? [];
          const names = chaincodesOf(value);
          demand(
            chaincodes.every(({ name, version, metadata }) => name && version && metadata.length === 0),
            'chaincodes with name and version, without metadata',
            names,
          );
          demand(
            chaincodes.some(({ name, version }) => name === '_lifecycle' && version === '1'),
            '_lifecycle 1 among the chaincodes',
            names === '' ? 'none' : names,
          );
          return;
        }
        demandInTime(
          t.clock.now() < deadline,
          `ledger_height ${held}, the number of its blocks`,
          `ledger_height ${told}`,
        );
        await t.quiet(publishStateInfoIntervalMs / 4);
      }
    },
  ),

  check(
    'SINF-05',
    'publishes its StateInfo when it has changed, and not otherwise',
    { lane: 'view', long: true, needs: ['channel'] },
    async (t) => {
      const { stream } = await Observer.join(t, t.tester);
      await t.quiet(3.5 * t.waits.settings.publishStateInfoIntervalMs + 200);
      const pushed = ownPushes(t, stream);
      for (const [i, { value }] of pushed.entries()) {
        const again = pushed.slice(0, i).some((one) => sameTime(one.value.timestamp, value.timestamp));
        demand(!again, 'no StateInfo that was published before', 'the same again');
      }
    },
  ),

  check(
    'SINF-05',
    'publishes its StateInfo at the tick after a block',
    { lane: 'view', needs: ['channel', 'add-block'] },
    async (t) => {
      const { stream } = await Observer.join(t, t.tester);
      const height = await t.addBlock();
      await stream.expect('stateInfo', {
        where: (one) => isOwn(t)(one) && (one.value.properties?.ledgerHeight ?? 0n) >= BigInt(height),
        withinMs: t.waits.answerMs + t.waits.tickMs(t.waits.settings.publishStateInfoIntervalMs),
        what: `a StateInfo of the peer with ledger_height ${height}`,
      });
    },
  ),
];
