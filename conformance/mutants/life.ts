import { fabricRules } from '../../src/node';
import { StatusCode } from '../../src/ports/transport';
import { identityHello, unsigned } from '../steps/messages';
import { mutant, sending, towards, withRules, withSettings } from './mutant';
import { withTransport } from './wrong-transport';

export const lifeMutants = [
  mutant(
    'life-dials-the-connected',
    'it does not use the streams that members open',
    ['LIFE-01'],
    withRules({ usesConnection: (role) => role === 'initiator' }),
  ),
  mutant(
    'life-keeps-its-own',
    'it keeps its own connection when the member opens one',
    ['LIFE-02'],
    withRules({ inboundReplacesOutbound: () => false }),
  ),
  mutant(
    'life-keeps-its-own-to-strangers',
    'it keeps its own connection when a member of another organisation opens one',
    ['LIFE-02'],
    towards(({ isForeign }) => isForeign, { inboundReplacesOutbound: () => false }),
  ),
  mutant(
    'life-second-stream-replaces',
    'a second stream of a peer takes the place of the first',
    ['LIFE-03'],
    withRules({ secondInbound: () => 'replace' }),
  ),
  mutant(
    'life-second-stream-refused',
    'a second stream of a peer is refused, the first stays',
    ['LIFE-03'],
    withRules({ secondInbound: () => 'refuse' }),
  ),
  mutant(
    'life-second-stream-of-strangers-replaces',
    'a second stream of another organisation’s peer takes the place of the first',
    ['LIFE-03'],
    towards(({ isForeign }) => isForeign, { secondInbound: () => 'replace' }),
  ),
  mutant(
    'life-chatters',
    'it says Hello to everybody who shakes hands',
    ['LIFE-05'],
    sending('conn', (envelope) => [{ envelope }, { envelope: unsigned(identityHello(1n)), delayMs: 100 }]),
  ),
  mutant(
    'life-closes-the-idle',
    'it closes streams that others opened after five seconds',
    ['LIFE-05'],
    withTransport(() => ({ inboundLifeMs: 5_000 })),
  ),
  mutant(
    'life-mute-on-its-own',
    'it answers nothing on the connections that it opened',
    ['LIFE-06'],
    sending('dataDig', (envelope, _message, _value, { link }) =>
      link.startsWith('out-') ? [] : [{ envelope }],
    ),
  ),
  mutant(
    'life-dials-too-briefly',
    'it gives up every dial at once',
    ['LIFE-07'],
    withSettings({ dialTimeoutMs: 0 }),
  ),
  mutant(
    'life-never-forgets',
    'it goes on using a stream that the member has ended',
    ['LIFE-07'],
    withTransport(() => ({ missesEnds: true })),
  ),
  mutant(
    'life-never-forgets-the-unparseable',
    'it goes on using a stream that it ended since what came was no message',
    ['LIFE-07'],
    withTransport(() => ({ endsUnparseable: true })),
  ),
  mutant(
    'life-failures-forgiven',
    'a failed send does not make a member dead',
    ['LIFE-08', 'LIFE-09', 'DEAD-03'],
    withRules({ failedSendKills: () => false }),
  ),
  mutant(
    'life-ignores-garbage',
    'it ignores what is no message',
    ['LIFE-11'],
    withRules({ unparseableEndsStream: (role) => role === 'initiator' }),
  ),
  mutant(
    'life-ignores-garbage-of-responders',
    'it ignores what is no message on streams that it opened',
    ['LIFE-12'],
    withRules({ unparseableEndsStream: (role) => role === 'responder' }),
  ),
  mutant(
    'life-garbage-ends-with-ok',
    'it ends a stream with OK on which something comes that is no message',
    ['LIFE-11'],
    withRules({
      refusal: (reason) =>
        reason === 'unparseable-payload' ? { code: StatusCode.OK, details: '' } : fabricRules.refusal(reason),
    }),
  ),
  mutant(
    'life-answers-out-of-order',
    'every other answer to a Hello comes late',
    ['LIFE-15'],
    sending('dataDig', (envelope, _message, { nonce }) => [
      { envelope, delayMs: nonce % 2n === 0n ? 300 : 0 },
    ]),
  ),
  mutant(
    'life-crossing-kills',
    'it takes a member for dead that dialled it while it was dialled',
    ['LIFE-04'],
    withRules({ survivesCrossing: () => false }),
  ),
];
