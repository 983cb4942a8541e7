/** What goes into the gossip machine and what comes out. Nothing else passes its border. */
import type { Millis } from '../ports/clock';
import type { Ending, GossipStream, TlsBinding } from '../ports/transport';
import type { ContentKind } from '../wire';
import type { ChaincodeInfo, ChannelOptions } from './channel/channel-options';
import type { PeerEvent } from './events';

/** One stream, or one attempt at one. Inbound ones are numbered by the driver, outbound ones by the machine. */
export type LinkId = `in-${number}` | `out-${number}`;

export type Input =
  /** Begin: arms the timers and calls the bootstrap peers. */
  | { readonly kind: 'start' }
  /** A remote opened a stream to us. */
  | {
      readonly kind: 'accepted';
      readonly link: LinkId;
      readonly remoteAddress: GossipStream['remoteAddress'];
      readonly binding: TlsBinding;
    }
  | { readonly kind: 'dialled'; readonly link: LinkId; readonly binding: TlsBinding }
  | { readonly kind: 'dial-failed'; readonly link: LinkId; readonly failure: Ending }
  | { readonly kind: 'pinged'; readonly link: LinkId; readonly failure: Ending | undefined }
  | { readonly kind: 'received'; readonly link: LinkId; readonly bytes: Uint8Array }
  | { readonly kind: 'ended'; readonly link: LinkId; readonly ending: Ending }
  | { readonly kind: 'timer'; readonly timer: string }
  /** Join an anchor peer, listed for this organisation (BOOT-05 to BOOT-07). */
  | { readonly kind: 'join-anchor'; readonly endpoint: string; readonly org: string }
  /** Join a channel, or take over a later configuration of one that is joined (SINF-15). */
  | { readonly kind: 'join-channel'; readonly channel: ChannelOptions }
  /** The ledger of a channel has other blocks, or the peer other chaincodes, than gossip knows of. */
  | {
      readonly kind: 'channel-changed';
      readonly name: string;
      readonly chaincodes?: readonly ChaincodeInfo[] | undefined;
    }
  /** A block that an orderer has delivered, verified: to be committed, and pushed to our organisation (BLOCK-02). */
  | {
      readonly kind: 'block-delivered';
      readonly name: string;
      readonly number: bigint;
      readonly block: Uint8Array;
    }
  /** An elected leader cannot reach the orderer (ELECT-09). */
  | { readonly kind: 'yield-leadership'; readonly name: string }
  | { readonly kind: 'leave-channel'; readonly name: string }
  /** Validate all identities anew, after a configuration or a revocation list changed (ID-10). */
  | { readonly kind: 'revalidate' }
  /** End everything. Nothing but `ended` is heeded afterwards. */
  | { readonly kind: 'stop' };

export type Effect =
  | { readonly kind: 'dial'; readonly link: LinkId; readonly endpoint: string; readonly timeoutMs: Millis }
  | { readonly kind: 'ping'; readonly link: LinkId; readonly timeoutMs: Millis }
  | { readonly kind: 'open'; readonly link: LinkId; readonly deadlineMs: Millis | undefined }
  | SendEffect
  /** The other side of a link has authenticated. */
  | { readonly kind: 'identified'; readonly link: LinkId; readonly pkiId: Uint8Array }
  /** End an inbound stream with a status. */
  | { readonly kind: 'end'; readonly link: LinkId; readonly ending: Ending }
  /** Close an outbound connection, or give up its dial. */
  | { readonly kind: 'close'; readonly link: LinkId }
  /** Arming a timer again replaces it. */
  | { readonly kind: 'arm'; readonly timer: string; readonly delayMs: Millis }
  | { readonly kind: 'cancel'; readonly timer: string }
  | { readonly kind: 'report'; readonly event: PeerEvent };

export interface SendEffect {
  readonly kind: 'send';
  readonly link: LinkId;
  /** The envelope, serialized. */
  readonly bytes: Uint8Array;
  readonly content: ContentKind;
}

/** Where the machines put the effects of one step, in the order in which they are to be performed. */
export class Outbox {
  #effects: Effect[] = [];

  emit(effect: Effect): void {
    this.#effects.push(effect);
  }

  report(event: PeerEvent): void {
    this.#effects.push({ kind: 'report', event });
  }

  /** Takes what was emitted since the last time. */
  drain(): Effect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }
}
