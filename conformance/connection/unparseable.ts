import { StatusCode } from '../../src/ports/transport';
import { envelope } from '../../src/wire';
import { check, type Check } from '../harness/check';
import { demand } from '../harness/verdict';
import { dialledBy } from '../steps/dial-back';
import { connected } from '../steps/handshake';
import { identityHello, unsigned } from '../steps/messages';

const nonsense = Uint8Array.of(0xff, 0xff, 0xff);

/** Envelopes that are no gossip message, each with what is wrong. */
const unparseable: ReadonlyMap<string, Uint8Array> = new Map([
  ['bytes that are no message', nonsense],
  ['a message that is cut off', Uint8Array.of(0x18, 0x01, 0x4a, 0x04, 0x08)],
  // tag EMPTY; alive_msg { membership { endpoint: ff fe } }
  ['a text that is not UTF-8', Uint8Array.of(0x18, 0x01, 0x2a, 0x06, 0x0a, 0x04, 0x0a, 0x02, 0xff, 0xfe)],
]);

/** Streams on which something comes that is no message. */
export const unparseableChecks: readonly Check[] = [
  check('LIFE-11', 'ends a stream on which something comes that is no message', {}, async (t) => {
    for (const [what, payload] of unparseable) {
      const stream = await connected(t);
      stream.sendWrong(envelope(payload));
      const ending = await stream.expectEnd(`the end of the stream after ${what}`);
      demand(ending.code === StatusCode.UNKNOWN, `status UNKNOWN after ${what}`, `status ${ending.code}`);
    }
    await t.demandAlive();
  }),

  check(
    'LIFE-12',
    'reads nothing more on a stream that it opened, and on which something came that is no message',
    { lane: 'view', needs: ['dial-back'] },
    async (t) => {
      const { stream } = await dialledBy(t, t.tester);
      await t.control('the peer reads what comes on the stream', () => t.marker(stream));
      const nonce = t.random.uint64();
      stream.sendWrong(envelope(nonsense));
      stream.send(unsigned(identityHello(nonce)));
      // By another way, which is behind: where one answer is, the other would be.
      await t.demandAlive();
      await t.quiet();
      stream.expectNone(
        'dataDig',
        'no answer to a Hello behind what is no message',
        ({ value }) => value.nonce === nonce,
      );
      await t.demandAlive();
    },
  ),
];
