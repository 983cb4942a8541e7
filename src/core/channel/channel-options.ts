import type { PeerIdentity } from '../../ports/identity';
import type { BlockVerifier, Ledger } from '../../ports/ledger';
import type { PrivateDataStore } from '../../ports/private-data';

/** A chaincode that is committed on the channel and installed on the peer. */
export interface ChaincodeInfo {
  readonly name: string;
  readonly version: string;
}

/** Who may be in a channel. A later configuration takes the place of an earlier one (SINF-15). */
export interface ChannelMembership {
  /** MSP-IDs of the channel's organisations. */
  readonly orgs: readonly string[];
  /** Whether an identity of one of them satisfies the channel's Readers policy; all do where left out. */
  readonly isReader?: ((identity: PeerIdentity) => boolean) | undefined;
}

/** What a peer joins a channel with. */
export interface ChannelOptions extends ChannelMembership {
  readonly name: string;
  readonly ledger: Ledger;
  readonly verifier: BlockVerifier;
  /** What the peer says it can endorse with (SINF-04). */
  readonly chaincodes?: readonly ChaincodeInfo[] | undefined;
  /** Where pushed private data goes; where left out, pushes are refused and requests find nothing. */
  readonly privateData?: PrivateDataStore | undefined;
}
