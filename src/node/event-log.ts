import { hexOf, type PeerEvent } from '../core';
import type { Clock, Millis } from '../ports/clock';
import type { Log } from '../ports/log';

/** What recurs, a refusal or a dead endpoint, is logged once in so long. */
const REPEAT_AFTER_MS = 60_000;

/** Recurring things remembered; a hostile peer has many addresses. */
const MAX_REMEMBERED = 1000;

/** Says in a log what a peer does; what recurs at a bounded rate. */
export class EventLog {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #lastLoggedMs = new Map<string, Millis>();

  constructor(log: Log, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  listening(address: string): void {
    this.#log.info('listening', { address });
  }

  stopped(): void {
    this.#log.info('stopped');
  }

  event(event: PeerEvent): void {
    switch (event.kind) {
      case 'memberAlive':
      case 'memberDead':
      case 'memberForgotten': {
        const { endpoint, internalEndpoint, pkiId } = event.member;
        this.#log.info(event.kind, { endpoint, internalEndpoint, pkiId: hexOf(pkiId) });
        return;
      }
      case 'memberRefreshed':
      case 'stateInfoLearned':
        return;
      case 'identityLearned':
      case 'identityPurged':
      case 'connected':
      case 'disconnected':
      case 'joined':
        this.#log.debug(event.kind, { ...event, pkiId: hexOf(event.pkiId) });
        return;
      case 'blockCommitted':
        this.#log.debug(event.kind, { channel: event.channel, number: event.number });
        return;
      case 'leadershipChanged':
        this.#log.info(event.kind, { channel: event.channel, isLeader: event.isLeader });
        return;
      case 'ledgerFailed':
        this.#log.warn(event.kind, { channel: event.channel, error: String(event.error) });
        return;
      case 'unreachable':
        if (this.#isDue(`${event.endpoint} ${event.kind}`)) {
          this.#log.warn(event.kind, { endpoint: event.endpoint, ...event.failure });
        }
        return;
      case 'joinAbandoned':
        this.#log.warn(event.kind, { endpoint: event.endpoint });
        return;
      case 'rejected':
        this.#rejected(event);
    }
  }

  #rejected({ rejection, from }: Extract<PeerEvent, { kind: 'rejected' }>): void {
    const remote = from.pkiId === undefined ? from.address : hexOf(from.pkiId);
    if (!rejection.ordinary && this.#isDue(`${remote} ${rejection.reason}`)) {
      const { reason, clause, detail } = rejection;
      this.#log.debug('rejected', { reason, clause, detail, remote });
    }
  }

  #isDue(key: string): boolean {
    const nowMs = this.#clock.now();
    const lastMs = this.#lastLoggedMs.get(key);
    if (lastMs !== undefined && nowMs - lastMs < REPEAT_AFTER_MS) {
      return false;
    }
    if (this.#lastLoggedMs.size >= MAX_REMEMBERED) {
      this.#lastLoggedMs.clear();
    }
    this.#lastLoggedMs.set(key, nowMs);
    return true;
  }
}
