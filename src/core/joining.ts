/**
 * Joining bootstrap and anchor peers.
 *
 *            ┌──── failed, or of the wrong organisation: wait reconnectInterval ────┐
 *            ▼                                                                      │
 *     deep probe ──────────────────────────────────────────────────────────────────┤
 *            │ who is there                                                         │
 *            ▼                                                                      │
 *     MembershipRequest with a nonce ──5 s──► no answer: wait reconnectInterval, then the same bytes again
 *            │ a response with the nonce, from anybody
 *            ▼
 *         joined                            either loop: at most maxConnectionAttempts times
 *
 * Source: gossip/discovery/discovery_impl.go, `Connect`, `sendUntilAcked`; gossip/gossip/gossip_impl.go,
 * `connect2BootstrapPeers`, `learnAnchorPeers`.
 */
import type { PeerIdentity } from '../ports/identity';
import type { Connections, Target } from './connections';
import type { PeerContext } from './context';
import type { Disclosure } from './disclosure';
import type { Opened } from './envelopes';
import type { Instant } from './instant';
import type { OwnAlive } from './own-alive';
import { fixedTiming } from './settings';

interface Join {
  readonly tag: string;
  readonly endpoint: string;
  /** Whether a peer of this organisation is the one looked for (BOOT-02, BOOT-07). */
  readonly accepts: (org: string) => boolean;
  attempts: number;
  /** The request under way, once it is known whom to ask. */
  asked?: { readonly nonce: bigint; readonly target: Target; readonly request: Opened };
}

export class Joining {
  readonly #context: PeerContext;
  readonly #connections: Connections;
  readonly #disclosure: Disclosure;
  readonly #ownAlive: OwnAlive;
  readonly #joins = new Map<string, Join>();
  readonly #cornerstones: Set<string>;
  #begun = 0;

  constructor(context: PeerContext, connections: Connections, disclosure: Disclosure, ownAlive: OwnAlive) {
    this.#context = context;
    this.#connections = connections;
    this.#disclosure = disclosure;
    this.#ownAlive = ownAlive;
    this.#cornerstones = new Set(context.settings.bootstrap);
  }

  /** Whether an endpoint is that of a bootstrap or anchor peer (DEAD-07). */
  isCornerstone(endpoint: string): boolean {
    return this.#cornerstones.has(endpoint);
  }

  /** Calls every bootstrap peer (BOOT-01 to BOOT-04). */
  start(at: Instant): void {
    const { rules, self, settings } = this.#context;
    for (const endpoint of settings.bootstrap) {
      this.#begin(endpoint, (org) => rules.acceptsBootstrap(self.mspId, org), at);
    }
  }

  /** Calls an anchor peer listed for `org` (BOOT-05 to BOOT-07). */
  joinAnchor(endpoint: string, org: string, at: Instant): void {
    const { rules, self, settings } = this.#context;
    this.#cornerstones.add(endpoint);
    if (!rules.callsAnchor(endpoint, org, self.mspId, settings.externalEndpoint)) {
      return;
    }
    this.#begin(endpoint, (actualOrg) => rules.acceptsAnchor(self.mspId, org, actualOrg), at);
  }

  #begin(endpoint: string, accepts: (org: string) => boolean, at: Instant): void {
    const { rules, settings } = this.#context;
    if (rules.isOwnEndpoint(endpoint, settings)) {
      return;
    }
    const join: Join = { tag: String(++this.#begun), endpoint, accepts, attempts: 0 };
    this.#joins.set(join.tag, join);
    this.#probe(join, at);
  }

  #probe(join: Join, at: Instant): void {
    if (this.#attempt(join)) {
      this.#connections.deepProbe(join.endpoint, join.tag, at);
    }
  }

  /** Counts an attempt; false: there were enough. */
  #attempt(join: Join): boolean {
    if (join.attempts >= this.#context.settings.maxConnectionAttempts) {
      this.#joins.delete(join.tag);
      this.#context.outbox.report({ kind: 'joinAbandoned', endpoint: join.endpoint });
      return false;
    }
    join.attempts++;
    return true;
  }

  /** A deep probe ended; `peer` is who answered. */
  probed(tag: string, peer: PeerIdentity | undefined, at: Instant): void {
    const join = this.#joins.get(tag);
    if (join === undefined) {
      return;
    }
    if (peer === undefined || !join.accepts(peer.mspId)) {
      this.#later(join, (later) => {
        this.#probe(join, later);
      });
      return;
    }
    const nonce = this.#nonZeroNonce();
    const request = this.#disclosure.request(this.#ownAlive.build(at.nowMs), peer.mspId, nonce);
    join.asked = { nonce, target: { pkiId: peer.pkiId, endpoint: join.endpoint }, request };
    join.attempts = 0;
    this.#ask(join, at);
  }

  #nonZeroNonce(): bigint {
    for (;;) {
      const nonce = this.#context.random.uint64();
      if (nonce !== 0n) {
        return nonce;
      }
    }
  }

  #ask(join: Join, at: Instant): void {
    if (join.asked === undefined || !this.#attempt(join)) {
      return;
    }
    this.#connections.send(join.asked.target, join.asked.request, at);
    this.#context.timers.arm(timerOf(join), fixedTiming.membershipResponseWaitMs, () => {
      this.#later(join, (later) => {
        this.#ask(join, later);
      });
    });
  }

  #later(join: Join, then: (at: Instant) => void): void {
    this.#context.timers.arm(timerOf(join), this.#context.settings.reconnectIntervalMs, then);
  }

  /** A membership response with this nonce came, from whomever (MEMB-14). */
  answered(nonce: bigint): void {
    for (const join of this.#joins.values()) {
      if (join.asked?.nonce === nonce) {
        this.#joins.delete(join.tag);
        this.#context.timers.cancel(timerOf(join));
        const { pkiId } = join.asked.target;
        this.#context.outbox.report({ kind: 'joined', endpoint: join.endpoint, pkiId });
        return;
      }
    }
  }
}

const timerOf = (join: Join): string => `join:${join.tag}`;
