import { createHash } from 'node:crypto';
import { channelMac } from '../../src/identity';
import { decodeMessage } from '../../src/wire';
import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import type { Tester } from '../harness/tester';
import type { TesterStream } from '../harness/tester-stream';
import { demand } from '../harness/verdict';
import { sameTime } from '../steps/alive';
import { enterChannel, snapshotRequest } from '../steps/block-pull';
import { sameBytes } from '../steps/bytes';
import { isOn } from '../steps/channel-field';
import { connected } from '../steps/handshake';
import { stateInfo } from '../steps/state-info';

/** MACs that are not the one of this PKI-ID for the channel, each with how it was made; `other`: another member's. */
function wrongMacs(
  t: CheckContext,
  channel: string,
  [pkiId, other] = [t.tester.pkiId, t.witness.pkiId],
): ReadonlyMap<string, Uint8Array> {
  const hash = (...parts: readonly (string | Uint8Array)[]): Uint8Array => {
    const sum = createHash('sha256');
    for (const part of parts) sum.update(part);
    return sum.digest();
  };
  return new Map([
    ['with the PKI-ID of the peer', channelMac(t.put.pkiId, channel)],
    ['with the PKI-ID of another member', channelMac(other, channel)],
    ['of another channel', channelMac(pkiId, `${channel}-other`)],
    ['of name and PKI-ID, in that order', hash(channel, pkiId)],
    ['of the name alone', hash(channel)],
    ['that is empty', new Uint8Array()],
    ['that is the name', Buffer.from(channel)],
  ]);
}

/** Whether a snapshot came that lists a StateInfo of the tester with this seq_num. */
const isListed = (t: CheckContext, { received }: TesterStream, seqNum: bigint): boolean =>
  received.some(
    (one) =>
      one.kind === 'stateSnapshot' &&
      one.value.elements.some(({ payload }) => {
        const { content } = decodeMessage(payload);
        return (
          content?.kind === 'stateInfo' &&
          sameBytes(content.value.pkiId, t.tester.pkiId) &&
          sameTime(content.value.timestamp, { incNum: t.tester.incNum, seqNum })
        );
      }),
  );

/** A Violation unless a request for state info is answered if its MAC is made with the asker's PKI-ID, and no other. */
async function answersItsMacAlone(t: CheckContext, asker: Tester, other: Tester): Promise<void> {
  const channel = t.channel ?? '';
  const stream = await connected(t, asker);
  stream.send(snapshotRequest(channelMac(asker.pkiId, channel)));
  await stream.expect('stateSnapshot', { what: `a snapshot of channel ${channel}` });
  for (const [what, mac] of wrongMacs(t, channel, [asker.pkiId, other.pkiId])) {
    stream.send(snapshotRequest(mac));
    await t.marker(stream);
    await t.quiet();
    stream.expectNone('stateSnapshot', `no snapshot for a MAC ${what}`);
  }
  await t.demandAlive();
}

/** How a channel is named where its name must not be told. */
export const channelMacChecks: readonly Check[] = [
  check(
    'TAG-04',
    'answers a state info request whose MAC is made with the requester’s PKI-ID, and no other',
    { own: 2, needs: ['channel'] },
    (t) => answersItsMacAlone(t, t.tester, t.witness),
  ),

  check(
    'TAG-04',
    'answers that of another organisation’s tester likewise',
    { foreign: 1, needs: ['channel'] },
    (t) => answersItsMacAlone(t, t.stranger, t.tester),
  ),

  check(
    'TAG-04',
    'knows a channel by its MAC that it has joined later',
    { needs: ['channel', 'own-channel'] },
    async (t) => {
      const { name } = await t.newChannel();
      const stream = await connected(t);
      for (const channel of [name, t.channel ?? '']) {
        stream.send(snapshotRequest(channelMac(t.tester.pkiId, channel)));
        await stream.expect('stateSnapshot', {
          where: isOn(channel),
          what: `a snapshot of channel ${channel}`,
        });
      }
    },
  ),

  check(
    'TAG-04',
    'takes state info whose MAC is made with its author’s PKI-ID, and no other',
    { own: 2, needs: ['channel'] },
    async (t) => {
      const channel = t.channel ?? '';
      const stream = await connected(t);
      const wrong = [...wrongMacs(t, channel)].map(([what, mac]) => {
        const time = t.tester.nextTime();
        stream.send(stateInfo(t.tester, channel, time, mac));
        return [what, time] as const;
      });
      await t.marker(stream);
      await t.quiet();
      stream.send(snapshotRequest(channelMac(t.tester.pkiId, channel)));
      await t.control('a snapshot is told', () => stream.expect('stateSnapshot'));
      for (const [what, { seqNum }] of wrong) {
        demand(!isListed(t, stream, seqNum), `no state info with a MAC ${what} in a snapshot`, 'it');
      }
      // A Violation unless the right one is listed.
      await enterChannel(t.tester, stream, channel);
    },
  ),
];
