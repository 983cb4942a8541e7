import type { Tap } from '../../src/capture';
import { tlsCertHash } from '../../src/identity';
import type { Clock, Timer } from '../../src/ports/clock';
import type { Random } from '../../src/ports/random';
import type { SigningIdentity } from '../../src/ports/identity';
import { StatusCode, type GossipStream } from '../../src/ports/transport';
import { PullMsgType, type Envelope, type GossipMessage, type PeerTime } from '../../src/wire';
import {
  aliveMessage,
  connMessage,
  identityDigest,
  identityItem,
  identityUpdate,
  membershipRequest,
  membershipResponse,
  signed,
  unsigned,
  withSecret,
  type AliveFields,
  type ConnFields,
} from '../steps/messages';
import type { Journal } from './journal';
import type { DialOptions, Lines } from './lines';
import type { Papers, PeerUnderTest } from './target';
import { TesterServer, type ServeOptions } from './tester-server';
import { TesterStream, type Received, type StreamTools } from './tester-stream';
import type { Waits } from './timing';
import { Violation } from './verdict';

/** SHA-256, as CONN-07 wants it of a DER certificate; empty where there is none (TLS-09). */
export const tlsHash = (der: Uint8Array | undefined): Uint8Array =>
  der === undefined ? new Uint8Array() : tlsCertHash(der);

/** What a tester does by itself, so that a peer keeps it for a well-behaved member. Each can be switched off. */
export interface Manners {
  /** Answers MembershipRequests with its own fresh alive message. */
  answersRequests: boolean;
  /** Answers identity Hellos with its own identity, and hands it out. */
  answersHellos: boolean;
  /** Pushes a newer alive message every now and then, once it has joined. */
  beatsItsHeart: boolean;
}

export interface TesterDependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly lines: Lines;
  readonly waits: Waits;
  readonly put: PeerUnderTest;
  /** Sees what passes on its streams. */
  readonly tap: Tap;
  readonly journal: Journal;
  /** Told of what a peer does besides messages: its connections, its Pings, that it refuses a connection. */
  readonly sign: (from: string, to: string, what: string) => void;
}

type Partially<T> = { [K in keyof T]?: T[K] };

/** An outside peer in the hand of a check: honest by default, and able to differ in any one thing. */
export class Tester implements AsyncDisposable {
  readonly papers: Papers;
  readonly manners: Manners = { answersRequests: true, answersHellos: true, beatsItsHeart: true };
  /** What it tells as its endpoint, inside and outside; unlike any other tester's (PULL-14). */
  endpoint: string;
  /** What it tells other organisations instead of `endpoint`; empty: it is hidden from them. */
  externalEndpoint: string | undefined;
  /** Incarnation: when this tester came to be, in nanoseconds since the Unix epoch (ALIVE-02). */
  incNum: bigint;

  readonly #with: TesterDependencies;
  readonly #streams: TesterStream[] = [];
  readonly #servers: TesterServer[] = [];
  #seqNum = 0n;
  #heart: Timer | undefined;

  constructor(papers: Papers, unreachableEndpoint: string, dependencies: TesterDependencies) {
    this.papers = papers;
    this.endpoint = unreachableEndpoint;
    this.#with = dependencies;
    this.incNum = dependencies.clock.wallNanos();
  }

  get name(): string {
    return this.papers.name;
  }

  get identity(): SigningIdentity {
    return this.papers.identity;
  }

  get pkiId(): Uint8Array {
    return this.papers.identity.pkiId;
  }

  /** The next PeerTime of this incarnation. */
  nextTime(): PeerTime {
    this.#seqNum += 1n;
    return { incNum: this.incNum, seqNum: this.#seqNum };
  }

  /** A fresh, signed alive message of this tester; for its own organisation with its secret envelope (BOOT-08). */
  alive(fields: Partially<AliveFields> = {}, more: Partially<GossipMessage> = {}): Envelope {
    const outer = this.aliveWithoutSecret(fields, more);
    const ownOrg = this.identity.mspId === this.#with.put.mspId;
    return ownOrg ? withSecret(outer, this.endpoint, this.identity) : outer;
  }

  aliveWithoutSecret(fields: Partially<AliveFields> = {}, more: Partially<GossipMessage> = {}): Envelope {
    const endpoint = this.externalEndpoint ?? this.endpoint;
    return signed(this.identity, aliveMessage(this.identity, this.nextTime(), endpoint, fields, more));
  }

  /** A ConnEstablish fit for `stream`. */
  conn(
    stream: TesterStream,
    fields: Partially<ConnFields> = {},
    more: Partially<GossipMessage> = {},
  ): Envelope {
    const hash = tlsHash(stream.stream.binding.localCertificate);
    return signed(this.identity, connMessage(this.identity, hash, fields, more));
  }

  /** A MembershipRequest that introduces this tester. */
  request(nonce: bigint = this.#with.random.uint64(), selfInformation: Envelope = this.alive()): Envelope {
    return unsigned(membershipRequest(nonce, selfInformation));
  }

  /** Opens a stream to the peer and says nothing on it. */
  async dial(options: DialOptions = {}): Promise<TesterStream> {
    const stream = new TesterStream(this.#tools());
    const { lines, put, sign } = this.#with;
    try {
      await lines.open(put.endpoint, this.papers.tls, options, stream);
    } catch (error) {
      if (error instanceof Violation) sign(put.name, this.name, `no connection: ${error.actual}`);
      throw error;
    }
    stream.onMessage = (received) => {
      this.#answer(stream, received);
    };
    this.#streams.push(stream);
    return stream;
  }

  /** Dials and shakes hands: sends its own ConnEstablish, awaits the peer's. */
  async connect(options: DialOptions = {}): Promise<TesterStream> {
    const stream = await this.dial(options);
    stream.send(this.conn(stream));
    stream.greeted = true;
    await stream.expect('conn', { what: 'the peer’s ConnEstablish' });
    return stream;
  }

  /** Connects and becomes a member: asks for membership, and says from then on that it is alive. */
  async join(options: DialOptions = {}): Promise<{ stream: TesterStream; response: Received<'memRes'> }> {
    const stream = await this.connect(options);
    return { stream, response: await this.becomeMember(stream) };
  }

  /** The same on a stream whose handshake is done. */
  async becomeMember(stream: TesterStream): Promise<Received<'memRes'>> {
    const response = await this.askMembership(stream);
    this.#beat();
    return response;
  }

  /** A membership exchange: a fresh request, the response with its nonce. */
  async askMembership(
    stream: TesterStream,
    request?: Envelope,
    nonce = this.#with.random.uint64(),
  ): Promise<Received<'memRes'>> {
    stream.send(request ?? this.request(nonce));
    return stream.expect('memRes', {
      where: ({ message }) => message.nonce === nonce,
      what: 'a MembershipResponse with the nonce of the request',
    });
  }

  /** Starts to listen where its TLS certificate says, and advertises that address from now on. */
  async listen(options: ServeOptions = {}): Promise<TesterServer> {
    const { listenHost, tls } = this.papers;
    if (listenHost === undefined) throw new Error(`${this.name} has no address to listen on`);
    const server = new TesterServer(this.#tools(), this.#with.put, {
      conn: (stream) => this.conn(stream),
      isForged: options.conn !== undefined,
      answer: (stream, received) => {
        this.#answer(stream, received);
      },
      connected: (remoteAddress) => {
        this.#with.sign(`somebody at ${remoteAddress}`, this.name, 'a connection');
      },
      pinged: (remoteAddress) => {
        this.#with.sign(`somebody at ${remoteAddress}`, this.name, 'Ping');
      },
      ...options,
    });
    await server.start(this.#with.lines, listenHost, tls);
    this.endpoint = server.address;
    this.#servers.push(server);
    return server;
  }

  /**
   * Takes a stream that was opened on a server of the check's own: says its ConnEstablish if it `greets`, keeps its
   * manners.
   */
  accept(stream: GossipStream, greets = true): TesterStream {
    const mine = new TesterStream(this.#tools()).attach(stream);
    mine.onMessage = (received) => {
      this.#answer(mine, received);
    };
    if (greets) {
      mine.send(this.conn(mine));
      mine.greeted = true;
    }
    return mine;
  }

  /**
   * Ends a stream so that the peer has surely forgotten it afterwards: a half-close, which the peer answers by
   * ending the stream (RPC-10). A stream that the peer opened just ends.
   */
  async leave(stream: TesterStream): Promise<void> {
    if (!stream.isOpen) return;
    if (stream.stream.role === 'responder') {
      stream.end({ code: StatusCode.OK, details: '' });
      return;
    }
    this.#with.lines.halfClose(stream);
    await stream.expectEnd('the end of the stream').catch((error: unknown) => {
      if (!(error instanceof Violation)) throw error;
    });
    this.#with.lines.close(stream);
  }

  /** Stops its heart, leaves all streams, stops listening. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#heart?.cancel();
    this.#heart = undefined;
    this.manners.beatsItsHeart = false;
    await Promise.all(this.#streams.map((stream) => this.leave(stream)));
    for (const stream of this.#streams) this.#with.lines.close(stream);
    await Promise.all(this.#servers.map((server) => server.stop()));
  }

  /** Every open stream between this tester and the peer. */
  openStreams(): TesterStream[] {
    return [...this.#streams, ...this.#servers.flatMap((server) => server.streams)].filter(
      (one) => one.isOpen,
    );
  }

  #beat(): void {
    this.#heart?.cancel();
    this.#heart = this.#with.clock.after(this.#with.waits.heartbeatMs, () => {
      if (!this.manners.beatsItsHeart) return;
      this.openStreams()
        .find(({ greeted }) => greeted)
        ?.send(this.alive());
      this.#beat();
    });
  }

  #tools(): StreamTools {
    const { clock, tap, journal, waits } = this.#with;
    return { clock, tap, journal, answerMs: waits.answerMs };
  }

  #answer(stream: TesterStream, { message }: Received): void {
    const { content, nonce } = message;
    switch (content?.kind) {
      case 'memReq':
        if (this.manners.answersRequests) stream.send(unsigned(membershipResponse(nonce, [this.alive()])));
        break;
      case 'hello':
        if (this.manners.answersHellos && content.value.msgType === PullMsgType.IDENTITY_MSG) {
          stream.send(unsigned(identityDigest(content.value.nonce, [this.pkiId])));
        }
        break;
      case 'dataReq':
        if (this.manners.answersHellos && content.value.msgType === PullMsgType.IDENTITY_MSG) {
          stream.send(unsigned(identityUpdate(content.value.nonce, [identityItem(this.identity)])));
        }
        break;
      default:
    }
  }
}
