/**
 * What an authenticated stream brings, through these gates, in this order:
 *
 *     envelope and payload decode   else the stream ends                       LIFE-11
 *     a kind for the router         conn, ack, empty, private data are not     CONN-16, ACK-02, ACK-04
 *     the tag fits                  else dropped                               TAG-01, TAG-02
 *     a channel joined              else dropped, or relayed (state info)      TAG-06, TAG-07
 *
 * and then to that channel, to discovery or to the identity pull. Source: gossip/gossip/gossip_impl.go, `handleMessage`.
 */
import { PullMsgType, type GossipMessage } from '../wire';
import type { Channel } from './channel/channel';
import type { Channels } from './channel/channels';
import type { Connections } from './connections';
import type { PeerContext } from './context';
import type { DiscoveryMessages } from './discovery-messages';
import { openBytes, type Opened } from './envelopes';
import type { Established } from './established';
import type { IdentityPull } from './identity-pull';
import type { Instant } from './instant';
import { rejected, type Rejection } from './rejections';
import type { StateInfoRelay } from './state-info-relay';
import { isChannelTag } from './tags';

/** Who takes messages. */
export interface Receivers {
  readonly connections: Connections;
  readonly discovery: DiscoveryMessages;
  readonly identityPull: IdentityPull;
  readonly stateInfoRelay: StateInfoRelay;
  readonly channels: Channels;
}

export class Router {
  readonly #context: PeerContext;
  readonly #receivers: Receivers;

  constructor(context: PeerContext, receivers: Receivers) {
    this.#context = context;
    this.#receivers = receivers;
  }

  route(from: Established, bytes: Uint8Array, at: Instant): void {
    const opened = openBytes(bytes);
    if (opened.kind === 'rejected') {
      this.#reject(opened, from);
      if (this.#context.rules.unparseableEndsStream(from.role)) {
        this.#receivers.connections.refuse(from, opened);
      }
      return;
    }
    const channel = this.#receivers.channels.of(opened.message, from.peer.pkiId);
    const rejections = this.#gate(opened.message, channel) ?? this.#dispatch(opened, channel, from, at);
    for (const rejection of Array.isArray(rejections) ? rejections : [rejections]) {
      this.#reject(rejection, from);
    }
  }

  #reject(rejection: Rejection | undefined, from: Established): void {
    if (rejection !== undefined) {
      const remote = { pkiId: from.peer.pkiId, address: from.address };
      this.#context.outbox.report({ kind: 'rejected', rejection, from: remote });
    }
    if (rejection?.reason === 'further-conn' && !this.#context.rules.ignoresFurtherConn()) {
      this.#receivers.connections.refuse(from, rejection);
    }
  }

  /** Kinds that the router has no use for, and tags that do not fit. */
  #gate(message: GossipMessage, channel: Channel | undefined): Rejection | undefined {
    const { rules } = this.#context;
    switch (message.content?.kind) {
      case 'conn':
        return rejected('further-conn');
      case 'empty':
        return rejected('empty-content');
      case 'ack':
        return rejected('unasked-ack');
      case 'privateData':
      case 'privateReq':
      case 'privateRes':
        return channel === undefined ? rejected('channel-not-joined') : undefined;
      case 'stateRequest':
      case 'stateResponse':
        if (channel !== undefined && !rules.enforcesTag(message.content.kind)) {
          return undefined;
        }
        return rules.tagAccepted(message) ? undefined : rejected('illegal-tag');
      default:
        return rules.tagAccepted(message) ? undefined : rejected('illegal-tag');
    }
  }

  #dispatch(
    opened: Opened,
    channel: Channel | undefined,
    from: Established,
    at: Instant,
  ): Rejection | Rejection[] | undefined {
    const { rules } = this.#context;
    const { discovery, identityPull, stateInfoRelay } = this.#receivers;
    const { message } = opened;
    const { content } = message;
    if (channel !== undefined) {
      return channel.received(opened, from, at);
    }
    if (content?.kind === 'stateInfo') {
      return stateInfoRelay.received(opened, content.value, from, at);
    }
    if (isChannelTag(message.tag) && rules.dropsUnjoinedChannel()) {
      return rejected('channel-not-joined');
    }
    switch (content?.kind) {
      case 'aliveMsg':
        return discovery.onAlive(opened, from, at);
      case 'memReq':
        return discovery.onRequest(content.value, message.nonce, from, at);
      case 'memRes':
        return discovery.onResponse(content.value, message.nonce, from, at);
      case 'hello':
      case 'dataDig':
      case 'dataReq':
      case 'dataUpdate':
        return content.value.msgType === PullMsgType.BLOCK_MSG && rules.dropsUnjoinedChannel()
          ? rejected('channel-not-joined')
          : identityPull.received(content, from, at);
      case 'peerIdentity':
        return rules.acceptsTopLevelIdentity()
          ? identityPull.receivedItem(opened, at)
          : rejected('top-level-identity');
      default:
        return rejected('channel-not-joined');
    }
  }
}
