/**
 * Which peer of the organisation talks to the orderer.
 *
 *     settling ──two looks at the view agree──► no leader heard of? ──► proposing ──leaderElectionDuration──┐
 *                                                      ▲  │ one was                                      │
 *           nothing heard for leaderAliveThreshold      │  ▼                 a declaration, or a better one │
 *                                                      └── following ◄─────────────────────────────────────┤
 *                                                           ▲                                              │
 *                          a declaration of a better one,    │                                   nobody better
 *                          or it yielded                     └── leading ◄──────────────────────────────────┘
 *                                                                 declares every half leaderAliveThreshold
 *
 * Better is who has the lower PKI-ID. Source: gossip/election/election.go.
 */
import type { Millis } from '../../ports/clock';
import type { LeadershipMessage } from '../../wire';
import { keyOf } from '../bytes';
import type { Opened } from '../envelopes';
import type { Established } from '../established';
import type { Instant } from '../instant';
import type { Rejection } from '../rejections';
import type { ChannelScope } from './channel-scope';
import { Leadership } from './leadership';
import type { StateInfos } from './state-infos';

export class LeaderElection {
  readonly #scope: ChannelScope;
  readonly #leadership: Leadership;
  /** PKI-IDs of those who proposed themselves, by their keys. */
  readonly #proposals = new Map<string, Uint8Array>();
  #phase: 'idle' | 'settling' | 'proposing' | 'following' | 'leading' = 'idle';
  /** Whether somebody, perhaps ourselves, has declared to be leader since we last began to follow. */
  #leaderExists = false;
  #isLeader = false;
  #isYielding = false;

  constructor(scope: ChannelScope, stateInfos: StateInfos, at: Instant) {
    this.#scope = scope;
    this.#leadership = new Leadership(scope, stateInfos, at);
  }

  get isLeader(): boolean {
    return this.#isLeader;
  }

  /** Takes part, if the settings say so (ELECT-02, ELECT-05). */
  start(at: Instant): void {
    this.#leadership.start();
    const { settings } = this.#scope.context;
    if (settings.useLeaderElection) {
      this.#phase = 'settling';
      this.#settle(this.#leadership.peers().length, at.nowMs + settings.electionStartupGracePeriodMs);
    }
  }

  /** Takes part no more. */
  stop(): void {
    this.#phase = 'idle';
    this.#lead(false);
    this.#scope.context.timers.cancel(this.#timer);
  }

  /** A leader that cannot reach the orderer lets others try (ELECT-09). */
  yield(): void {
    const { rules, settings, timers } = this.#scope.context;
    if (!this.#isLeader) {
      return;
    }
    this.#lead(false);
    this.#isYielding = true;
    this.#leaderExists = false;
    const yieldMs = rules.yieldPeriodMs(settings.electionLeaderAliveThresholdMs);
    timers.arm(this.#yieldTimer, yieldMs, () => {
      this.#isYielding = false;
    });
    this.#follow();
  }

  get #timer(): string {
    return this.#scope.timer('election');
  }

  get #yieldTimer(): string {
    return this.#scope.timer('yield');
  }

  #after(delayMs: Millis, then: (at: Instant) => void): void {
    this.#scope.context.timers.arm(this.#timer, delayMs, then);
  }

  #settle(viewSize: number, deadlineMs: Millis): void {
    this.#after(this.#scope.context.settings.electionMembershipSampleIntervalMs, (at) => {
      const size = this.#leadership.peers().length;
      if (size === viewSize || at.nowMs > deadlineMs || this.#leaderExists) {
        this.#run(at);
      } else {
        this.#settle(size, deadlineMs);
      }
    });
  }

  #run(at: Instant): void {
    if (this.#leaderExists || this.#isYielding) {
      this.#goOn(at);
      return;
    }
    this.#phase = 'proposing';
    this.#leadership.send(false, at);
    this.#after(this.#scope.context.settings.electionLeaderElectionDurationMs, (later) => {
      this.#conclude(later);
    });
  }

  /** The wait for other proposals is over, or a declaration has ended it (ELECT-06). */
  #conclude(at: Instant): void {
    const { rules, self } = this.#scope.context;
    const isBeaten = [...this.#proposals.values()].some((other) => rules.givesWay(other, self.pkiId));
    if (!this.#leaderExists && !isBeaten) {
      this.#lead(true);
      this.#leaderExists = true;
    }
    this.#goOn(at);
  }

  #goOn(at: Instant): void {
    const { context } = this.#scope;
    if (this.#leaderExists && this.#isYielding) {
      this.#isYielding = false;
      context.timers.cancel(this.#yieldTimer);
    }
    if (!this.#isLeader) {
      this.#follow();
      return;
    }
    this.#phase = 'leading';
    this.#leadership.send(true, at);
    const { electionLeaderAliveThresholdMs } = context.settings;
    this.#after(context.rules.declarationPeriodMs(electionLeaderAliveThresholdMs), (later) => {
      this.#goOn(later);
    });
  }

  /** Waits whether a leader is heard of (ELECT-08). */
  #follow(): void {
    this.#phase = 'following';
    this.#proposals.clear();
    this.#leaderExists = false;
    this.#after(this.#scope.context.settings.electionLeaderAliveThresholdMs, (later) => {
      this.#run(later);
    });
  }

  #lead(isLeader: boolean): void {
    if (this.#isLeader !== isLeader) {
      this.#isLeader = isLeader;
      this.#scope.context.outbox.report({ kind: 'leadershipChanged', channel: this.#scope.name, isLeader });
    }
  }

  /** A leadership message; judged, if not heeded, with the election off too. */
  received(opened: Opened, value: LeadershipMessage, from: Established, at: Instant): Rejection | undefined {
    const fault = this.#leadership.fault(opened, value, from, at);
    if (fault === undefined && this.#phase !== 'idle') {
      this.#heed(value, at);
    }
    return fault;
  }

  /**
   * Deviation: in Fabric any declaration makes a leader repeat its own at once, to everybody; here only one that it
   * gives way to disturbs it (ELECT-07).
   */
  #heed({ isDeclaration, pkiId }: LeadershipMessage, at: Instant): void {
    const { rules, self } = this.#scope.context;
    if (!isDeclaration) {
      this.#proposals.set(keyOf(pkiId), pkiId);
      return;
    }
    this.#leaderExists = true;
    if (this.#isLeader && rules.givesWay(pkiId, self.pkiId)) {
      this.#lead(false);
      this.#follow();
    } else if (this.#phase === 'proposing') {
      this.#conclude(at);
    }
  }
}
