import { fabricRules } from '../../src/node';
import { StatusCode } from '../../src/ports/transport';
import {
  decodeEnvelope,
  encodeEnvelope,
  type ContentOf,
  type Envelope,
  type MembershipResponse,
} from '../../src/wire';
import type { Deviation } from '../harness/targets/embedded';
import { entriesAbout, entriesOf } from '../steps/membership';
import { unsigned } from '../steps/messages';
import { arriving, hearing, isAlive, messageOf, mutant, withRules, withSettings, withTamper } from './mutant';

/** What it reads of responses. */
const reading = (change: (response: ContentOf<'memRes'>) => Partial<MembershipResponse>): Deviation =>
  hearing('memRes', () => (value, _, message) => [
    arriving({ ...message, content: { kind: 'memRes', value: { ...value, ...change(value) } } }),
  ]);

/** Broken in what a peer learns of membership (MEMB-11, MEMB-15 to MEMB-17). */
export const membLearningMutants = [
  mutant(
    'memb-answers-the-hidden',
    'it answers foreign peers without an external endpoint',
    ['MEMB-11'],
    withRules({
      mayDisclose: (disclosure) => fabricRules.mayDisclose({ ...disclosure, requesterEndpoint: 'x' }),
    }),
  ),
  mutant(
    'memb-keeps-the-hidden',
    'it neither answers foreign peers without an external endpoint nor closes their connection',
    ['MEMB-11'],
    withRules({ dismissesUndisclosed: () => false }),
  ),
  mutant('memb-dismisses-once', 'it closes one connection alone on which it may not answer', ['MEMB-11'], {
    peer: () => {
      let dismissed = 0;
      return { rules: { ...fabricRules, dismissesUndisclosed: () => ++dismissed === 1 } };
    },
  }),
  mutant(
    'memb-answers-once-shown',
    'it answers foreign peers without an external endpoint when one of them had one before',
    ['MEMB-11'],
    {
      peer: () => {
        let shown = '';
        return {
          rules: {
            ...fabricRules,
            mayDisclose: (disclosure) => {
              const { requesterOrg, selfOrg, requesterEndpoint } = disclosure;
              if (requesterOrg === selfOrg) return fabricRules.mayDisclose(disclosure);
              shown ||= requesterEndpoint;
              return fabricRules.mayDisclose({ ...disclosure, requesterEndpoint: shown });
            },
          },
        };
      },
    },
  ),
  mutant('memb-believes-it-is-dead', 'it tells that it is dead when a response said so', ['MEMB-16'], {
    peer: ({ identity }) => {
      let obituary: readonly Envelope[] = [];
      return {
        tamper: {
          incoming: (bytes) => {
            const content = messageOf(bytes)?.content;
            if (content?.kind === 'memRes') {
              const dead = entriesOf({ ...content.value, alive: [] });
              const own = entriesAbout(dead, identity.pkiId).map(({ envelope }) => envelope);
              obituary = [...obituary, ...own].slice(0, 1);
            }
            return [bytes];
          },
          outgoing: ({ envelope, message }) => {
            const { content } = message;
            if (content?.kind !== 'memRes') return [{ envelope }];
            const dead = [...content.value.dead, ...obituary];
            const value = { ...content.value, dead };
            return [{ envelope: unsigned({ ...message, content: { kind: 'memRes', value } }) }];
          },
        },
      };
    },
  }),
  mutant(
    'memb-dismisses-with-unknown',
    'it ends streams with UNKNOWN that it has no fault to find with',
    ['MEMB-11', 'LIFE-03', 'DEAD-01'],
    withRules({ dismissal: () => ({ code: StatusCode.UNKNOWN, details: 'dismissed' }) }),
  ),
  mutant(
    'memb-reads-ten',
    'it reads ten alive entries of a response at most',
    ['MEMB-15'],
    reading(({ alive }) => ({ alive: alive.slice(0, 10) })),
  ),
  mutant(
    'memb-reads-on',
    'it reads on behind an entry that is no alive message',
    ['MEMB-15'],
    withRules({ badEntryEndsReading: () => false }),
  ),
  mutant(
    'memb-stops-at-invalid',
    'it stops reading at an entry that is not signed',
    ['MEMB-15'],
    reading(({ alive }) => {
      const end = alive.findIndex(({ signature }) => signature.length === 0);
      return end < 0 ? {} : { alive: alive.slice(0, end) };
    }),
  ),
  mutant(
    'memb-reads-the-dead-all-the-same',
    'it reads the dead entries behind a bad alive one',
    ['MEMB-15'],
    reading(({ alive }) => {
      const end = alive.findIndex((entry) => !isAlive(entry));
      return end < 0 ? {} : { alive: alive.slice(0, end) };
    }),
  ),
  mutant(
    'memb-relays-entries',
    'it relays the alive entries of responses',
    ['MEMB-15', 'EMIT-05'],
    hearing('memRes', () => ({ alive }, bytes) => [...alive.filter(isAlive).map(encodeEnvelope), bytes]),
  ),
  mutant(
    'memb-remembers-entries',
    'it takes a push for old that a response told before',
    ['MEMB-15'],
    withTamper(() => {
      const told = new Set<string>();
      return {
        incoming: (bytes) => {
          const content = messageOf(bytes)?.content;
          const keyOf = ({ payload }: Envelope): string => Buffer.from(payload).toString('base64');
          if (content?.kind === 'memRes') for (const entry of content.value.alive) told.add(keyOf(entry));
          return content?.kind === 'aliveMsg' && told.has(keyOf(decodeEnvelope(bytes))) ? [] : [bytes];
        },
      };
    }),
  ),
  mutant(
    'memb-learns-no-dead',
    'it learns nothing from dead entries',
    ['MEMB-16'],
    withRules({ learnsDead: () => false }),
  ),
  mutant(
    'memb-raises-the-dead',
    'it takes dead entries for alive ones',
    ['MEMB-16'],
    reading(({ alive, dead }) => ({ alive: [...alive, ...dead], dead: [] })),
  ),
  mutant(
    'memb-leaves-the-dead-alone',
    'it never calls dead members',
    ['MEMB-16', 'DEAD-05'],
    withSettings({ reconnectIntervalMs: 3_600_000 }),
  ),
  mutant(
    'memb-ignores-unasked',
    'it reads no response that it did not ask for',
    ['MEMB-15', 'MEMB-16', 'MEMB-17'],
    withTamper(() => ({
      incoming: (bytes) => {
        const message = messageOf(bytes);
        return message?.content?.kind === 'memRes' && message.nonce !== 0n ? [] : [bytes];
      },
    })),
  ),
];
