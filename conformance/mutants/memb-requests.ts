import { fabricRules } from '../../src/node';
import { decodeMessage, encodeEnvelope, encodeMessage, Tag, type Envelope } from '../../src/wire';
import type { Deviation } from '../harness/targets/embedded';
import {
  arriving,
  hearing,
  isAlive,
  mutant,
  saying,
  sending,
  withRules,
  withSettings,
  withTamper,
} from './mutant';

/** Answers a request without self_information as if it had the one by which the sender introduced itself. */
const lenient: Deviation = hearing('memReq', () => {
  const first = new Map<string, Envelope>();
  return (request, _, message, { link }) => {
    const { selfInformation = first.get(link) } = request;
    if (!first.has(link) && selfInformation !== undefined) first.set(link, selfInformation);
    return [arriving({ ...message, content: { kind: 'memReq', value: { ...request, selfInformation } } })];
  };
});

/** Broken in what a peer asks of members, and what it takes of requests (MEMB-01 to MEMB-03, MEMB-12). */
export const membRequestMutants = [
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
    'memb-requests-refresh-nobody',
    'it learns of a request who asks, and of none after that',
    ['MEMB-03'],
    hearing('memReq', () => {
      const first = new Map<string, Envelope | undefined>();
      return (request, _, message, { link }) => {
        if (!first.has(link)) first.set(link, request.selfInformation);
        const selfInformation = first.get(link);
        return [
          arriving({ ...message, content: { kind: 'memReq', value: { ...request, selfInformation } } }),
        ];
      };
    }),
  ),
  mutant(
    'memb-relays-requesters',
    'it relays the self_information of requests',
    ['MEMB-03', 'EMIT-05'],
    hearing(
      'memReq',
      () =>
        ({ selfInformation }, bytes) =>
          selfInformation === undefined || !isAlive(selfInformation)
            ? [bytes]
            : [encodeEnvelope(selfInformation), bytes],
    ),
  ),
  mutant(
    'memb-asks-fewer',
    'it asks fewer members than pullPeerNum at a time',
    ['MEMB-12', 'PULL-09'],
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
