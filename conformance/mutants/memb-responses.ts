import { fabricRules } from '../../src/node';
import { decodeMessage, encodeMessage, Tag, type Envelope, type MembershipResponse } from '../../src/wire';
import type { Deviation } from '../harness/targets/embedded';
import { sameBytes } from '../steps/bytes';
import { messageOf, mutant, saying, sending, withRules } from './mutant';
import { ownAliveSays } from './own-alive';

/** What its responses say. */
const responding = (change: (response: MembershipResponse) => Partial<MembershipResponse>): Deviation =>
  saying('memRes', (_, value) => ({
    content: { kind: 'memRes', value: { ...value, ...change(value) } },
  }));

const encodedAnew = (entry: Envelope): Envelope => ({
  ...entry,
  payload: encodeMessage({ ...decodeMessage(entry.payload), unknownFields: [] }),
});

/** Broken in how a peer answers membership requests (MEMB-03 to MEMB-10). */
export const membResponseMutants = [
  mutant('memb-nonce-0', 'its responses have nonce 0', ['MEMB-04'], withRules({ responseNonce: () => 0n })),
  mutant(
    'memb-lossy-nonce',
    'it reads nonces as numbers',
    ['MEMB-04'],
    withRules({ responseNonce: (nonce) => BigInt.asUintN(64, BigInt(Number(nonce))) }),
  ),
  mutant(
    'memb-signed-response',
    'it signs its responses',
    ['MEMB-04'],
    sending('memRes', (envelope, _message, _value, { signer }) => [
      { envelope: { ...envelope, signature: signer.sign(envelope.payload) } },
    ]),
  ),
  mutant(
    'memb-response-org-only',
    'its responses have the tag ORG_ONLY',
    ['MEMB-04'],
    saying('memRes', () => ({ tag: Tag.ORG_ONLY })),
  ),
  mutant(
    'memb-answers-once',
    'it answers no request whose self_information it knows',
    ['MEMB-05'],
    withRules({ answersRepeatedRequest: () => false }),
  ),
  mutant(
    'memb-leaves-requester-out',
    'it does not list the requester',
    ['MEMB-03', 'MEMB-06'],
    withRules({ lists: (member, requester) => !sameBytes(member, requester) }),
  ),
  mutant(
    'memb-leaves-itself-out',
    'it does not list itself',
    ['MEMB-06'],
    withRules({ listsSelf: () => false }),
  ),
  mutant(
    'memb-itself-first',
    'it lists itself first',
    ['MEMB-06'],
    responding(({ alive }) => ({ alive: [...alive.slice(-1), ...alive.slice(0, -1)] })),
  ),
  mutant('memb-fresh-alive-each-time', 'its responses end with an alive message made for them', ['MEMB-06'], {
    peer: responsesWithNewAlives(),
  }),
  mutant(
    'memb-lists-ten',
    'it lists ten alive members at most besides itself',
    ['MEMB-06'],
    responding(({ alive }) => ({ alive: [...alive.slice(0, -1).slice(0, 10), ...alive.slice(-1)] })),
  ),
  mutant(
    'memb-hides-the-dead',
    'it lists no dead members',
    ['MEMB-07', 'MEMB-16'],
    withRules({ listsDead: () => false }),
  ),
  mutant(
    'memb-lists-one-dead',
    'it lists one dead member at most',
    ['MEMB-07'],
    responding(({ dead }) => ({ dead: dead.slice(0, 1) })),
  ),
  mutant(
    'memb-spares-the-knowing',
    'it leaves out whom the requester says it knows',
    ['MEMB-08'],
    withRules({ lists: (member, _requester, known) => !known.some((one) => sameBytes(one, member)) }),
  ),
  mutant(
    'memb-tells-own-of-foreign',
    'it tells its own organisation of foreign members',
    ['MEMB-09'],
    withRules({
      mayDisclose: (disclosure) =>
        fabricRules.mayDisclose(disclosure) || disclosure.requesterOrg === disclosure.selfOrg,
    }),
  ),
  mutant(
    'memb-tells-foreign-of-hidden',
    'it tells other organisations of its own members without an external endpoint',
    ['MEMB-09'],
    withRules({
      mayDisclose: (disclosure) => fabricRules.mayDisclose({ ...disclosure, entryEndpoint: 'x' }),
    }),
  ),
  mutant(
    'memb-tells-foreign-of-hidden-dead',
    'it tells other organisations of its own dead members without an external endpoint',
    ['MEMB-09'],
    abroad((_, dead) => ({ dead })),
  ),
  mutant(
    'memb-tells-foreign-of-itself-alone',
    'it tells other organisations of none of its own members',
    ['MEMB-09', 'MEMB-10'],
    abroad(({ alive }) => ({ alive: alive.slice(-1), dead: [] })),
  ),
  mutant(
    'memb-hides-foreign-from-their-own',
    'it tells a foreign peer of members of its organisation only if they have an external endpoint',
    ['MEMB-09'],
    withRules({
      mayDisclose: (disclosure) =>
        fabricRules.mayDisclose(disclosure) &&
        (disclosure.entryOrg !== disclosure.requesterOrg ||
          disclosure.entryOrg === disclosure.selfOrg ||
          disclosure.entryEndpoint !== ''),
    }),
  ),
  mutant(
    'memb-encodes-anew',
    'its entries lack the fields that it does not know',
    ['MEMB-03', 'MEMB-07', 'MEMB-10'],
    responding(({ alive, dead }) => ({ alive: alive.map(encodedAnew), dead: dead.map(encodedAnew) })),
  ),
  mutant(
    'memb-entries-without-secrets',
    'its entries have no secrets',
    ['MEMB-10'],
    responding(({ alive, dead }) => {
      const strip = (entry: Envelope): Envelope => ({ ...entry, secretEnvelope: undefined });
      return { alive: alive.map(strip), dead: dead.map(strip) };
    }),
  ),
];

/** Every response ends with an alive message newer than all before. */
function responsesWithNewAlives(): NonNullable<Deviation['peer']> {
  let made = 0n;
  const twist = ownAliveSays((alive, place) => {
    if (place !== 'response' || alive.timestamp === undefined) return {};
    made += 1n;
    return { timestamp: { ...alive.timestamp, seqNum: alive.timestamp.seqNum + made } };
  });
  return twist.peer ?? (() => ({}));
}

/** Changes its responses to other organisations. `dead`: what it told its own of the dead. */
function abroad(
  change: (told: MembershipResponse, dead: readonly Envelope[]) => Partial<MembershipResponse>,
): Deviation {
  return {
    peer: ({ identity }) => {
      const isOwn = new Map<string, boolean>();
      let dead: readonly Envelope[] = [];
      return {
        tamper: {
          incoming: (bytes, { link }) => {
            const content = messageOf(bytes)?.content;
            if (content?.kind === 'conn') {
              isOwn.set(link, Buffer.from(content.value.identity).includes(identity.mspId));
            }
            return [bytes];
          },
          outgoing: ({ envelope, message }, { link }) => {
            const { content } = message;
            if (content?.kind !== 'memRes') return [{ envelope }];
            if (isOwn.get(link) === true) dead = content.value.dead;
            if (isOwn.get(link) !== false) return [{ envelope }];
            const value = { ...content.value, ...change(content.value, dead) };
            const payload = encodeMessage({ ...message, content: { kind: 'memRes', value } });
            return [{ envelope: { ...envelope, payload } }];
          },
        },
      };
    },
  };
}
