/**
 * One gossip machine on a bench, in virtual time, with scripted remotes instead of a network: the test says what
 * each remote does and looks at what the machine sends, dials, ends and reports.
 */
import {
  defaultGossipTiming,
  fabricRules,
  GossipMachine,
  openBytes,
  type Effect,
  type GossipSettings,
  type Input,
  type LinkId,
  type Opened,
  type PeerEvent,
  type Rules,
} from '../../../src/core';
import { wallMs, type Timer } from '../../../src/ports/clock';
import type { SigningIdentity } from '../../../src/ports/identity';
import { StatusCode, type Ending, type TlsBinding } from '../../../src/ports/transport';
import { cheapHash, keyedIdentity, KeyedValidator } from '../../../src/sim/keyed-identity';
import { SeededRandom } from '../../../src/ports/seeded-random';
import { VirtualClock } from '../../../src/sim/virtual-clock';
import type { Content, ContentKind } from '../../../src/wire';
import { isKind } from './contents';
import type { Remote } from './remote';

export const plaintext: TlsBinding = {
  tls: false,
  localCertificate: undefined,
  remoteCertificate: undefined,
};
const ended: Ending = { code: StatusCode.UNAVAILABLE, details: 'gone' };

/** The remote's end of one stream. */
export class BenchStream {
  readonly link: LinkId;
  readonly #bench: MachineBench;
  readonly #unread: Opened[] = [];
  /** How the machine ended it: with a status, or as initiator by closing the connection. */
  ending: Ending | 'closed' | undefined;

  constructor(bench: MachineBench, link: LinkId) {
    this.#bench = bench;
    this.link = link;
  }

  send(...messages: readonly (Opened | Uint8Array)[]): this {
    for (const message of messages) {
      const bytes = message instanceof Uint8Array ? message : message.bytes;
      this.#bench.input({ kind: 'received', link: this.link, bytes });
    }
    return this;
  }

  /** The remote ends the stream. */
  end(ending: Ending = ended): void {
    this.#bench.input({ kind: 'ended', link: this.link, ending });
  }

  deliver(message: Opened): void {
    this.#unread.push(message);
  }

  /** What the machine sent here since the last time. */
  take(): Opened[] {
    return this.#unread.splice(0);
  }

  /** The kinds of what it sent here since the last time. */
  takeKinds(): (ContentKind | undefined)[] {
    return this.take().map(({ message }) => message.content?.kind);
  }

  /** The one message of this kind sent here since the last time; others are dropped. */
  takeOnly<K extends ContentKind>(kind: K): Opened & { readonly content: Extract<Content, { kind: K }> } {
    const found = this.take().flatMap((opened) => {
      const { content } = opened.message;
      return isKind(content, kind) ? [{ ...opened, content }] : [];
    });
    const [only] = found;
    if (only === undefined || found.length !== 1) {
      throw new Error(`expected one ${kind}, got ${found.length}`);
    }
    return only;
  }
}

export interface BenchOptions {
  readonly settings?: Partial<GossipSettings>;
  readonly rules?: Partial<Rules>;
  readonly mspId?: string;
  readonly seed?: number;
}

export interface Dial {
  readonly link: LinkId;
  readonly endpoint: string;
}

export class MachineBench {
  readonly clock = new VirtualClock();
  readonly self: SigningIdentity;
  readonly validator = new KeyedValidator(['Org1MSP', 'Org2MSP', 'Org3MSP']);
  readonly machine: GossipMachine;
  readonly events: PeerEvent[] = [];
  /** Dials not yet answered. */
  dials: Dial[] = [];
  /** Links that were pinged, in order. */
  readonly pings: LinkId[] = [];
  readonly opens: { link: LinkId; deadlineMs: number | undefined }[] = [];
  readonly #streams = new Map<LinkId, BenchStream>();
  readonly #timers = new Map<string, Timer>();
  readonly #closed = new Set<LinkId>();
  #accepted = 0;

  constructor({ settings, rules, mspId = 'Org1MSP', seed = 1 }: BenchOptions = {}) {
    this.self = keyedIdentity(mspId, 'self');
    this.machine = new GossipMachine({
      identity: this.self,
      validator: this.validator,
      settings: {
        ...defaultGossipTiming,
        internalEndpoint: 'self-in:7051',
        externalEndpoint: 'self:7051',
        bootstrap: [],
        ...settings,
      },
      random: new SeededRandom(seed),
      sha256: cheapHash,
      rules: { ...fabricRules, ...rules },
      incNum: this.clock.wallNanos(),
      startedAtMs: this.clock.now(),
    });
    this.input({ kind: 'start' });
  }

  input(input: Input): void {
    const at = { nowMs: this.clock.now(), wallMs: wallMs(this.clock) };
    for (const effect of this.machine.step(input, at)) {
      this.#perform(effect);
    }
  }

  #perform(effect: Effect): void {
    switch (effect.kind) {
      case 'dial':
        this.dials.push({ link: effect.link, endpoint: effect.endpoint });
        return;
      case 'ping':
        this.pings.push(effect.link);
        return;
      case 'open':
        this.opens.push({ link: effect.link, deadlineMs: effect.deadlineMs });
        return;
      case 'send': {
        const opened = openBytes(effect.bytes);
        if (opened.kind === 'rejected') {
          throw new Error(opened.detail);
        }
        this.stream(effect.link).deliver(opened);
        return;
      }
      case 'identified':
        return;
      case 'end':
        this.stream(effect.link).ending = effect.ending;
        return;
      case 'close':
        this.#closed.add(effect.link);
        this.stream(effect.link).ending ??= 'closed';
        return;
      case 'arm':
        this.#timers.get(effect.timer)?.cancel();
        this.#timers.set(
          effect.timer,
          this.clock.after(effect.delayMs, () => {
            this.#timers.delete(effect.timer);
            this.input({ kind: 'timer', timer: effect.timer });
          }),
        );
        return;
      case 'cancel':
        this.#timers.get(effect.timer)?.cancel();
        this.#timers.delete(effect.timer);
        return;
      case 'report':
        this.events.push(effect.event);
    }
  }

  stream(link: LinkId): BenchStream {
    const stream = this.#streams.get(link) ?? new BenchStream(this, link);
    this.#streams.set(link, stream);
    return stream;
  }

  /** A remote opens a stream and says nothing yet. */
  accept(binding: TlsBinding = plaintext): BenchStream {
    const link: LinkId = `in-${++this.#accepted}`;
    const stream = this.stream(link);
    this.input({ kind: 'accepted', link, remoteAddress: '127.0.0.1:50000', binding });
    return stream;
  }

  /** A remote opens a stream and authenticates; the machine's own conn is read. */
  connect(remote: Remote): BenchStream {
    const stream = this.accept();
    stream.send(remote.conn());
    stream.take();
    return stream;
  }

  /** A remote connects and becomes a member by a membership request; what it was sent is read. */
  join(remote: Remote, alive?: Opened): BenchStream {
    const stream = this.connect(remote);
    stream.send(remote.request(0n, alive));
    stream.take();
    return stream;
  }

  /** The oldest unanswered dial. */
  nextDial(): Dial {
    const dial = this.dials.shift();
    if (dial === undefined) {
      throw new Error('nothing was dialled');
    }
    return dial;
  }

  /** The next dial finds `remote` there, which answers Ping; the stream is open, its conn not yet sent. */
  answerDial(binding: TlsBinding = plaintext): BenchStream {
    const { link } = this.nextDial();
    this.input({ kind: 'dialled', link, binding });
    this.input({ kind: 'pinged', link, failure: undefined });
    return this.stream(link);
  }

  /** The next dial finds `remote`, which authenticates; the machine's own conn is read, what follows it is not. */
  establish(remote: Remote): BenchStream {
    const stream = this.answerDial();
    stream.take();
    stream.send(remote.conn());
    return stream;
  }

  /** The next dial fails. */
  failDial(): void {
    this.input({ kind: 'dial-failed', link: this.nextDial().link, failure: ended });
  }

  isClosed(link: LinkId): boolean {
    return this.#closed.has(link);
  }

  /** Endpoints or PKI-IDs of the alive members, as names are easier to read: their external endpoints, sorted. */
  aliveEndpoints(): string[] {
    return this.machine
      .aliveMembers()
      .map(({ endpoint }) => endpoint)
      .sort();
  }

  deadEndpoints(): string[] {
    return this.machine
      .deadMembers()
      .map(({ endpoint }) => endpoint)
      .sort();
  }

  /** Reasons of the rejections reported since the last time. */
  takeRejections(): string[] {
    return this.events
      .splice(0)
      .flatMap((event) => (event.kind === 'rejected' ? [event.rejection.reason] : []));
  }
}
