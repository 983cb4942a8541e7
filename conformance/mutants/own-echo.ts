import { decodeEnvelope } from '../../src/wire';
import type { Deviation } from '../harness/targets/embedded';
import { hex, sameBytes } from '../steps/bytes';
import { messageOf, mutant, withRules } from './mutant';

/** Passes alive messages of its own that come to it on, each once, with the next alive message to each member. */
const passesItsOwnOn: Deviation = {
  peer: ({ identity }) => {
    const echoes = new Map<string, Uint8Array>();
    const passedOn = new Map<string, number>();
    return {
      tamper: {
        incoming: (bytes) => {
          const content = messageOf(bytes)?.content;
          if (content?.kind !== 'aliveMsg') return [bytes];
          if (sameBytes(content.value.membership?.pkiId, identity.pkiId)) echoes.set(hex(bytes), bytes);
          return [bytes];
        },
        outgoing: ({ envelope, message }, { link }) => {
          if (message.content?.kind !== 'aliveMsg') return [{ envelope }];
          const news = [...echoes.values()].slice(passedOn.get(link) ?? 0);
          passedOn.set(link, echoes.size);
          return [{ envelope }, ...news.map((bytes) => ({ envelope: decodeEnvelope(bytes) }))];
        },
      },
    };
  },
};

/** Wrong in what it makes of its own alive messages. */
export const ownEchoMutants = [
  mutant(
    'alive-counts-by-ten',
    'the seq_num of its alive messages grows by ten',
    ['ALIVE-02'],
    withRules({ nextSeqNum: (seqNum) => seqNum + 10n }),
  ),
  mutant('alive-relays-its-own', 'it relays alive messages of its own, once', ['ALIVE-12'], passesItsOwnOn),
];
