import type { Properties } from '../../src/wire';
import type { CheckContext } from '../harness/context';
import type { Tester } from '../harness/tester';
import type { TesterStream } from '../harness/tester-stream';
import { Observer } from './membership';
import { awaitListed, stateInfoWith } from './snapshots';

/** Has a tester tell what it is on a channel, one block and not about to leave by default; awaits that the peer knows. */
export const tellProperties = (
  t: CheckContext,
  tester: Tester,
  stream: TesterStream,
  channel: string,
  properties: Partial<Properties>,
): Promise<void> =>
  t.control('StateInfo of a tester is kept', async () => {
    const timestamp = tester.nextTime();
    stream.send(
      stateInfoWith(tester, channel, {
        timestamp,
        properties: { ledgerHeight: 1n, leftChannel: false, chaincodes: [], ...properties },
      }),
    );
    await awaitListed(t, [tester, stream, channel], tester, timestamp, 'it');
  });

/** Makes a tester a member that has left a channel. */
export async function joinAndLeave(
  t: CheckContext,
  tester: Tester,
  channel: string,
  ledgerHeight = 1n,
): Promise<TesterStream> {
  const { stream } = await Observer.join(t, tester);
  await tellProperties(t, tester, stream, channel, { ledgerHeight, leftChannel: true });
  return stream;
}
