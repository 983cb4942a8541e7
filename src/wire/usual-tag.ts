import { PullMsgType, Tag, type Content, type ContentKind } from './messages';

/** Of the kinds whose tag is not EMPTY, pull messages aside. */
const channelTags: { readonly [K in ContentKind]?: number } = {
  dataMsg: Tag.CHAN_AND_ORG,
  leadershipMsg: Tag.CHAN_AND_ORG,
  stateInfo: Tag.CHAN_OR_ORG,
  stateInfoPullReq: Tag.CHAN_OR_ORG,
  stateSnapshot: Tag.CHAN_OR_ORG,
  stateRequest: Tag.CHAN_OR_ORG,
  stateResponse: Tag.CHAN_OR_ORG,
  privateData: Tag.CHAN_ONLY,
  privateReq: Tag.CHAN_ONLY,
  privateRes: Tag.CHAN_ONLY,
  ack: Tag.UNDEFINED,
};

/** The tag that Fabric sends with a content (specification, table 1.4). */
export function usualTag(content: Content | undefined): number {
  if (content === undefined) return Tag.UNDEFINED;
  if ('msgType' in content.value) {
    return content.value.msgType === PullMsgType.BLOCK_MSG ? Tag.CHAN_AND_ORG : Tag.EMPTY;
  }
  return channelTags[content.kind] ?? Tag.EMPTY;
}
