import type { Millis } from '../ports/clock';
import { Tag } from '../wire';
import type { PeerContext } from './context';
import { seal, type Opened } from './envelopes';

/**
 * Builds the peer's own alive messages (ALIVE-01, ALIVE-02, ALIVE-04).
 * Source: gossip/discovery/discovery_impl.go, `aliveMsgAndInternalEndpoint`; gossip/gossip/gossip_impl.go, `SignMessage`.
 */
export class OwnAlive {
  readonly #context: PeerContext;
  readonly #incNum: bigint;
  readonly #startedAtMs: Millis;
  #seqNum = 0n;
  #lastHeartbeat: Opened | undefined;

  /** `incNum`: the process start in nanoseconds since the Unix epoch; `startedAtMs`: the same instant, monotonic. */
  constructor(context: PeerContext, incNum: bigint, startedAtMs: Millis) {
    this.#context = context;
    this.#incNum = incNum;
    this.#startedAtMs = startedAtMs;
  }

  /** A new alive message with the secret envelope; each takes a sequence number. */
  build(nowMs: Millis): Opened {
    const { self, settings, rules } = this.#context;
    this.#seqNum = rules.nextSeqNum(this.#seqNum);
    const young = rules.includesIdentity(nowMs - this.#startedAtMs, settings.publishCertPeriodMs);
    const value = {
      membership: { endpoint: settings.externalEndpoint, metadata: NO_BYTES, pkiId: self.pkiId },
      timestamp: { incNum: this.#incNum, seqNum: this.#seqNum },
      identity: young ? self.serialized : NO_BYTES,
    };
    return seal({ tag: Tag.EMPTY, content: { kind: 'aliveMsg', value } }, self, settings.internalEndpoint);
  }

  /** A new alive message to be pushed, kept for membership responses. */
  heartbeat(nowMs: Millis): Opened {
    this.#lastHeartbeat = this.build(nowMs);
    return this.#lastHeartbeat;
  }

  /** What ends a membership response: the last heartbeat, a fresh message if there was none (MEMB-06). */
  forResponse(nowMs: Millis): Opened {
    return this.#lastHeartbeat ?? this.build(nowMs);
  }
}

const NO_BYTES = new Uint8Array();
