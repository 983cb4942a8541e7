import { deserializeIdentity } from '../../src/identity';
import { fabricRules } from '../../src/node';
import {
  decodeMessage,
  encodeEnvelope,
  encodeMessage,
  Tag,
  type ContentOf,
  type Envelope,
} from '../../src/wire';
import { hex, sameBytes } from '../steps/bytes';
import type { Deviation } from '../harness/targets/embedded';
import { messageOf, mutant, saying, withRules, withTamper } from './mutant';

/** Makes the items that it hands out of its own identity different, and signs them anew. */
const ownItem = (
  change: (value: ContentOf<'peerIdentity'>) => { tag?: number; value?: ContentOf<'peerIdentity'> },
): Deviation => ({
  peer: ({ identity }) => ({
    tamper: {
      outgoing: ({ envelope, message }) => {
        const { content } = message;
        if (content?.kind !== 'dataUpdate') return [{ envelope }];
        const data = content.value.data.map((item): Envelope => {
          const inner = decodeMessage(item.payload);
          if (
            inner.content?.kind !== 'peerIdentity' ||
            hex(inner.content.value.pkiId) !== hex(identity.pkiId)
          ) {
            return item;
          }
          const { tag = inner.tag, value = inner.content.value } = change(inner.content.value);
          const payload = encodeMessage({ ...inner, tag, content: { kind: 'peerIdentity', value } });
          return { payload, signature: identity.sign(payload), secretEnvelope: undefined };
        });
        const value = { ...content.value, data };
        return [
          {
            envelope: {
              ...envelope,
              payload: encodeMessage({ ...message, content: { kind: 'dataUpdate', value } }),
            },
          },
        ];
      },
    },
  }),
});

/** The organisations of those who shook hands, by PKI-ID. */
function handshakes() {
  const orgs = new Map<string, string>();
  return {
    orgs,
    incoming: (bytes: Uint8Array): readonly Uint8Array[] => {
      const content = messageOf(bytes)?.content;
      if (content?.kind === 'conn') {
        orgs.set(hex(content.value.pkiId), deserializeIdentity(content.value.identity)?.mspId ?? '');
      }
      return [bytes];
    },
  };
}

export const certMutants = [
  mutant(
    'cert-item-org-only',
    'its own identity item has the tag ORG_ONLY',
    ['CERT-01'],
    ownItem(() => ({ tag: Tag.ORG_ONLY })),
  ),
  mutant(
    'cert-item-with-metadata',
    'its own identity item has metadata',
    ['CERT-01'],
    ownItem((value) => ({ value: { ...value, metadata: Uint8Array.of(1) } })),
  ),
  mutant(
    'cert-item-unsigned',
    'its own identity item is not signed',
    ['CERT-01', 'PULL-08'],
    saying('dataUpdate', (_, value) => ({
      content: {
        kind: 'dataUpdate',
        value: { ...value, data: value.data.map((item) => ({ ...item, signature: new Uint8Array() })) },
      },
    })),
  ),
  mutant(
    'cert-digest-in-hex',
    'it names identities by their PKI-ID in hexadecimal',
    ['CERT-02'],
    saying('dataDig', (_, value) => ({
      content: {
        kind: 'dataDig',
        value: { ...value, digests: value.digests.map((digest) => new TextEncoder().encode(hex(digest))) },
      },
    })),
  ),
  mutant(
    'cert-lists-handshakes',
    'it lists the identities of all who shook hands with it',
    ['CERT-03'],
    withTamper(() => {
      const { orgs, incoming } = handshakes();
      return {
        incoming,
        outgoing: ({ envelope, message }) => {
          const { content } = message;
          if (content?.kind !== 'dataDig') return [{ envelope }];
          const known = [...content.value.digests.map(hex), ...orgs.keys()];
          const digests = [...new Set(known)].map((id) => Uint8Array.from(Buffer.from(id, 'hex')));
          const payload = encodeMessage({
            ...message,
            content: { kind: 'dataDig', value: { ...content.value, digests } },
          });
          return [{ envelope: { ...envelope, payload } }];
        },
      };
    }),
  ),
  mutant('cert-forgets-itself', 'it offers its own identity until it has pulled another', ['CERT-03'], {
    peer: ({ identity }) => {
      let hasPulled = false;
      const isOther = (item: Envelope): boolean => {
        const content = messageOf(encodeEnvelope(item))?.content;
        return content?.kind !== 'peerIdentity' || !sameBytes(content.value.pkiId, identity.pkiId);
      };
      return {
        tamper: {
          incoming: (bytes) => {
            hasPulled ||= messageOf(bytes)?.content?.kind === 'dataUpdate';
            return [bytes];
          },
          outgoing: ({ envelope, message }) => {
            const { content } = message;
            if (content?.kind !== 'dataUpdate' || !hasPulled) return [{ envelope }];
            const data = content.value.data.filter(isOther);
            if (data.length === 0) return [];
            const value = { ...content.value, data };
            const payload = encodeMessage({ ...message, content: { kind: 'dataUpdate', value } });
            return [{ envelope: { ...envelope, payload } }];
          },
        },
      };
    },
  }),
  mutant('cert-hello-own-org', 'it says Hello to members of its own organisation alone', ['CERT-04'], {
    peer: ({ identity }) => {
      const { orgs, incoming } = handshakes();
      return {
        tamper: {
          incoming,
          outgoing: ({ envelope, message }, { peer }) => {
            const foreign = peer !== undefined && orgs.get(hex(peer)) !== identity.mspId;
            return message.content?.kind === 'hello' && foreign ? [] : [{ envelope }];
          },
        },
      };
    },
  }),
  mutant(
    'cert-offers-hidden',
    'it offers members without external endpoint to other organisations',
    ['CERT-05'],
    withRules({ mayOffer: (offer) => fabricRules.mayOffer({ ...offer, itemHasExternalEndpoint: true }) }),
  ),
  mutant(
    'cert-offers-nothing-outside',
    'it offers nothing to other organisations',
    ['CERT-05'],
    withRules({ mayOffer: ({ selfOrg, requesterOrg }) => requesterOrg === selfOrg }),
  ),
  mutant(
    'cert-hides-foreign-inside',
    'it offers foreign identities to nobody of its own organisation',
    ['CERT-05'],
    withRules({
      mayOffer: (offer) =>
        fabricRules.mayOffer(offer) &&
        (offer.requesterOrg !== offer.selfOrg || offer.itemOrg === offer.selfOrg),
    }),
  ),
  mutant(
    'cert-hides-requesters-org',
    'it offers to another organisation its own identities alone',
    ['CERT-05'],
    withRules({
      mayOffer: (offer) =>
        fabricRules.mayOffer(offer) &&
        (offer.requesterOrg === offer.selfOrg || offer.itemOrg === offer.selfOrg),
    }),
  ),
];
