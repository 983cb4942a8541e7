/**
 * State info of channels that this peer has not joined: it still goes on to the own organisation (TAG-07).
 * Source: gossip/gossip/gossip_impl.go, `handleMessage`, `validateStateInfoMsg`.
 */
import type { StateInfo } from '../wire';
import { authenticityFault } from './authenticity';
import type { Established } from './established';
import type { PeerContext } from './context';
import type { Dissemination } from './dissemination';
import type { Opened } from './envelopes';
import { FreshnessStore } from './freshness';
import type { IdentityStore } from './identity-store';
import type { Instant } from './instant';
import { rejected, type Rejection } from './rejections';
import { fixedTiming } from './settings';

export class StateInfoRelay {
  readonly #context: PeerContext;
  readonly #identities: IdentityStore;
  readonly #dissemination: Dissemination;
  readonly #relayed: FreshnessStore<undefined>;

  constructor(context: PeerContext, identities: IdentityStore, dissemination: Dissemination) {
    this.#context = context;
    this.#identities = identities;
    this.#dissemination = dissemination;
    const lifetimeMs = context.settings.publishStateInfoIntervalMs * fixedTiming.stateInfoLifetimeFactor;
    this.#relayed = new FreshnessStore(lifetimeMs, context.rules);
  }

  start(): void {
    const { timers } = this.#context;
    timers.every('state-info-sweep', this.#relayed.lifetimeMs / fixedTiming.sweepsPerLifetime, (at) => {
      this.#relayed.sweep(at.nowMs);
    });
  }

  /** A state info with a MAC of no channel joined. */
  received(opened: Opened, stateInfo: StateInfo, from: Established, at: Instant): Rejection | undefined {
    const { rules, self } = this.#context;
    if (stateInfo.timestamp === undefined) {
      return rejected('incomplete-state-info');
    }
    const author = this.#identities.get(stateInfo.pkiId, at);
    if (author === undefined) {
      return rejected('unknown-author');
    }
    const fault = authenticityFault(
      this.#context,
      opened.envelope,
      rules.verifyingIdentity(author, from.peer),
    );
    if (fault !== undefined) {
      return fault;
    }
    if (!rules.relaysUnjoinedStateInfo(self.mspId, from.peer.mspId)) {
      return rejected('foreign-state-info');
    }
    if (!this.#relayed.add(stateInfo.pkiId, stateInfo.timestamp, undefined, at.nowMs)) {
      return rejected('stale-state-info');
    }
    this.#dissemination.push(opened, this.#dissemination.ownOrgRoute(), from.peer.pkiId, at);
    return undefined;
  }
}
