import {
  decodeMessage,
  encodeMessage,
  type Envelope,
  type GossipMessage,
  type StateInfo,
} from '../../src/wire';
import type { Deviation } from '../harness/targets/embedded';
import { sameBytes } from '../steps/bytes';

/** Changes the peer's own state infos wherever they travel, pushed and in snapshots, signed anew. */
export const ownStateInfos = (
  change: (value: StateInfo, message: GossipMessage) => Partial<GossipMessage>,
): Deviation => ({
  peer: ({ identity }) => ({
    tamper: {
      outgoing: ({ envelope, message }, { signer }) => {
        const changed = (inner: Envelope): Envelope => {
          const said = decodeMessage(inner.payload);
          const { content } = said;
          if (content?.kind !== 'stateInfo' || !sameBytes(content.value.pkiId, identity.pkiId)) return inner;
          const payload = encodeMessage({ ...said, ...change(content.value, said) });
          return { ...inner, payload, signature: signer.sign(payload) };
        };
        const { content } = message;
        if (content?.kind !== 'stateSnapshot') return [{ envelope: changed(envelope) }];
        const elements = content.value.elements.map(changed);
        const payload = encodeMessage({
          ...message,
          content: { kind: 'stateSnapshot', value: { elements } },
        });
        return [{ envelope: { ...envelope, payload } }];
      },
    },
  }),
});

/** Changes the content alone. */
export const ownStateInfoValues = (change: (value: StateInfo) => Partial<StateInfo>): Deviation =>
  ownStateInfos((value) => ({ content: { kind: 'stateInfo', value: { ...value, ...change(value) } } }));
