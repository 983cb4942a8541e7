import type { Sha256 } from '../ports/digest';
import type { PeerIdentity, SigningIdentity } from '../ports/identity';
import type { Random } from '../ports/random';
import type { Outbox } from './effects';
import type { Rules } from './rules';
import type { GossipSettings } from './settings';
import type { Timers } from './timers';

/** What every machine of one peer shares. */
export interface PeerContext {
  readonly self: SigningIdentity;
  readonly settings: GossipSettings;
  readonly rules: Rules;
  readonly random: Random;
  readonly sha256: Sha256;
  readonly outbox: Outbox;
  readonly timers: Timers;
  /** Whether an identity of another organisation satisfies the policy Readers of a channel (ID-13). */
  readonly isReader: (identity: PeerIdentity) => boolean;
}
