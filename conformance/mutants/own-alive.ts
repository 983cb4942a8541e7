import {
  decodeMessage,
  encodeMessage,
  type AliveMessage,
  type Content,
  type Envelope,
  type GossipMessage,
} from '../../src/wire';
import type { Deviation } from '../harness/targets/embedded';
import { sameBytes } from '../steps/bytes';
import type { Signer } from '../../src/ports/identity';

/** Where the peer's own alive messages travel. */
export type Place = 'heartbeat' | 'request' | 'response';

/** What becomes of an own alive message; the message is signed anew, a secret stays unless it is changed as well. */
export type OwnAliveChange = (
  alive: AliveMessage,
  message: GossipMessage,
  place: Place,
  envelope: Envelope,
) => { readonly message?: GossipMessage; readonly envelope?: Envelope };

const signedAnew = (envelope: Envelope, message: GossipMessage, signer: Signer): Envelope => {
  const payload = encodeMessage(message);
  return { ...envelope, payload, signature: signer.sign(payload) };
};

/** Changes the peer's own alive messages wherever they travel: heartbeats, self informations, its entries. */
export const ownAlives = (change: OwnAliveChange): Deviation => ({
  peer: ({ identity }) => ({
    tamper: {
      outgoing: ({ envelope, message }, { signer }) => {
        const changed = (inner: Envelope, place: Place): Envelope => {
          const said = decodeMessage(inner.payload);
          if (said.content?.kind !== 'aliveMsg') return inner;
          const alive = said.content.value;
          if (!sameBytes(alive.membership?.pkiId, identity.pkiId)) return inner;
          const result = change(alive, said, place, inner);
          if (result.envelope !== undefined) return result.envelope;
          return result.message === undefined ? inner : signedAnew(inner, result.message, signer);
        };
        const wrap = (content: Content): readonly { envelope: Envelope }[] => [
          { envelope: { ...envelope, payload: encodeMessage({ ...message, content }) } },
        ];
        const { content } = message;
        switch (content?.kind) {
          case 'aliveMsg':
            return [{ envelope: changed(envelope, 'heartbeat') }];
          case 'memReq': {
            const { selfInformation } = content.value;
            if (selfInformation === undefined) return [{ envelope }];
            const told = changed(selfInformation, 'request');
            return wrap({ kind: 'memReq', value: { ...content.value, selfInformation: told } });
          }
          case 'memRes': {
            const alive = content.value.alive.map((entry) => changed(entry, 'response'));
            return wrap({ kind: 'memRes', value: { ...content.value, alive } });
          }
          default:
            return [{ envelope }];
        }
      },
    },
  }),
});

/** Changes what the peer's own alive messages say. */
export const ownAliveSays = (
  change: (alive: AliveMessage, place: Place) => Partial<AliveMessage>,
): Deviation =>
  ownAlives((alive, message, place) => ({
    message: { ...message, content: { kind: 'aliveMsg', value: { ...alive, ...change(alive, place) } } },
  }));
