import { deserializeIdentity } from '../../src/identity';
import { fabricRules } from '../../src/node';
import type { PeerIdentity } from '../../src/ports/identity';
import {
  decodeEnvelope,
  decodeMessage,
  encodeEnvelope,
  encodeMessage,
  gossipMessage,
  PullMsgType,
  Tag,
} from '../../src/wire';
import type { Deviation } from '../harness/targets/embedded';
import { hex } from '../steps/bytes';
import { unsigned } from '../steps/messages';
import { arriving, hearing, messageOf, mutant, withRules, withTamper } from './mutant';

/** Does not check who signed the identity items of some; `known`: the PKI-IDs, in hex, of all who have shaken hands. */
const trustingItems = (
  isTrusted: (owner: PeerIdentity, self: PeerIdentity, known: ReadonlySet<string>) => boolean,
): Deviation => ({
  peer: ({ identity }) => {
    const known = new Set<string>();
    return {
      rules: {
        ...fabricRules,
        signatureFault: (envelope, author) =>
          decodeMessage(envelope.payload).content?.kind === 'peerIdentity' &&
          isTrusted(author, identity, known)
            ? undefined
            : fabricRules.signatureFault(envelope, author),
      },
      tamper: {
        incoming: (bytes, { peer }) => {
          if (peer !== undefined) known.add(hex(peer));
          return [bytes];
        },
      },
    };
  },
});

/** Wrong in what it makes of the identities that it is told. */
export const certUpdateMutants = [
  mutant(
    'cert-skips-bad-items',
    'it takes the good items of an update with a bad one',
    ['CERT-06'],
    withRules({ oneBadItemVoidsUpdate: () => false }),
  ),
  mutant(
    'cert-trusts-items',
    'it does not check who signed an identity item',
    ['CERT-06'],
    trustingItems(() => true),
  ),
  mutant(
    'cert-trusts-items-of-strangers',
    'it does not check who signed an identity item of another organisation',
    ['CERT-06'],
    trustingItems((owner, self) => owner.mspId !== self.mspId),
  ),
  mutant(
    'cert-trusts-items-of-the-known',
    'it does not check who signed an identity item of one who has shaken hands with it',
    ['CERT-06'],
    trustingItems((owner, _, known) => known.has(hex(owner.pkiId))),
  ),
  mutant(
    'cert-learns-nothing',
    'it ignores what it has pulled',
    ['CERT-07'],
    hearing('dataUpdate', () => () => []),
  ),
  mutant(
    'cert-ignores-unasked',
    'it ignores an update that it did not ask for',
    ['CERT-08'],
    withTamper(() => {
      const asked = new Set<bigint>();
      return {
        outgoing: ({ envelope, message }) => {
          if (message.content?.kind === 'dataReq') asked.add(message.content.value.nonce);
          return [{ envelope }];
        },
        incoming: (bytes) => {
          const content = messageOf(bytes)?.content;
          return content?.kind === 'dataUpdate' && !asked.has(content.value.nonce) ? [] : [bytes];
        },
      };
    }),
  ),
  mutant(
    'cert-takes-top-level',
    'it learns an identity that comes as a message of its own',
    ['CERT-09'],
    hearing('peerIdentity', () => (_, bytes, message) => {
      const value = { nonce: 1n, data: [decodeEnvelope(bytes)], msgType: PullMsgType.IDENTITY_MSG };
      return [arriving({ ...message, tag: Tag.EMPTY, content: { kind: 'dataUpdate', value } })];
    }),
  ),
  mutant(
    'cert-keeps-expired',
    'it offers identities that have expired',
    ['CERT-10'],
    withRules({ isExpired: () => false }),
  ),
  mutant(
    'cert-asks-out-of-turn',
    'it asks whoever brings an alive message for the identity of an unknown author',
    ['CERT-11'],
    withTamper(() => {
      const wanted = new Map<string, Uint8Array[]>();
      return {
        incoming: (bytes, { link }) => {
          const content = messageOf(bytes)?.content;
          if (content?.kind === 'aliveMsg' && content.value.identity.length === 0) {
            const pkiId = content.value.membership?.pkiId ?? new Uint8Array();
            wanted.set(link, [...(wanted.get(link) ?? []), pkiId]);
          }
          return [bytes];
        },
        outgoing: ({ envelope }, { link }) => {
          const digests = wanted.get(link);
          if (digests === undefined) return [{ envelope }];
          wanted.delete(link);
          const value = { nonce: 1n, digests, msgType: PullMsgType.IDENTITY_MSG };
          const request = gossipMessage({ tag: Tag.EMPTY, content: { kind: 'dataReq', value } });
          return [{ envelope }, { envelope: unsigned(request) }];
        },
      };
    }),
  ),
  mutant(
    'cert-asks-for-strangers-alone',
    'it asks for no identity that it knows from a handshake',
    ['PULL-11'],
    withTamper(() => {
      const met = new Set<string>();
      return {
        incoming: (bytes) => {
          const content = messageOf(bytes)?.content;
          if (content?.kind === 'conn') met.add(hex(content.value.pkiId));
          return [bytes];
        },
        outgoing: ({ envelope, message }) => {
          const { content } = message;
          if (content?.kind !== 'dataReq') return [{ envelope }];
          const digests = content.value.digests.filter((id) => !met.has(hex(id)));
          const value = { ...content.value, digests };
          const payload = encodeMessage({ ...message, content: { kind: 'dataReq', value } });
          return [{ envelope: { ...envelope, payload } }];
        },
      };
    }),
  ),
  mutant(
    'cert-of-strangers-unused',
    'it uses no identity of another organisation that it has pulled',
    ['CERT-07'],
    {
      peer: ({ identity: { mspId } }) => {
        const pulled = new Set<string>();
        return {
          tamper: {
            incoming: (bytes) => {
              const content = messageOf(bytes)?.content;
              if (content?.kind === 'stateInfo' && pulled.has(hex(content.value.pkiId))) return [];
              for (const item of content?.kind === 'dataUpdate' ? content.value.data : []) {
                const inner = messageOf(encodeEnvelope(item))?.content;
                if (inner?.kind !== 'peerIdentity') continue;
                if (deserializeIdentity(inner.value.cert)?.mspId !== mspId)
                  pulled.add(hex(inner.value.pkiId));
              }
              return [bytes];
            },
          },
        };
      },
    },
  ),
];
