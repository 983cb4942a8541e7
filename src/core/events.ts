/** What a peer tells about itself. */
import type { Ending } from '../ports/transport';
import type { Member } from './membership';
import type { Rejection } from './rejections';

/** A remote, as far as it is known. */
export interface Remote {
  /** Undefined before the handshake is over. */
  readonly pkiId: Uint8Array | undefined;
  readonly address: string;
}

/** Why an identity left the store. */
export type PurgeReason = 'expired' | 'unused' | 'invalid' | 'switched';

/** Why a member is dead. */
export type DeathReason = 'silent' | 'send-failed' | 'told';

export type PeerEvent =
  /** A member was learned or came back. */
  | { readonly kind: 'memberAlive'; readonly member: Member; readonly resurrected: boolean }
  /** A member alive told its next alive message. */
  | { readonly kind: 'memberRefreshed'; readonly member: Member }
  | { readonly kind: 'memberDead'; readonly member: Member; readonly why: DeathReason }
  /** A member is in neither list any more. */
  | { readonly kind: 'memberForgotten'; readonly member: Member }
  | { readonly kind: 'identityLearned'; readonly pkiId: Uint8Array; readonly mspId: string }
  | { readonly kind: 'identityPurged'; readonly pkiId: Uint8Array; readonly why: PurgeReason }
  | {
      readonly kind: 'connected';
      readonly pkiId: Uint8Array;
      readonly mspId: string;
      readonly role: 'initiator' | 'responder';
      readonly address: string;
    }
  | { readonly kind: 'disconnected'; readonly pkiId: Uint8Array; readonly ending: Ending }
  /** A dial, Ping or handshake of ours failed. */
  | { readonly kind: 'unreachable'; readonly endpoint: string; readonly failure: Ending }
  /** A bootstrap or anchor peer answered our join request. */
  | { readonly kind: 'joined'; readonly endpoint: string; readonly pkiId: Uint8Array }
  /** A bootstrap or anchor peer was given up after maxConnectionAttempts. */
  | { readonly kind: 'joinAbandoned'; readonly endpoint: string }
  /** A peer told what it has of a channel; `ledgerHeight` undefined: it did not say (SINF-13). */
  | {
      readonly kind: 'stateInfoLearned';
      readonly channel: string;
      readonly pkiId: Uint8Array;
      readonly ledgerHeight: bigint | undefined;
      readonly leftChannel: boolean;
    }
  | { readonly kind: 'blockCommitted'; readonly channel: string; readonly number: bigint }
  /** The peer has been elected, or is leader no more. */
  | { readonly kind: 'leadershipChanged'; readonly channel: string; readonly isLeader: boolean }
  /** The ledger of a channel threw. */
  | { readonly kind: 'ledgerFailed'; readonly channel: string; readonly error: unknown }
  | { readonly kind: 'rejected'; readonly rejection: Rejection; readonly from: Remote };
