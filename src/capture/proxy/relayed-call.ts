import {
  constants,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type Http2Stream,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Clock } from '../../ports/clock';
import type { Ending } from '../../ports/transport';
import { GOSSIP_STREAM_PATH } from '../../transport';
import { Lane, type LaneMessages } from './lane';

const { NGHTTP2_FLAG_END_STREAM, NGHTTP2_NO_ERROR, NGHTTP2_REFUSED_STREAM, NGHTTP2_PROTOCOL_ERROR } =
  constants;

/** Who wants to know what passes in a call. */
export interface CallObserver {
  messagesOf(sender: 'initiator' | 'responder', stream: number): LaneMessages;
  onCalled(stream: number, path: string): void;
  onHalfClosed(stream: number): void;
  onEnded(stream: number, path: string, status: Ending | undefined): void;
}

/** A call as it came from the dialler. */
export interface InboundCall {
  readonly stream: ServerHttp2Stream;
  readonly headers: IncomingHttpHeaders;
  readonly flags: number;
}

/**
 * One call, of whatever service: headers, messages, half-close, trailers and resets reach the other side as they came.
 * Messages are looked at in GossipStreams only.
 */
export class RelayedCall {
  readonly #clock: Clock;
  readonly #down: ServerHttp2Stream;
  readonly #observer: CallObserver;
  readonly #path: string;
  readonly #id: number;
  #lanes: readonly Lane[] = [];
  #trailers: IncomingHttpHeaders = {};
  #status: Ending | undefined;
  /** Whether what the callee ends with is on its way. */
  #hasLastWord = false;
  #isOver = false;

  constructor(clock: Clock, call: InboundCall, session: ClientHttp2Session, observer: CallObserver) {
    const { stream, headers } = call;
    this.#clock = clock;
    this.#down = stream;
    this.#observer = observer;
    this.#path = headers[':path'] ?? '';
    this.#id = stream.id ?? 0;
    observer.onCalled(this.#id, this.#path);
    // The close that follows an error does the work.
    stream.on('error', () => undefined);
    const up = this.#request(call, session);
    if (up !== undefined) this.#join(up, session);
  }

  #request({ headers, flags }: InboundCall, session: ClientHttp2Session): ClientHttp2Stream | undefined {
    if (session.destroyed || session.closed) {
      this.#refuse(NGHTTP2_REFUSED_STREAM);
      return undefined;
    }
    try {
      return session.request(headers, { endStream: (flags & NGHTTP2_FLAG_END_STREAM) !== 0 });
    } catch {
      // Headers that HTTP/2 does not allow.
      this.#refuse(NGHTTP2_PROTOCOL_ERROR);
      return undefined;
    }
  }

  #refuse(code: number): void {
    this.#down.close(code);
    this.#over();
  }

  #join(up: ClientHttp2Stream, session: ClientHttp2Session): void {
    const down = this.#down;
    const { session: downSession } = down;
    const isGossip = this.#path === GOSSIP_STREAM_PATH;
    const lane = (sender: 'initiator' | 'responder'): Lane => {
      const [source, sink] = sender === 'initiator' ? [down, up] : [up, down];
      const messages = isGossip ? this.#observer.messagesOf(sender, this.#id) : undefined;
      const isMeant = (): boolean => this.#isMeant(source);
      return new Lane({ clock: this.#clock, source, sink, isMeant, messages });
    };
    up.on('error', () => undefined);
    // Before the lanes, so that headers are answered before data is.
    up.on('response', (headers, flags) => {
      this.#respond(headers, (flags & NGHTTP2_FLAG_END_STREAM) !== 0);
    });
    up.on('trailers', (trailers: IncomingHttpHeaders) => {
      this.#trailers = trailers;
      this.#readStatus(trailers);
    });
    down.on('end', () => {
      if (this.#isMeant(down)) this.#observer.onHalfClosed(this.#id);
    });
    down.on('wantTrailers', () => {
      this.#whileLegal(() => {
        down.sendTrailers(this.#trailers);
      });
      this.#hasLastWord = true;
      if (up.closed) this.#closeSoon();
    });
    this.#lanes = [lane('initiator'), lane('responder')];
    down.on('close', () => {
      this.close();
      // Where the whole connection is gone, the other one goes the same way.
      if (downSession?.destroyed === true && down.rstCode === NGHTTP2_NO_ERROR) return;
      if (!up.closed) up.close(down.rstCode);
    });
    up.on('close', () => {
      if (session.destroyed && this.isUnanswered) return;
      this.#over();
      this.#close(up.rstCode);
    });
  }

  /** Whether a stream's end is a half-close, or the callee's last word: node:http2 has broken streams end, too. */
  #isMeant(stream: Http2Stream): boolean {
    const isLastWord = stream !== this.#down && !this.isUnanswered;
    return stream.rstCode === NGHTTP2_NO_ERROR && (isLastWord || !stream.aborted);
  }

  /** Whether the callee has not yet said how it ends. */
  get isUnanswered(): boolean {
    return this.#status === undefined;
  }

  #respond(headers: IncomingHttpHeaders, isAll: boolean): void {
    const down = this.#down;
    this.#readStatus(headers);
    if (down.closed || down.destroyed) return;
    this.#hasLastWord = isAll;
    this.#whileLegal(() => {
      down.respond(headers, isAll ? { endStream: true } : { waitForTrailers: true });
    });
  }

  /** Does what throws where the callee sent headers that HTTP/2 does not allow. */
  #whileLegal(answer: () => void): void {
    try {
      answer();
    } catch {
      this.#down.close(NGHTTP2_PROTOCOL_ERROR);
    }
  }

  /** Ends the dialler's side as the other side ended, trailers first. */
  #close(code: number): void {
    const down = this.#down;
    if (down.closed || down.destroyed) return;
    if (code !== NGHTTP2_NO_ERROR || !down.headersSent) down.close(code);
    else if (this.#hasLastWord) this.#closeSoon();
  }

  /** A reset overtakes what is not written yet. */
  #closeSoon(): void {
    this.#clock.after(0, () => {
      if (!this.#down.closed) this.#down.close(NGHTTP2_NO_ERROR);
    });
  }

  #readStatus({ 'grpc-status': status, 'grpc-message': text }: IncomingHttpHeaders): void {
    if (typeof status !== 'string') return;
    this.#status = { code: Number(status), details: decoded(typeof text === 'string' ? text : '') };
  }

  #over(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#observer.onEnded(this.#id, this.#path, this.#status);
  }

  /** Passes nothing on any more. */
  close(): void {
    for (const lane of this.#lanes) lane.close();
    this.#over();
  }
}

/** grpc-message is percent-encoded; a broken one is told as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
