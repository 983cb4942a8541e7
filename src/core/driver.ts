/**
 * Performs what the gossip machine decides, over a transport and a clock, and tells it what comes back.
 *
 *     transport, clock ──inputs──► machine ──effects──► transport, clock, listener of events
 *
 * The same driver serves real sockets and simulations. It decides nothing.
 */
import type { Clock, Millis, Timer } from '../ports/clock';
import type { Signer } from '../ports/identity';
import {
  StatusCode,
  type Connection,
  type Dialling,
  type Ending,
  type GossipStream,
  type Listener,
  type StreamEvents,
  type Transport,
} from '../ports/transport';
import { encode, Envelope, type ContentKind } from '../wire';
import type { Effect, Input, LinkId, SendEffect } from './effects';
import { openBytes } from './envelopes';
import type { PeerEvent } from './events';
import type { GossipMachine } from './gossip-machine';
import type { Instant } from './instant';
import type { Tamper, TamperContext } from './tamper';

/** How often things happened. */
export interface DriverStatistics {
  readonly sent: Readonly<Partial<Record<ContentKind, number>>>;
  /** Envelopes received, of any kind. */
  readonly received: number;
  /** Messages lost to a full queue or a stream that is over (LIFE-13). */
  readonly dropped: number;
  readonly dials: number;
}

export interface DriverOptions {
  /** Makes the machine, once the address is known that the peer listens on. */
  readonly createMachine: (listenAddress: string) => GossipMachine;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly signer: Signer;
  readonly onEvent: (event: PeerEvent) => void;
  readonly tamper?: Tamper | undefined;
}

/** What stands behind a link. */
interface Held {
  dialling?: Dialling;
  connection?: Connection;
  stream?: GossipStream;
  peer: Uint8Array | undefined;
}

export class GossipDriver {
  readonly #options: DriverOptions;
  readonly #links = new Map<LinkId, Held>();
  readonly #timers = new Map<string, Timer>();
  /** Timers of delayed messages, which only a tamper asks for. */
  readonly #delays = new Set<Timer>();
  readonly #sent: Partial<Record<ContentKind, number>> = {};
  #received = 0;
  #dropped = 0;
  #dials = 0;
  #accepted = 0;
  #listener: Listener | undefined;
  #machine: GossipMachine | undefined;

  constructor(options: DriverOptions) {
    this.#options = options;
  }

  /**
   * Listens and begins to gossip; resolves to the address bound. Rejects as {@link Transport.listen} does; then
   * nothing runs. To be called once.
   */
  async start(): Promise<string> {
    this.#listener = await this.#options.transport.listen((stream) => this.#accept(stream));
    this.#machine = this.#options.createMachine(this.#listener.address);
    this.input({ kind: 'start' });
    return this.#listener.address;
  }

  /** Ends everything: when it resolves, no timer, stream or listener is left. May be called twice. */
  async stop(): Promise<void> {
    this.input({ kind: 'stop' });
    this.#machine = undefined;
    for (const timer of [...this.#timers.values(), ...this.#delays]) {
      timer.cancel();
    }
    this.#timers.clear();
    this.#delays.clear();
    await this.#listener?.close();
    this.#links.clear();
  }

  /** The machine while the peer runs. */
  get machine(): GossipMachine | undefined {
    return this.#machine;
  }

  statistics(): DriverStatistics {
    return { sent: { ...this.#sent }, received: this.#received, dropped: this.#dropped, dials: this.#dials };
  }

  /** Gives the machine an input and performs what it answers; nothing while the peer does not run. */
  input(input: Input): void {
    for (const effect of this.#machine?.step(input, this.#instant()) ?? []) {
      this.#perform(effect);
    }
  }

  #instant(): Instant {
    const { clock } = this.#options;
    return { nowMs: clock.now(), wallMs: Number(clock.wallNanos() / 1000n) / 1000 };
  }

  #perform(effect: Effect): void {
    switch (effect.kind) {
      case 'dial':
        this.#dial(effect.link, effect.endpoint, effect.timeoutMs);
        return;
      case 'ping':
        this.#links.get(effect.link)?.connection?.ping(effect.timeoutMs, (failure) => {
          this.input({ kind: 'pinged', link: effect.link, failure });
        });
        return;
      case 'open':
        this.#open(effect.link, effect.deadlineMs);
        return;
      case 'send':
        this.#send(effect);
        return;
      case 'identified':
        this.#identified(effect.link, effect.pkiId);
        return;
      case 'end':
        this.#end(effect.link, effect.ending);
        return;
      case 'close':
        this.#close(effect.link);
        return;
      case 'arm':
        this.#arm(effect.timer, effect.delayMs);
        return;
      case 'cancel':
        this.#timers.get(effect.timer)?.cancel();
        this.#timers.delete(effect.timer);
        return;
      case 'report':
        this.#options.onEvent(effect.event);
    }
  }

  // ── Links ───────────────────────────────────────────────────────────────────────────────────────────────────

  #accept(stream: GossipStream): StreamEvents {
    const link: LinkId = `in-${++this.#accepted}`;
    this.#links.set(link, { stream, peer: undefined });
    if (this.#machine === undefined) {
      this.#end(link, { code: StatusCode.UNAVAILABLE, details: 'not running' });
    }
    const { remoteAddress, binding } = stream;
    this.input({ kind: 'accepted', link, remoteAddress, binding });
    return this.#eventsOf(link);
  }

  #dial(link: LinkId, endpoint: string, timeoutMs: Millis): void {
    this.#dials++;
    const held: Held = { peer: undefined };
    this.#links.set(link, held);
    held.dialling = this.#options.transport.dial(endpoint, timeoutMs, (result) => {
      if (!result.ok) {
        this.#links.delete(link);
        this.input({ kind: 'dial-failed', link, failure: result.failure });
        return;
      }
      held.connection = result.connection;
      this.input({ kind: 'dialled', link, binding: result.connection.binding });
    });
  }

  #open(link: LinkId, deadlineMs: Millis | undefined): void {
    const held = this.#links.get(link);
    if (held?.connection !== undefined) {
      held.stream = held.connection.open(this.#eventsOf(link), deadlineMs);
    }
  }

  #eventsOf(link: LinkId): StreamEvents {
    return {
      onEnvelope: (bytes) => {
        this.#receive(link, bytes);
      },
      onEnd: (ending) => {
        this.input({ kind: 'ended', link, ending });
        if (link.startsWith('in-')) {
          this.#links.delete(link);
        }
      },
    };
  }

  #identified(link: LinkId, pkiId: Uint8Array): void {
    const held = this.#links.get(link);
    if (held !== undefined) {
      held.peer = pkiId;
    }
  }

  #end(link: LinkId, ending: Ending): void {
    this.#links.get(link)?.stream?.end(ending);
    this.#links.delete(link);
  }

  #close(link: LinkId): void {
    const held = this.#links.get(link);
    this.#links.delete(link);
    held?.dialling?.cancel();
    held?.connection?.close();
  }

  // ── Messages ────────────────────────────────────────────────────────────────────────────────────────────────

  #send(effect: SendEffect): void {
    const held = this.#links.get(effect.link);
    if (held === undefined) {
      this.#dropped++;
      return;
    }
    const { tamper } = this.#options;
    if (tamper?.outgoing === undefined) {
      this.#write(held, effect.bytes, effect.content);
      return;
    }
    const opened = openBytes(effect.bytes);
    if (opened.kind === 'rejected') {
      throw new Error(`own message does not open: ${opened.detail}`);
    }
    for (const { envelope, delayMs = 0 } of tamper.outgoing(opened, this.#tamperContext(effect.link, held))) {
      this.#after(delayMs, () => {
        this.#write(held, encode(Envelope, envelope), effect.content);
      });
    }
  }

  #write(held: Held, bytes: Uint8Array, content: ContentKind): void {
    if (held.stream?.send(bytes) === true) {
      this.#sent[content] = (this.#sent[content] ?? 0) + 1;
    } else {
      this.#dropped++;
    }
  }

  #receive(link: LinkId, bytes: Uint8Array): void {
    const held = this.#links.get(link);
    this.#received++;
    const { tamper } = this.#options;
    const inPlace =
      tamper?.incoming === undefined || held === undefined
        ? [bytes]
        : tamper.incoming(bytes, this.#tamperContext(link, held));
    for (const each of inPlace) {
      this.input({ kind: 'received', link, bytes: each });
    }
  }

  #tamperContext(link: LinkId, held: Held): TamperContext {
    return { link, peer: held.peer, signer: this.#options.signer };
  }

  // ── Timers ──────────────────────────────────────────────────────────────────────────────────────────────────

  #arm(name: string, delayMs: Millis): void {
    this.#timers.get(name)?.cancel();
    const timer = this.#options.clock.after(delayMs, () => {
      this.#timers.delete(name);
      this.input({ kind: 'timer', timer: name });
    });
    this.#timers.set(name, timer);
  }

  #after(delayMs: Millis, then: () => void): void {
    if (delayMs <= 0) {
      then();
      return;
    }
    const timer = this.#options.clock.after(delayMs, () => {
      this.#delays.delete(timer);
      then();
    });
    this.#delays.add(timer);
  }
}
