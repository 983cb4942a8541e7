import { fabricRules } from '../../src/node';
import { StatusCode } from '../../src/ports/transport';
import {
  decodeEnvelope,
  decodeMessage,
  encodeEnvelope,
  encodeMessage,
  Tag,
  WireError,
  type ContentOf,
  type Envelope,
  type MembershipResponse,
} from '../../src/wire';
import type { Deviation } from '../harness/targets/embedded';
import { sameBytes } from '../steps/bytes';
import { arriving, messageOf, mutant, saying, sending, withRules, withSettings, withTamper } from './mutant';
import { ownAliveSays } from './own-alive';

/** What its responses say. */
const responding = (change: (response: MembershipResponse) => Partial<MembershipResponse>): Deviation =>
  saying('memRes', (_, value) => ({
    content: { kind: 'memRes', value: { ...value, ...change(value) } },
  }));

/** What it reads of responses. */
const reading = (change: (response: ContentOf<'memRes'>) => Partial<MembershipResponse>): Deviation =>
  withTamper(() => ({
    incoming: (bytes) => {
      const message = messageOf(bytes);
      if (message?.content?.kind !== 'memRes') return [bytes];
      const { value } = message.content;
      return [arriving({ ...message, content: { kind: 'memRes', value: { ...value, ...change(value) } } })];
    },
  }));

const decodes = ({ payload }: Envelope): boolean => {
  try {
    return decodeMessage(payload).content?.kind === 'aliveMsg';
  } catch (error) {
    if (error instanceof WireError) return false;
    throw error;
  }
};

const encodedAnew = (entry: Envelope): Envelope => ({
  ...entry,
  payload: encodeMessage({ ...decodeMessage(entry.payload), unknownFields: [] }),
});

/** Puts an alive message in place of the self_information of a request, or pushes it before. */
const requestsArrive = (
  make: () => (request: ContentOf<'memReq'>, bytes: Uint8Array, link: string) => readonly Uint8Array[],
): Deviation =>
  withTamper(() => {
    const change = make();
    return {
      incoming: (bytes, { link }) => {
        const content = messageOf(bytes)?.content;
        return content?.kind === 'memReq' ? change(content.value, bytes, link) : [bytes];
      },
    };
  });

/** Answers a request without self_information as if it had the one by which the sender introduced itself. */
const lenient: Deviation = requestsArrive(() => {
  const first = new Map<string, Envelope>();
  return (request, bytes, link) => {
    const { selfInformation = first.get(link) } = request;
    if (!first.has(link) && selfInformation !== undefined) first.set(link, selfInformation);
    const message = messageOf(bytes);
    if (message === undefined) return [bytes];
    return [arriving({ ...message, content: { kind: 'memReq', value: { ...request, selfInformation } } })];
  };
});

export const membMutants = [
  mutant(
    'memb-stale-self-information',
    'every request introduces it with its first alive message',
    ['MEMB-01', 'ALIVE-02'],
    withTamper(() => {
      let first: Envelope | undefined;
      return {
        outgoing: ({ envelope, message }) => {
          const { content } = message;
          if (content?.kind !== 'memReq') return [{ envelope }];
          first ??= content.value.selfInformation;
          const value = { ...content.value, selfInformation: first };
          return [
            {
              envelope: {
                ...envelope,
                payload: encodeMessage({ ...message, content: { kind: 'memReq', value } }),
              },
            },
          ];
        },
      };
    }),
  ),
  mutant(
    'memb-tells-whom-it-knows',
    'its requests list a peer as known',
    ['MEMB-01'],
    saying('memReq', (_, value) => ({
      content: { kind: 'memReq', value: { ...value, known: [new Uint8Array(32)] } },
    })),
  ),
  mutant(
    'memb-request-org-only',
    'its requests have the tag ORG_ONLY',
    ['MEMB-01'],
    saying('memReq', () => ({ tag: Tag.ORG_ONLY })),
  ),
  mutant(
    'memb-signed-request',
    'it signs its requests',
    ['MEMB-01'],
    sending('memReq', (envelope, _message, _value, { signer }) => [
      { envelope: { ...envelope, signature: signer.sign(envelope.payload) } },
    ]),
  ),
  mutant(
    'memb-anybodys-self-information',
    'it answers a request that introduces another peer',
    ['MEMB-02'],
    withRules({ selfInformationMatches: () => true }),
  ),
  mutant(
    'memb-any-signature',
    'it does not verify alive messages',
    ['MEMB-02', 'MEMB-15', 'MEMB-16'],
    withRules({
      signatureFault: (envelope, author) =>
        decodeMessage(envelope.payload).content?.kind === 'aliveMsg'
          ? undefined
          : fabricRules.signatureFault(envelope, author),
    }),
  ),
  mutant('memb-no-self-information', 'it answers a request without self_information', ['MEMB-02'], lenient),
  mutant(
    'memb-introduces-nobody',
    'it learns nothing from requests',
    ['MEMB-03'],
    withRules({ requestIntroduces: () => false }),
  ),
  mutant(
    'memb-relays-requesters',
    'it relays the self_information of requests',
    ['MEMB-03', 'EMIT-05'],
    requestsArrive(
      () =>
        ({ selfInformation }, bytes) =>
          selfInformation === undefined || !decodes(selfInformation)
            ? [bytes]
            : [encodeEnvelope(selfInformation), bytes],
    ),
  ),
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
    'memb-hides-the-dead',
    'it lists no dead members',
    ['MEMB-07', 'MEMB-16'],
    withRules({ listsDead: () => false }),
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
  mutant(
    'memb-dismisses-with-unknown',
    'it ends streams with UNKNOWN that it has no fault to find with',
    ['MEMB-11', 'LIFE-03', 'DEAD-01'],
    withRules({ dismissal: () => ({ code: StatusCode.UNKNOWN, details: 'dismissed' }) }),
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
      const end = alive.findIndex((entry) => !decodes(entry));
      return end < 0 ? {} : { alive: alive.slice(0, end) };
    }),
  ),
  mutant(
    'memb-relays-entries',
    'it relays the alive entries of responses',
    ['MEMB-15', 'EMIT-05'],
    withTamper(() => ({
      incoming: (bytes) => {
        const content = messageOf(bytes)?.content;
        return content?.kind === 'memRes'
          ? [...content.value.alive.filter(decodes).map(encodeEnvelope), bytes]
          : [bytes];
      },
    })),
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
  mutant(
    'memb-asks-fewer',
    'it asks fewer members than pullPeerNum at a time',
    ['MEMB-12'],
    withSettings({ pullPeerNum: 2 }),
  ),
  mutant(
    'memb-asks-often',
    'it asks members more often than at each pullInterval',
    ['MEMB-12'],
    withSettings({
      pullIntervalMs: 120,
      digestWaitTimeMs: 30,
      requestWaitTimeMs: 60,
      responseWaitTimeMs: 50,
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
