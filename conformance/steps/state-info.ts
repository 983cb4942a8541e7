import { channelMac } from '../../src/identity';
import { Tag, type Envelope, type PeerTime } from '../../src/wire';
import type { Tester } from '../harness/tester';
import type { Received } from '../harness/tester-stream';
import { sameTime } from './alive';
import { sameBytes } from './bytes';
import { signed } from './messages';

/** A StateInfo of a tester in a channel, at a time of its own (SINF-01). `mac`: another than that of TAG-04. */
export const stateInfo = (
  author: Tester,
  channel: string,
  timestamp: PeerTime,
  mac = channelMac(author.pkiId, channel),
  ledgerHeight = 1n,
): Envelope =>
  signed(author.identity, {
    nonce: 0n,
    channel: new Uint8Array(),
    tag: Tag.CHAN_OR_ORG,
    content: {
      kind: 'stateInfo',
      value: {
        timestamp,
        pkiId: author.pkiId,
        channelMac: mac,
        properties: { ledgerHeight, leftChannel: false, chaincodes: [] },
      },
    },
  });

/** Whether a push is a StateInfo of this author and time. */
export const isStateInfoOf =
  (author: Tester, timestamp: PeerTime) =>
  ({ value }: Received<'stateInfo'>): boolean =>
    sameBytes(value.pkiId, author.pkiId) && sameTime(value.timestamp, timestamp);
