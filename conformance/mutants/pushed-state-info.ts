import { encodeEnvelope, encodeMessage, type Envelope, type GossipMessage } from '../../src/wire';
import { hex, sameBytes } from '../steps/bytes';
import { messageOf, mutant, withTamper } from './mutant';

/** Whose a StateInfo is, in hex; empty for what is none. */
function authorOf(element: Envelope): string {
  const content = messageOf(encodeEnvelope(element))?.content;
  return content?.kind === 'stateInfo' ? hex(content.value.pkiId) : '';
}

/** Whom an entry of a response is about, in hex; empty for what is no alive message. */
function memberOf(entry: Envelope): string {
  const content = messageOf(encodeEnvelope(entry))?.content;
  return content?.kind === 'aliveMsg' ? hex(content.value.membership?.pkiId ?? new Uint8Array()) : '';
}

/** A snapshot with other elements. */
const withElements = (snapshot: GossipMessage, elements: readonly Envelope[]): Uint8Array =>
  encodeMessage({ ...snapshot, content: { kind: 'stateSnapshot', value: { elements } } });

/** Wrong only in later state infos of an author, or in those that another peer passes on. */
export const pushedStateInfoMutants = [
  mutant(
    'sinf-by-author-alone',
    'it takes StateInfo from its author alone',
    ['SINF-07'],
    withTamper(() => ({
      incoming: (bytes, { peer }) => {
        const content = messageOf(bytes)?.content;
        return content?.kind === 'stateInfo' && !sameBytes(content.value.pkiId, peer) ? [] : [bytes];
      },
    })),
  ),
  mutant(
    'sinf-of-members-alone',
    'it takes StateInfo of members alone',
    ['SINF-07'],
    withTamper(() => {
      const members = new Set<string>();
      return {
        incoming: (bytes, { peer }) => {
          const content = messageOf(bytes)?.content;
          if (peer !== undefined && (content?.kind === 'aliveMsg' || content?.kind === 'memReq'))
            members.add(hex(peer));
          return content?.kind === 'stateInfo' && !members.has(hex(content.value.pkiId)) ? [] : [bytes];
        },
      };
    }),
  ),
  mutant(
    'sinf-relayed-once',
    'it relays one StateInfo of each author, and no newer one',
    ['SINF-07'],
    withTamper(() => {
      const relayed = new Map<string, string>();
      return {
        outgoing: ({ envelope, message }, { link }) => {
          if (message.content?.kind !== 'stateInfo') return [{ envelope }];
          const [whose, which] = [`${link} ${hex(message.content.value.pkiId)}`, hex(envelope.payload)];
          if (!relayed.has(whose)) relayed.set(whose, which);
          return relayed.get(whose) === which ? [{ envelope }] : [];
        },
      };
    }),
  ),
  mutant(
    'sinf-answers-once',
    'it answers one request for StateInfo on each stream',
    ['SINF-09'],
    withTamper(() => {
      const answered = new Set<string>();
      return {
        incoming: (bytes, { link }) => {
          if (messageOf(bytes)?.content?.kind !== 'stateInfoPullReq') return [bytes];
          if (answered.has(link)) return [];
          answered.add(link);
          return [bytes];
        },
      };
    }),
  ),
  mutant(
    'sinf-snapshot-overrules',
    'an element of a snapshot takes the place of what is newer',
    ['SINF-12'],
    withTamper(() => {
      const told = new Map<string, Envelope>();
      return {
        incoming: (bytes) => {
          const content = messageOf(bytes)?.content;
          for (const element of content?.kind === 'stateSnapshot' ? content.value.elements : []) {
            if (authorOf(element) !== '') told.set(authorOf(element), element);
          }
          return [bytes];
        },
        outgoing: ({ envelope, message }) => {
          const { content } = message;
          if (content?.kind !== 'stateSnapshot') return [{ envelope }];
          const elements = content.value.elements.map((one) => told.get(authorOf(one)) ?? one);
          return [{ envelope: { ...envelope, payload: withElements(message, elements) } }];
        },
      };
    }),
  ),
  mutant(
    'sinf-without-the-dead',
    'it forgets the StateInfo of the dead',
    ['SINF-14'],
    withTamper(() => {
      const dead = new Set<string>();
      return {
        outgoing: ({ envelope, message }) => {
          const { content } = message;
          if (content?.kind === 'memRes') {
            content.value.dead.map(memberOf).forEach((member) => dead.add(member));
            content.value.alive.map(memberOf).forEach((member) => dead.delete(member));
          }
          if (content?.kind !== 'stateSnapshot') return [{ envelope }];
          const elements = content.value.elements.filter((one) => !dead.has(authorOf(one)));
          return [{ envelope: { ...envelope, payload: withElements(message, elements) } }];
        },
      };
    }),
  ),
];
