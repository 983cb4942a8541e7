/** As much of a channel as it takes to be answered in block pull. */
import { channelMac } from '../../src/identity';
import { decodeMessage, gossipMessage, PullMsgType, Tag, type Envelope } from '../../src/wire';
import type { Tester } from '../harness/tester';
import type { Received, TesterStream } from '../harness/tester-stream';
import { Lateness } from '../harness/verdict';
import { sameBytes } from './bytes';
import { unsigned } from './messages';
import { stateInfo } from './state-info';

/** A Hello of a channel's block pull (PULL-01). */
export const blockHello = (channel: string, nonce: bigint): Envelope =>
  unsigned(
    gossipMessage({
      channel: Buffer.from(channel),
      tag: Tag.CHAN_AND_ORG,
      content: { kind: 'hello', value: { nonce, msgType: PullMsgType.BLOCK_MSG } },
    }),
  );

/** Whether a digest answers one of these {@link blockHello}s. */
export const isBlockDigestOf =
  (nonces: readonly bigint[]) =>
  ({ value }: Received<'dataDig'>): boolean =>
    nonces.includes(value.nonce) && value.msgType === PullMsgType.BLOCK_MSG;

/** Asks for the StateInfo that a peer has of a channel, which goes by its MAC alone (TAG-05). */
export const snapshotRequest = (mac: Uint8Array): Envelope =>
  unsigned(
    gossipMessage({
      tag: Tag.CHAN_OR_ORG,
      content: { kind: 'stateInfoPullReq', value: { channelMac: mac } },
    }),
  );

/**
 * Makes a tester eligible for block pull: tells its StateInfo, and reads it back from a snapshot (BLOCK-07, SINF-09).
 * A Violation if the peer does not list it: it is not in that channel.
 */
export async function enterChannel(
  tester: Tester,
  stream: TesterStream,
  channel: string,
  ledgerHeight = 1n,
): Promise<void> {
  stream.send(stateInfo(tester, channel, tester.nextTime(), undefined, ledgerHeight));
  for (let left = QUESTIONS - 1; ; left--) {
    stream.send(snapshotRequest(channelMac(tester.pkiId, channel)));
    try {
      await stream.expect('stateSnapshot', {
        where: ({ value }) => value.elements.some((element) => isStateInfoBy(tester, element)),
        what: `a snapshot of channel ${channel} that lists the tester’s StateInfo`,
        withinMs: QUESTION_MS,
      });
      return;
    } catch (error) {
      // The StateInfo may still be on its way through the peer.
      if (left === 0 || !(error instanceof Lateness) || !stream.isOpen) throw error;
    }
  }
}

/** How often, and for how long each time, the peer is asked whether it lists a StateInfo. */
const QUESTIONS = 10;
const QUESTION_MS = 500;

function isStateInfoBy(tester: Tester, { payload }: Envelope): boolean {
  const { content } = decodeMessage(payload);
  return content?.kind === 'stateInfo' && sameBytes(content.value.pkiId, tester.pkiId);
}
