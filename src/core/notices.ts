import type { PeerIdentity } from '../ports/identity';
import type { Established } from './established';

/** What the connections learn for others; the gossip machine hands it on after the step. */
export type Notice =
  | { readonly kind: 'received'; readonly from: Established; readonly bytes: Uint8Array }
  /** Something sent to this peer did not get through (LIFE-08, LIFE-09). */
  | { readonly kind: 'presumed-dead'; readonly pkiId: Uint8Array }
  /** Another peer of the same organisation answers at this one's endpoint (CONN-15). */
  | { readonly kind: 'switched'; readonly pkiId: Uint8Array }
  /** A deep probe ended; without a peer it failed. */
  | { readonly kind: 'probed'; readonly tag: string; readonly peer: PeerIdentity | undefined }
  /** A dead member answered Ping (DEAD-05). */
  | { readonly kind: 'reached'; readonly pkiId: Uint8Array };
