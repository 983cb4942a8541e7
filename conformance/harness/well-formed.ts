import {
  hasUnknownFields,
  PullMsgType,
  usualTag,
  type Content,
  type ContentKind,
  type Envelope,
  type GossipMessage,
} from '../../src/wire';
import { signedKinds } from './signed-content';

/** The kinds that name a channel in GossipMessage.channel (TAG-05); what a pull message does depends on its msgType. */
const channelKinds: ReadonlySet<ContentKind> = new Set([
  'dataMsg',
  'leadershipMsg',
  'stateSnapshot',
  'stateRequest',
  'stateResponse',
  'privateData',
  'privateReq',
  'privateRes',
]);

/** The kinds that have a nonce in GossipMessage.nonce; pull messages have theirs inside. */
const nonceKinds: ReadonlySet<ContentKind> = new Set([
  'memReq',
  'memRes',
  'stateRequest',
  'stateResponse',
  'privateData',
  'privateReq',
  'privateRes',
  'ack',
]);

/** Whether a message of this content names its channel. */
const namesChannel = (content: Content): boolean =>
  'msgType' in content.value
    ? content.value.msgType === PullMsgType.BLOCK_MSG
    : channelKinds.has(content.kind);

/** The part that a message of this content cannot be without; undefined: none is missing. */
function missingPart({ kind, value }: Content): string | undefined {
  switch (kind) {
    case 'aliveMsg':
      return value.membership === undefined
        ? 'membership'
        : value.timestamp === undefined
          ? 'timestamp'
          : undefined;
    case 'memReq':
      return value.selfInformation === undefined ? 'self_information' : undefined;
    case 'dataMsg':
    case 'privateData':
      return value.payload === undefined ? 'payload' : undefined;
    case 'stateInfo':
      return value.timestamp === undefined
        ? 'timestamp'
        : value.properties === undefined
          ? 'properties'
          : undefined;
    case 'leadershipMsg':
      return value.timestamp === undefined ? 'timestamp' : undefined;
    default:
      return undefined;
  }
}

const isPull = (content: Content): boolean =>
  'msgType' in content.value &&
  content.value.msgType !== PullMsgType.BLOCK_MSG &&
  content.value.msgType !== PullMsgType.IDENTITY_MSG;

/**
 * What about a message is unlike anything that Fabric's peers send, in words that are the same for all such messages;
 * undefined where nothing is. Looks at the message itself, not into the envelopes inside it, and verifies no signature.
 */
export function oddityOf(envelope: Envelope, message: GossipMessage): string | undefined {
  const { content, channel, nonce, tag } = message;
  if (content === undefined) return 'a message without content';
  const { kind } = content;
  if (kind === 'empty') return 'an Empty';
  if (kind === 'peerIdentity') return 'a peerIdentity by itself, in no update';
  if (isPull(content)) return `${kind} that pulls nothing that there is`;
  if (tag !== usualTag(content)) return `${kind} with a tag that is not its own`;
  if (namesChannel(content) && channel.length === 0) return `${kind} without a channel`;
  if (!namesChannel(content) && channel.length > 0) return `${kind} that names a channel`;
  if (nonce !== 0n && !nonceKinds.has(kind)) return `${kind} with a nonce outside`;
  const isSigned = envelope.signature.length > 0;
  if (isSigned !== signedKinds.has(kind))
    return isSigned ? `${kind} with a signature` : `${kind} without a signature`;
  const { secretEnvelope: secret } = envelope;
  if (secret !== undefined) {
    if (kind !== 'aliveMsg') return `${kind} with a secret`;
    if (secret.payload.length === 0 || secret.signature.length === 0) return `${kind} with half a secret`;
  }
  const missing = missingPart(content);
  if (missing !== undefined) return `${kind} without ${missing}`;
  if (hasUnknownFields(envelope) || hasUnknownFields(message)) return `${kind} with fields that nobody knows`;
  return undefined;
}
