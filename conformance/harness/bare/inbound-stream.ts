import type { ServerHttp2Stream } from 'node:http2';
import {
  StatusCode,
  type Ending,
  type GossipStream,
  type StreamEvents,
  type TlsBinding,
} from '../../../src/ports/transport';
import { frame } from './frames';

/** A GossipStream that a bare server takes. */
export class InboundStream implements GossipStream {
  readonly role = 'responder';
  readonly remoteAddress: string;
  readonly binding: TlsBinding;
  readonly #stream: ServerHttp2Stream;
  readonly #events: StreamEvents;
  #ending: Ending = { code: StatusCode.OK, details: '' };
  #isOver = false;

  constructor(
    stream: ServerHttp2Stream,
    accept: (stream: GossipStream) => StreamEvents,
    remoteAddress: string,
    binding: TlsBinding,
  ) {
    this.#stream = stream;
    this.remoteAddress = remoteAddress;
    this.binding = binding;
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => {
      const { code, details } = this.#ending;
      stream.sendTrailers({ 'grpc-status': String(code), 'grpc-message': encodeURIComponent(details) });
    });
    this.#events = accept(this);
  }

  send(envelope: Uint8Array): boolean {
    if (this.#stream.writable) this.#stream.write(frame(envelope));
    return true;
  }

  end(ending: Ending = this.#ending): void {
    this.#ending = ending;
    this.#stream.end();
  }

  /** To be called with each message. */
  receive(envelope: Uint8Array): void {
    this.#events.onEnvelope(envelope);
  }

  /** To be called when the stream is over. */
  receiveEnd(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#events.onEnd({ code: StatusCode.CANCELLED, details: 'the initiator is gone' });
  }
}
