/**
 * The channels that the peer has joined, by name and by MAC.
 * Source: gossip/gossip/chanstate.go.
 */
import type { PeerIdentity } from '../../ports/identity';
import type { GossipMessage } from '../../wire';
import { keyOf } from '../bytes';
import type { PeerContext } from '../context';
import type { Instant } from '../instant';
import { isChannelTag } from '../tags';
import { Channel } from './channel';
import type { ChannelOptions } from './channel-options';
import type { PeerParts } from './channel-scope';

export class Channels {
  readonly #context: PeerContext;
  readonly #parts: PeerParts;
  /** By the key of the name as it travels. */
  readonly #joined = new Map<string, Channel>();

  constructor(context: PeerContext, parts: PeerParts) {
    this.#context = context;
    this.#parts = parts;
  }

  /** Joins a channel; of one that is joined, takes over the members. */
  join(options: ChannelOptions, at: Instant): void {
    const joined = this.named(options.name);
    if (joined === undefined) {
      this.#joined.set(nameKey(options.name), new Channel(options, this.#context, this.#parts, at));
    } else {
      joined.configure(options);
    }
  }

  named(name: string): Channel | undefined {
    return this.#joined.get(nameKey(name));
  }

  all(): Channel[] {
    return [...this.#joined.values()];
  }

  /**
   * Whether an identity of another organisation satisfies the policy Readers of a channel that has its organisation.
   * Deviation: where no channel has it, nobody is turned away for that; Fabric has no such organisation's MSP then.
   */
  isReader(foreigner: PeerIdentity): boolean {
    const channels = this.all().filter((channel) => channel.hasOrg(foreigner.mspId));
    return channels.length === 0 || channels.some((channel) => channel.isReader(foreigner));
  }

  /**
   * The channel that a message of `sender` is for, if it has been joined. State info and requests for it name it by
   * MAC, all others by name (TAG-05). A message whose tag is not enforced is for a channel whatever its tag (TAG-03).
   */
  of({ channel, content, tag }: GossipMessage, sender: Uint8Array): Channel | undefined {
    if (content === undefined) {
      return undefined;
    }
    if (!isChannelTag(tag) && this.#context.rules.enforcesTag(content.kind)) {
      return undefined;
    }
    switch (content.kind) {
      case 'stateInfo':
        return this.#ofMac(content.value.channelMac, content.value.pkiId);
      case 'stateInfoPullReq':
        return this.#ofMac(content.value.channelMac, sender);
      default:
        return this.#joined.get(keyOf(channel));
    }
  }

  #ofMac(mac: Uint8Array, pkiId: Uint8Array): Channel | undefined {
    return this.all().find((channel) => channel.isMac(mac, pkiId));
  }
}

const encoder = new TextEncoder();
const nameKey = (name: string): string => keyOf(encoder.encode(name));
