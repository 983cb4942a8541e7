import {
  decodeMessage,
  encodeEnvelope,
  encodeMessage,
  type Envelope,
  type GossipMessage,
  type MembershipResponse,
} from '../../src/wire';
import type { Deviation } from '../harness/targets/embedded';
import { hex, sameBytes } from '../steps/bytes';
import {
  arriving,
  messageOf,
  mutant,
  sending,
  sendingStrangers,
  UNDECODABLE,
  withTamper,
  type Outgoing,
} from './mutant';

/** The PKI-ID of an alive message's author, in hex. */
function authorOf({ payload }: Envelope): string {
  const { content } = decodeMessage(payload);
  return content?.kind === 'aliveMsg' ? hex(content.value.membership?.pkiId ?? new Uint8Array()) : '';
}

/** What its responses say to members of other organisations. */
const tellingStrangers = (change: (response: MembershipResponse) => Partial<MembershipResponse>): Deviation =>
  sendingStrangers('memRes', (envelope, message) => {
    const { content } = message;
    if (content?.kind !== 'memRes') return [{ envelope }];
    const value = { ...content.value, ...change(content.value) };
    const payload = encodeMessage({ ...message, content: { kind: 'memRes', value } });
    return [{ envelope: { ...envelope, payload } }];
  });

/** An unsigned envelope with another message in it. */
const reworded = (envelope: Envelope, message: GossipMessage): Outgoing => ({
  envelope: { ...envelope, payload: encodeMessage(message) },
});

const nonsense = { payload: Uint8Array.of(1), signature: Uint8Array.of(1) };

/** Wrong only towards peers that it does not know well: other organisations', dead ones, new ones. */
export const strangeCompanyMutants = [
  mutant(
    'memb-hides-the-dead-from-strangers',
    'it tells other organisations of no dead members',
    ['MEMB-07'],
    tellingStrangers(() => ({ dead: [] })),
  ),
  mutant(
    'memb-secrets-of-the-dead',
    'it leaves the secrets of the dead in what it tells other organisations',
    ['MEMB-10'],
    tellingStrangers(({ dead }) => ({
      dead: dead.map((entry) => ({ ...entry, secretEnvelope: nonsense })),
    })),
  ),
  mutant(
    'memb-learns-no-newcomers',
    'it learns nobody from a response who has never spoken to it',
    ['MEMB-15'],
    withTamper(() => {
      const known = new Set<string>();
      return {
        incoming: (bytes, { peer }) => {
          if (peer !== undefined) known.add(hex(peer));
          const message = messageOf(bytes);
          if (message?.content?.kind !== 'memRes') return [bytes];
          const alive = message.content.value.alive.filter(
            (entry) => messageOf(encodeEnvelope(entry)) === undefined || known.has(authorOf(entry)),
          );
          return [
            arriving({
              ...message,
              content: { kind: 'memRes', value: { ...message.content.value, alive } },
            }),
          ];
        },
      };
    }),
  ),
  mutant(
    'alive-newcomers-stay-unknown',
    'it does not relay the first alive message of anybody',
    ['ALIVE-09'],
    withTamper(() => {
      const first = new Map<string, string>();
      return {
        outgoing: ({ envelope, message }) => {
          if (message.content?.kind !== 'aliveMsg') return [{ envelope }];
          const [author, bytes] = [authorOf(envelope), hex(envelope.payload)];
          if (!first.has(author)) first.set(author, bytes);
          return first.get(author) === bytes ? [] : [{ envelope }];
        },
      };
    }),
  ),
  mutant(
    'alive-relays-every-other',
    'it relays every other alive message of a member',
    ['ALIVE-09'],
    sending('aliveMsg', (envelope, _, { timestamp }) =>
      (timestamp?.seqNum ?? 0n) % 2n === 0n ? [{ envelope }] : [],
    ),
  ),
  mutant('alive-own-ends-stream', 'it ends a stream that brings an alive message of its own', ['ALIVE-12'], {
    peer: ({ identity }) => ({
      tamper: {
        incoming: (bytes) => {
          const content = messageOf(bytes)?.content;
          const isOwn =
            content?.kind === 'aliveMsg' && sameBytes(content.value.membership?.pkiId, identity.pkiId);
          return [isOwn ? UNDECODABLE : bytes];
        },
      },
    }),
  }),
  mutant(
    'dead-come-back-and-stay',
    'it lists the dead as dead though they have come back',
    ['DEAD-04'],
    withTamper(() => {
      const dead = new Map<string, Envelope>();
      return {
        outgoing: ({ envelope, message }) => {
          const { content } = message;
          if (content?.kind !== 'memRes') return [{ envelope }];
          for (const one of content.value.dead) dead.set(authorOf(one), one);
          const value = { ...content.value, dead: [...dead.values()] };
          const payload = encodeMessage({ ...message, content: { kind: 'memRes', value } });
          return [{ envelope: { ...envelope, payload } }];
        },
      };
    }),
  ),
  mutant('cert-hides-the-dead', 'it hands out no identities of dead members', ['CERT-05'], {
    peer: () => {
      const dead = new Set<string>();
      const isOfTheDead = (item: Envelope): boolean => {
        const content = messageOf(encodeEnvelope(item))?.content;
        return content?.kind === 'peerIdentity' && dead.has(hex(content.value.pkiId));
      };
      return {
        tamper: {
          outgoing: ({ envelope, message }) => {
            const { content } = message;
            if (content?.kind === 'memRes') for (const one of content.value.dead) dead.add(authorOf(one));
            if (content?.kind === 'dataDig') {
              const digests = content.value.digests.filter((id) => !dead.has(hex(id)));
              const value = { ...content.value, digests };
              return [reworded(envelope, { ...message, content: { kind: 'dataDig', value } })];
            }
            if (content?.kind === 'dataUpdate') {
              const data = content.value.data.filter((item) => !isOfTheDead(item));
              const value = { ...content.value, data };
              return [reworded(envelope, { ...message, content: { kind: 'dataUpdate', value } })];
            }
            return [{ envelope }];
          },
        },
      };
    },
  }),
];
