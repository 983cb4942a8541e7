import type { Millis } from '../../src/ports/clock';
import { Tag } from '../../src/wire';
import { embeddedTiming as honest } from '../harness/targets/embedded-timing';
import { hearing, messageOf, mutant, saying, sending, withRules } from './mutant';

/** Wrong in what it answers to a Hello. */
export const pullDigestMutants = [
  mutant('pull-busy-with-its-own', 'it answers no Hellos while it awaits digests', ['PULL-02'], {
    peer: ({ clock }) => {
      const nowMs = (): Millis => clock?.now() ?? 0;
      let busyUntilMs = 0;
      return {
        tamper: {
          outgoing: ({ envelope, message }) => {
            if (message.content?.kind === 'hello') busyUntilMs = nowMs() + honest.digestWaitTimeMs;
            return [{ envelope }];
          },
          incoming: (bytes) =>
            messageOf(bytes)?.content?.kind === 'hello' && nowMs() < busyUntilMs ? [] : [bytes],
        },
      };
    },
  }),
  mutant(
    'pull-digest-next-nonce',
    'its digests answer with the nonce after that of the Hello',
    ['PULL-02'],
    saying('dataDig', (_, value) => ({
      content: { kind: 'dataDig', value: { ...value, nonce: BigInt.asUintN(64, value.nonce + 1n) } },
    })),
  ),
  mutant(
    'pull-digest-org-only',
    'its digests have the tag ORG_ONLY',
    ['PULL-02'],
    saying('dataDig', () => ({ tag: Tag.ORG_ONLY })),
  ),
  mutant(
    'pull-digest-late',
    'it answers a Hello when the asker has stopped to wait',
    ['PULL-02'],
    sending('dataDig', (envelope) => [{ envelope, delayMs: 4 * honest.digestWaitTimeMs }]),
  ),
  mutant(
    'pull-digest-twice',
    'it answers a Hello twice',
    ['PULL-02'],
    sending('dataDig', (envelope) => [{ envelope }, { envelope }]),
  ),
  mutant(
    'pull-digest-of-one',
    'its digests list one item, whatever it holds',
    ['PULL-02', 'CERT-07'],
    saying('dataDig', (_, value) => ({
      content: { kind: 'dataDig', value: { ...value, digests: value.digests.slice(0, 1) } },
    })),
  ),
  mutant(
    'pull-digest-of-ten',
    'its digests list ten items at most',
    ['PULL-02'],
    saying('dataDig', (_, value) => ({
      content: { kind: 'dataDig', value: { ...value, digests: value.digests.slice(0, 10) } },
    })),
  ),
  mutant(
    'pull-digest-of-more',
    'its digests list an item that it does not hold',
    ['PULL-02'],
    saying('dataDig', (_, value) => ({
      content: { kind: 'dataDig', value: { ...value, digests: [...value.digests, new Uint8Array(32)] } },
    })),
  ),
  mutant('pull-empty-digest', 'it sends a digest though it has nothing to offer', ['PULL-03'], {
    ...withRules({ keepsSilentWithoutItems: () => false }),
    externalEndpoint: false,
  }),
  mutant(
    'pull-deaf-to-nonce-0',
    'it ignores a Hello with nonce 0',
    ['PULL-15'],
    hearing(
      'hello',
      () =>
        ({ nonce }, bytes) =>
          nonce === 0n ? [] : [bytes],
    ),
  ),
];
