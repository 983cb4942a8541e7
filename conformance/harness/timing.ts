import type { Millis } from '../../src/ports/clock';

/** The gossip settings of the peers under test on which waits depend; each is Fabric's `peer.gossip.<key>`. */
export interface GossipTiming {
  readonly aliveTimeIntervalMs: Millis;
  readonly aliveExpirationTimeoutMs: Millis;
  readonly reconnectIntervalMs: Millis;
  readonly pullIntervalMs: Millis;
  readonly digestWaitTimeMs: Millis;
  readonly requestWaitTimeMs: Millis;
  readonly responseWaitTimeMs: Millis;
  readonly connTimeoutMs: Millis;
  readonly dialTimeoutMs: Millis;
  readonly publishCertPeriodMs: Millis;
  readonly maxPropagationBurstLatencyMs: Millis;
  readonly requestStateInfoIntervalMs: Millis;
  readonly publishStateInfoIntervalMs: Millis;
  readonly electionStartupGracePeriodMs: Millis;
  readonly electionMembershipSampleIntervalMs: Millis;
  readonly electionLeaderAliveThresholdMs: Millis;
  readonly electionLeaderElectionDurationMs: Millis;
  readonly stateCheckIntervalMs: Millis;
  readonly stateResponseTimeoutMs: Millis;
}

/**
 * Waits, derived from the peers' own settings. A wait for something that must come ends when it comes, so these
 * are generous; only absence costs its whole wait.
 */
export class Waits {
  readonly settings: GossipTiming;
  readonly #turnsToAll: boolean;

  /** `turnsToAll`: the peers turn to every member each time, so that chance passes nobody over. */
  constructor(settings: GossipTiming, { turnsToAll = false } = {}) {
    this.settings = settings;
    this.#turnsToAll = turnsToAll;
  }

  /** For what a peer does at once: answers, refusals. Allows for a heavily loaded machine. */
  get answerMs(): Millis {
    return 5_000;
  }

  /** After a marker was answered: the time in which something that must not come would have come. */
  get quietMs(): Millis {
    return 200 + 2 * this.settings.maxPropagationBurstLatencyMs;
  }

  /** For a relayed message to pass through the peer's batching. */
  get relayMs(): Millis {
    return 500 + 10 * this.settings.maxPropagationBurstLatencyMs;
  }

  /** For a block to be committed, and for the height to be told at a tick. */
  get heightMs(): Millis {
    return this.answerMs / 2 + this.tickMs(this.settings.publishStateInfoIntervalMs);
  }

  /** For something done at a tick of `intervalMs`: two ticks and what a loaded machine adds. */
  tickMs(intervalMs: Millis): Millis {
    return 2 * intervalMs + 1_000;
  }

  /** For something a peer does with a few randomly chosen members at each tick. */
  turnMs(intervalMs: Millis): Millis {
    return this.#unlessToAll(12 * intervalMs + 2_000, intervalMs);
  }

  /** As `turnMs`, where no false alarm may be: of ten members, three chosen each time, one in a million waits longer. */
  chosenMs(intervalMs: Millis): Millis {
    return this.#unlessToAll(40 * intervalMs + 2_000, intervalMs);
  }

  /** How often a tester says that it is alive: often enough not to expire, and each time relayed to all others. */
  get heartbeatMs(): Millis {
    return this.settings.aliveExpirationTimeoutMs / 3;
  }

  /** Where nobody is passed over, a tick is enough, and what a loaded machine adds. */
  #unlessToAll(waitMs: Millis, intervalMs: Millis): Millis {
    return this.#turnsToAll ? Math.min(waitMs, 2 * intervalMs + this.answerMs) : waitMs;
  }
}
