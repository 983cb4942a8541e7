import { hex, sameBytes } from '../steps/bytes';
import { messageOf, mutant, withTamper } from './mutant';

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
];
