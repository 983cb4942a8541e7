import { PullMsgType, Tag, type Content, type GossipMessage } from '../wire';

/** What a pull message pulls; undefined for messages of other kinds. */
function pullTypeOf(content: Content): number | undefined {
  switch (content.kind) {
    case 'hello':
    case 'dataDig':
    case 'dataReq':
    case 'dataUpdate':
      return content.value.msgType;
    default:
      return undefined;
  }
}

/**
 * The tag that a message at the node's router must carry; undefined where no tag is legal (TAG-01, TAG-02).
 * Source: gossip/protoext/message.go, `IsTagLegal`.
 */
export function legalTag(message: GossipMessage): number | undefined {
  switch (message.content?.kind) {
    case 'aliveMsg':
    case 'memReq':
    case 'memRes':
      return Tag.EMPTY;
    case 'peerIdentity':
      return Tag.ORG_ONLY;
    case 'hello':
    case 'dataDig':
    case 'dataReq':
    case 'dataUpdate':
      switch (pullTypeOf(message.content)) {
        case PullMsgType.IDENTITY_MSG:
          return Tag.EMPTY;
        case PullMsgType.BLOCK_MSG:
          return Tag.CHAN_AND_ORG;
        default:
          return undefined;
      }
    case 'dataMsg':
    case 'leadershipMsg':
      return Tag.CHAN_AND_ORG;
    case 'stateInfo':
    case 'stateInfoPullReq':
    case 'stateSnapshot':
    case 'stateRequest':
    case 'stateResponse':
      return Tag.CHAN_OR_ORG;
    case 'conn':
    case 'ack':
    case 'empty':
    case 'privateData':
    case 'privateReq':
    case 'privateRes':
    case undefined:
      return undefined;
  }
}

/** Whether a message belongs to a channel, by its tag (TAG-06). */
export const isChannelTag = (tag: number): boolean =>
  tag === Tag.CHAN_ONLY || tag === Tag.CHAN_AND_ORG || tag === Tag.CHAN_OR_ORG;
