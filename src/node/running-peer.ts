import type { EventEmitter } from 'node:events';
import type { DriverStatistics, RejectionReason } from '../core';
import type { PeerIdentity } from '../ports/identity';
import type { MembershipInfo } from './member-info';
import type { GossipPeerEvents } from './peer-events';
import type { JoinChannelOptions, RunningChannel } from './running-channel';

/** What a peer has done and holds. */
export interface PeerStatistics extends DriverStatistics {
  /** Messages and streams refused, the ordinary ones too, by reason. */
  readonly rejected: Readonly<Partial<Record<RejectionReason, number>>>;
  readonly connections: number;
  readonly aliveMembers: number;
  readonly deadMembers: number;
  readonly identities: number;
}

/** A peer while it runs. */
export interface RunningPeer extends AsyncDisposable {
  /** host:port really bound. */
  readonly address: string;
  /** The peer's own identity. */
  readonly identity: PeerIdentity;
  /** Where its events come from: the GossipPeer that was started. */
  readonly events: EventEmitter<GossipPeerEvents>;
  membership(): MembershipInfo;
  /** Identities known, its own among them. */
  identities(): readonly PeerIdentity[];
  statistics(): PeerStatistics;
  /** Joins an anchor peer that a channel lists for `mspId` (BOOT-05 to BOOT-07). */
  joinAnchor(endpoint: string, mspId: string): void;
  /**
   * Joins a channel: from now on the peer tells of its ledger, spreads blocks and brings them to it. For a channel that
   * it has joined before, takes over its members and calls its anchor peers again.
   */
  joinChannel(options: JoinChannelOptions): RunningChannel;
  /** Validates all identities anew, after the validator was given other rules (ID-10). */
  revalidateIdentities(): void;
  /** Ends it; nothing is left running. May be called twice. */
  stop(): Promise<void>;
}
