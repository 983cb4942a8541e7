import { check, type Check } from '../harness/check';
import { demand, Inconclusive } from '../harness/verdict';
import { blockHello, enterChannel, isBlockDigestOf } from '../steps/block-pull';
import { identityHello, identityRequest, unsigned } from '../steps/messages';

export const silenceChecks: readonly Check[] = [
  check(
    'PULL-03',
    'answers no Hello of another organisation, for which a hidden peer has nothing',
    { foreign: 1, needs: ['hidden'] },
    async (t) => {
      const own = await t.control('a Hello of its own organisation is answered', async () => {
        const stream = await t.tester.connect();
        await t.marker(stream);
        return stream;
      });
      const stream = await t.control('another organisation shakes hands', () => t.stranger.connect());
      for (let i = 0; i < 3; i++) stream.send(unsigned(identityHello(t.random.uint64())));
      // A hidden peer ends the stream of whoever asks it for membership from outside (MEMB-11): it has read the rest.
      stream.send(t.stranger.request());
      await t.control('the peer reads the stream', () => stream.expectEnd('the end of the stream'));
      stream.expectNone('dataDig', 'no digest where there is nothing to offer');
      await t.marker(own);
    },
  ),

  check('PULL-03', 'answers no block Hello while it holds no block', { needs: ['block-pull'] }, async (t) => {
    const channel = t.channel ?? '';
    const stream = await t.control('the peer knows the tester as a member of the channel', async () => {
      const opened = await t.tester.connect();
      await enterChannel(t.tester, opened, channel);
      return opened;
    });
    const nonces = [t.random.uint64(), t.random.uint64(), 1n];
    for (const nonce of nonces) stream.send(blockHello(channel, nonce));
    await t.marker(stream);
    await t.quiet();
    const digests = stream.received.filter((one) => one.kind === 'dataDig').filter(isBlockDigestOf(nonces));
    demand(
      digests.every(({ value }) => value.digests.length > 0),
      'no digest where there is nothing to offer',
      'an empty one',
    );
    if (digests.length > 0) throw new Inconclusive('a block came to the peer just now');
    await t.demandAlive();
  }),

  check(
    'CERT-05',
    'hands out nothing to another organisation while it is hidden from it',
    { foreign: 1, needs: ['hidden'] },
    async (t) => {
      const own = await t.tester.connect();
      await t.control('a Hello of its own organisation is answered', () => t.marker(own));
      const stream = await t.control('another organisation shakes hands', () => t.stranger.connect());
      const nonce = t.random.uint64();
      // The Hello makes the nonce good, though it gets no digest (PULL-05).
      stream.send(unsigned(identityHello(nonce)));
      stream.send(unsigned(identityRequest(nonce, [t.put.pkiId, t.tester.pkiId])));
      stream.send(t.stranger.request());
      await t.control('the peer reads the stream', () => stream.expectEnd('the end of the stream'));
      stream.expectNone('dataDig', 'no digest for one that may see nothing');
      stream.expectNone('dataUpdate', 'no update for one that may see nothing');
      await t.marker(own);
    },
  ),
];
