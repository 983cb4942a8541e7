/** What doctors of several kinds of messages share. */
import type { Seen } from '../../../../conformance/recorded/seen';
import { hex } from '../../../../conformance/steps/bytes';
import { PullMsgType, Tag, type GossipMessage } from '../../../../src/wire';
import type { Change } from '../doctor';

export const flip = (bytes: Uint8Array): Uint8Array => {
  const copy = Uint8Array.from(bytes);
  copy[copy.length - 1] = (copy.at(-1) ?? 0) ^ 1;
  return copy;
};

export const SOME = Uint8Array.of(1, 2, 3);
export const NO_BYTES = new Uint8Array();

export const badSignature = ({ envelope }: Seen): Change => ({
  envelope: { signature: flip(envelope.signature) },
});

export const isOwn = (seen: Seen, pkiId: Uint8Array | undefined): boolean =>
  pkiId !== undefined && seen.recorded.from.pkiId === hex(pkiId);
export const isForeign = ({ isOwnOrg }: Seen): boolean => isOwnOrg === false;
export const isBlocks = ({ value }: Seen<'hello' | 'dataDig' | 'dataReq' | 'dataUpdate'>): boolean =>
  value.msgType === PullMsgType.BLOCK_MSG;

/** An alive message that tells of another endpoint; any other message as it is. */
export const withAliveMember = (message: GossipMessage, endpoint: string): GossipMessage => {
  if (message.content?.kind !== 'aliveMsg' || message.content.value.membership === undefined) return message;
  const { value } = message.content;
  const membership = {
    ...value.membership,
    endpoint,
    metadata: NO_BYTES,
    pkiId: value.membership?.pkiId ?? NO_BYTES,
  };
  return { ...message, content: { kind: 'aliveMsg', value: { ...value, membership } } };
};

export const otherTag = (): Change => ({ message: { tag: Tag.ORG_ONLY } });
