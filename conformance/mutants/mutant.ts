import { deserializeIdentity } from '../../src/identity';
import {
  fabricRules,
  type GossipSettings,
  type Rules,
  type Tamper,
  type TamperContext,
} from '../../src/node';
import {
  decodeEnvelope,
  decodeMessage,
  encodeEnvelope,
  encodeMessage,
  type ConnEstablish,
  type ContentKind,
  type ContentOf,
  type Envelope,
  type GossipMessage,
} from '../../src/wire';
import type { ClauseId } from '../clauses';
import type { Deviation } from '../harness/targets/embedded';
import type { Mutant } from '../run-types';

/** A mutant, and how to make it: our own peer, changed through its public face alone. */
export interface EmbeddedMutant extends Mutant {
  readonly deviation: Deviation;
  /** Whether its network has TLS on. */
  readonly tls: boolean;
}

/** Declares a mutant. `expected`: every clause whose checks must find it. */
export const mutant = (
  name: string,
  breaks: string,
  expected: readonly ClauseId[],
  deviation: Deviation,
  { tls = true }: { readonly tls?: boolean } = {},
): EmbeddedMutant => ({ name, breaks, expected, deviation, tls });

/** Fabric's rules but for these. */
export const withRules = (broken: Partial<Rules>): Deviation => ({
  peer: () => ({ rules: { ...fabricRules, ...broken } }),
});

/** Other settings than its network's. */
export const withSettings = (other: Partial<GossipSettings>): Deviation => ({
  peer: ({ settings = {} }) => ({
    settings: (address) => ({ ...(typeof settings === 'function' ? settings(address) : settings), ...other }),
  }),
});

/** Fabric's rules, but wrong in what it sends or reads. A function makes a tamper with a memory of its own. */
export const withTamper = (make: () => Tamper): Deviation => ({ peer: () => ({ tamper: make() }) });

/** What goes out in the place of a message; nothing, to keep it back. */
export interface Outgoing {
  readonly envelope: Envelope;
  readonly delayMs?: number;
}

/** Changes what it sends of one kind; every other message goes out as it is. */
export const sending = <K extends ContentKind>(
  kind: K,
  change: (
    envelope: Envelope,
    message: GossipMessage,
    value: ContentOf<K>,
    context: TamperContext,
  ) => readonly Outgoing[],
): Deviation =>
  withTamper(() => ({
    outgoing: ({ envelope, message }, context) => {
      const { content } = message;
      if (content?.kind !== kind) return [{ envelope }];
      return change(envelope, message, content.value as ContentOf<K>, context);
    },
  }));

/** Changes the message inside of what it sends of one kind, signed anew if it was signed. */
export const saying = <K extends ContentKind>(
  kind: K,
  change: (message: GossipMessage, value: ContentOf<K>) => Partial<GossipMessage>,
): Deviation =>
  sending(kind, (envelope, message, value, { signer }) => {
    const payload = encodeMessage({ ...message, ...change(message, value) });
    const signature = envelope.signature.length > 0 ? signer.sign(payload) : envelope.signature;
    return [{ envelope: { ...envelope, payload, signature } }];
  });

/** The other side of a handshake, going by its ConnEstablish. */
interface Greeting extends ConnEstablish {
  readonly isForeign: boolean;
  /** Whether this peer opened the stream. */
  readonly isResponder: boolean;
}

/** Keeps other rules towards some, of whom it has just read the ConnEstablish. */
export const towards = (isMeant: (greeting: Greeting) => boolean, broken: Partial<Rules>): Deviation => ({
  peer: ({ identity: { mspId } }) => {
    const rules: Rules = { ...fabricRules };
    return {
      rules,
      tamper: {
        incoming: (bytes, { link }) => {
          const content = messageOf(bytes)?.content;
          if (content?.kind !== 'conn') return [bytes];
          const isForeign = deserializeIdentity(content.value.identity)?.mspId !== mspId;
          const greeting = { ...content.value, isForeign, isResponder: link.startsWith('out-') };
          Object.assign(rules, fabricRules, isMeant(greeting) ? broken : {});
          return [bytes];
        },
      },
    };
  },
});

/** Sends other things of one kind to members of other organisations, known by the ConnEstablish that came. */
export const sendingStrangers = (
  kind: ContentKind,
  change: (envelope: Envelope, message: GossipMessage) => readonly Outgoing[],
): Deviation => ({
  peer: ({ identity: { mspId } }) => {
    const strangers = new Set<string>();
    return {
      tamper: {
        incoming: (bytes, { link }) => {
          const content = messageOf(bytes)?.content;
          if (content?.kind === 'conn' && deserializeIdentity(content.value.identity)?.mspId !== mspId)
            strangers.add(link);
          return [bytes];
        },
        outgoing: ({ envelope, message }, { link }) =>
          strangers.has(link) && message.content?.kind === kind ? change(envelope, message) : [{ envelope }],
      },
    };
  },
});

/** What a message that came says; undefined for bytes that are none, which go on as they are. */
export function messageOf(bytes: Uint8Array): GossipMessage | undefined {
  try {
    return decodeMessage(decodeEnvelope(bytes).payload);
  } catch {
    return undefined;
  }
}

/** Whether an entry of a response, or the self_information of a request, is an alive message. */
export const isAlive = (entry: Envelope): boolean =>
  messageOf(encodeEnvelope(entry))?.content?.kind === 'aliveMsg';

/** An envelope that ends the stream it comes on. */
export const UNDECODABLE = encodeEnvelope({
  payload: Uint8Array.of(0xff),
  signature: new Uint8Array(),
  secretEnvelope: undefined,
});

/** An unsigned message as bytes that might have come. */
export const arriving = (message: GossipMessage): Uint8Array =>
  encodeEnvelope({ payload: encodeMessage(message), signature: new Uint8Array(), secretEnvelope: undefined });

/**
 * Changes what it hears of one kind; everything else comes in as it is. `make` is called for each peer, which may have
 * something to remember.
 */
export const hearing = <K extends ContentKind>(
  kind: K,
  make: () => (
    value: ContentOf<K>,
    bytes: Uint8Array,
    message: GossipMessage,
    context: TamperContext,
  ) => readonly Uint8Array[],
): Deviation =>
  withTamper(() => {
    const change = make();
    return {
      incoming: (bytes, context) => {
        const message = messageOf(bytes);
        if (message?.content?.kind !== kind) return [bytes];
        return change(message.content.value as ContentOf<K>, bytes, message, context);
      },
    };
  });

/** Hears messages of one kind from those alone who have told state info on their connection. */
export const heedingPartnersAlone = (kind: ContentKind): Deviation =>
  withTamper(() => {
    const known = new Set<string>();
    return {
      incoming: (bytes, { link }) => {
        const came = messageOf(bytes)?.content?.kind;
        if (came === 'stateInfo') known.add(link);
        return came === kind && !known.has(link) ? [] : [bytes];
      },
    };
  });
