import type { Socket } from 'node:net';
import type { Clock } from '../../ports/clock';
import type { Ending, TlsBinding } from '../../ports/transport';
import { decodeEnvelope, decodeMessage, WireError } from '../../wire';
import type { Cuts } from './cuts';
import type { Faults, Outcome } from './faults';
import type { LaneMessages } from './lane';
import type { PeerName, RelayedLink, RelayEvent, RelayObserver } from './observed';
import type { CallObserver } from './relayed-call';
import { RelayedConnection, type ConnectionHost } from './relayed-connection';
import { anonymousContext, type RelayedPeer } from './relayed-peer';

type EventOf<E> = E extends unknown ? Omit<E, 'atMs' | 'wallNanos' | 'link'> : never;

/** All connections of a proxy, and what is told of them. */
export class Traffic {
  readonly #clock: Clock;
  readonly #faults: Faults;
  readonly #cuts: Cuts;
  readonly #observer: RelayObserver;
  readonly #links = new Set<Link>();
  #connections = 0;
  #isOver = false;

  constructor(clock: Clock, faults: Faults, cuts: Cuts, observer: RelayObserver) {
    this.#clock = clock;
    this.#faults = faults;
    this.#cuts = cuts;
    this.#observer = observer;
  }

  /** Takes a connection that was made to a peer's front. */
  accept(tcp: Socket, responder: RelayedPeer, peers: readonly RelayedPeer[]): void {
    if (this.#isOver) {
      tcp.destroy();
      return;
    }
    this.#connections += 1;
    const link = new Link(this.#connections, tcp, responder, peers, {
      clock: this.#clock,
      faults: this.#faults,
      observer: this.#observer,
      isCut: (a, b) => this.#cuts.isCut(a, b),
      onClosed: () => {
        this.#links.delete(link);
      },
    });
    this.#links.add(link);
    link.open();
  }

  /** Breaks whatever leads across a cut. */
  breakCut(): void {
    for (const link of [...this.#links]) link.breakIf((a, b) => this.#cuts.isCut(a, b), 'cut');
  }

  breakBetween(one: string, other: string): void {
    const between = (a: string, b: string): boolean =>
      (a === one && b === other) || (a === other && b === one);
    for (const link of [...this.#links]) link.breakIf(between, 'broken');
  }

  close(): void {
    this.#isOver = true;
    for (const link of [...this.#links]) link.close('the proxy is closing');
  }
}

interface LinkHost {
  readonly clock: Clock;
  readonly faults: Faults;
  readonly observer: RelayObserver;
  isCut(a: string, b: string): boolean;
  onClosed(): void;
}

/** One connection: who is on it, and what is told of it. */
class Link implements CallObserver {
  readonly #host: LinkHost;
  readonly #tcp: Socket;
  readonly #responder: RelayedPeer;
  readonly #peers: readonly RelayedPeer[];
  readonly #remoteAddress: string;
  #connection: RelayedConnection | undefined;
  #initiatorCertificate: Uint8Array | undefined;
  #link: RelayedLink;

  constructor(
    number: number,
    tcp: Socket,
    responder: RelayedPeer,
    peers: readonly RelayedPeer[],
    host: LinkHost,
  ) {
    this.#host = host;
    this.#tcp = tcp;
    this.#responder = responder;
    this.#peers = peers;
    this.#remoteAddress = `${tcp.remoteAddress ?? ''}:${tcp.remotePort ?? 0}`;
    this.#link = { connection: number, initiator: undefined, responder: responder.name };
  }

  open(): void {
    this.#connection = new RelayedConnection(this.#tcp, this.#connectionHost());
  }

  breakIf(isMeant: (a: string, b: string) => boolean, reason: string): void {
    const { initiator, responder } = this.#link;
    if (initiator !== undefined && isMeant(initiator.name, responder.name)) this.close(reason);
  }

  close(reason: string): void {
    this.#connection?.close(reason);
  }

  messagesOf(sender: 'initiator' | 'responder', stream: number): LaneMessages {
    let told: (() => void) | undefined;
    return {
      judge: (message) => {
        const [atMs, wallNanos] = [this.#host.clock.now(), this.#host.clock.wallNanos()];
        if (!this.#isKnown(sender, message)) return [];
        const outcome = this.#judge(sender, message);
        const { fate, passages } = outcome;
        told = () =>
          this.#host.observer.onEnvelope?.({
            atMs,
            wallNanos,
            link: this.#link,
            stream,
            sender,
            binding: this.#bindingOf(sender),
            envelope: message,
            fate,
            ...(fate === 'altered' && passages[0] !== undefined ? { passedOn: passages[0].bytes } : {}),
          });
        return passages;
      },
      passed: () => {
        told?.();
        told = undefined;
      },
      unreadable: (bytes) => {
        this.#tell({ kind: 'unreadable', stream, bytes });
      },
    };
  }

  onCalled(stream: number, path: string): void {
    this.#tell({ kind: 'called', stream, path });
  }

  onHalfClosed(stream: number): void {
    this.#tell({ kind: 'half-closed', stream });
  }

  onEnded(stream: number, path: string, status: Ending | undefined): void {
    this.#tell({ kind: 'ended', stream, path, status });
  }

  #connectionHost(): ConnectionHost {
    const { tls, service } = this.#responder;
    return {
      clock: this.#host.clock,
      service: service(),
      tls: tls && {
        entry: tls.entry,
        expected: tls.serverLeaf,
        clientFor: (certificate) => this.#diallerWith(certificate)?.tls?.client ?? anonymousContext,
      },
      admit: (certificate, tlsVersion) => {
        this.#initiatorCertificate = certificate;
        const isLet = this.#isLetThrough(this.#diallerWith(certificate)?.name);
        this.#tell({ kind: 'connected', tlsVersion, remoteAddress: this.#remoteAddress });
        return isLet;
      },
      calls: this,
      onGoingAway: (sender, code, text) => {
        this.#tell({ kind: 'going-away', sender, code, text });
      },
      onClosed: (reason) => {
        this.#host.onClosed();
        this.#tell({ kind: 'closed', reason });
      },
    };
  }

  #diallerWith(certificate: Uint8Array | undefined): RelayedPeer | undefined {
    return certificate && this.#peers.find((peer) => peer.dialsWith(certificate));
  }

  #isLetThrough(initiator: PeerName | undefined): boolean {
    this.#link = { ...this.#link, initiator };
    return initiator === undefined || !this.#host.isCut(initiator.name, this.#link.responder.name);
  }

  /** Learns who dialled from its ConnEstablish, where TLS has not told it; false: it is cut off, and the link is gone. */
  #isKnown(sender: 'initiator' | 'responder', message: Uint8Array): boolean {
    if (this.#link.initiator !== undefined || sender === 'responder' || this.#responder.tls !== undefined)
      return true;
    const pkiId = pkiIdOf(message);
    const found = pkiId && this.#peers.find((peer) => peer.hasPkiId(pkiId));
    if (this.#isLetThrough(found?.name)) return true;
    this.close('cut');
    return false;
  }

  #judge(sender: 'initiator' | 'responder', message: Uint8Array): Outcome {
    const [from, to] = this.#names(sender);
    return this.#host.faults.judge(message, from, to);
  }

  #names(sender: 'initiator' | 'responder'): readonly [string | undefined, string | undefined] {
    const { initiator, responder } = this.#link;
    return sender === 'initiator' ? [initiator?.name, responder.name] : [responder.name, initiator?.name];
  }

  #bindingOf(sender: 'initiator' | 'responder'): TlsBinding {
    const { tls } = this.#responder;
    const [initiator, responder] = [this.#initiatorCertificate, tls?.serverLeaf];
    const [localCertificate, remoteCertificate] =
      sender === 'initiator' ? [initiator, responder] : [responder, initiator];
    return { tls: tls !== undefined, localCertificate, remoteCertificate };
  }

  #tell(event: EventOf<RelayEvent>): void {
    const { clock, observer } = this.#host;
    observer.onEvent?.({ ...event, atMs: clock.now(), wallNanos: clock.wallNanos(), link: this.#link });
  }
}

/** Of a ConnEstablish; undefined where the bytes are none. */
function pkiIdOf(bytes: Uint8Array): Uint8Array | undefined {
  try {
    const { content } = decodeMessage(decodeEnvelope(bytes).payload);
    return content?.kind === 'conn' ? content.value.pkiId : undefined;
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}
