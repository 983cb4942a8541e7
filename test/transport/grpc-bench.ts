import { expect } from 'chai';
import { systemClock } from '../../src/node/system-clock';
import { StatusCode } from '../../src/ports/transport';
import {
  type GrpcConnection,
  GrpcDialer,
  GrpcListener,
  type GrpcServerOptions,
  type GrpcStream,
  type InitiatorStream,
  type UnaryResult,
} from '../../src/transport';
import { bytes, dialed, Recorder } from './recorder';

/** A stream with both its ends: `near` is that of the initiator. */
export interface BothEnds {
  readonly connection: GrpcConnection;
  readonly stream: InitiatorStream;
  readonly near: Recorder;
  readonly farStream: GrpcStream;
  readonly far: Recorder;
}

/** A listener in plaintext that greets every stream, and a dialer. */
export class GrpcBench {
  readonly dialer = new GrpcDialer({ clock: systemClock, tls: undefined });
  /** The streams accepted, in their order. */
  readonly streams: { readonly stream: GrpcStream; readonly events: Recorder }[] = [];
  #listener: GrpcListener | undefined;

  get listener(): GrpcListener {
    if (this.#listener === undefined) throw new Error('nobody listens');
    return this.#listener;
  }

  async listen(options: Partial<GrpcServerOptions> = {}): Promise<void> {
    this.#listener = await GrpcListener.listen(
      { clock: systemClock, address: '127.0.0.1:0', tls: undefined, ...options },
      (stream) => {
        const events = new Recorder();
        this.streams.push({ stream, events });
        stream.send(bytes('accepted'));
        return events;
      },
    );
  }

  async close(): Promise<void> {
    await this.#listener?.close();
  }

  dial(endpoint = this.listener.address): Promise<GrpcConnection> {
    return dialed(this.dialer, endpoint);
  }

  async open(endpoint?: string): Promise<BothEnds> {
    const connection = await this.dial(endpoint);
    const near = new Recorder();
    const stream = connection.open(near);
    await near.received(1);
    const far = this.streams.at(-1);
    if (far === undefined) throw new Error('no stream was accepted');
    return { connection, stream, near, farStream: far.stream, far: far.events };
  }
}

export function call(
  connection: GrpcConnection,
  path: string,
  request: Uint8Array,
  timeoutMs = 2_000,
): Promise<UnaryResult> {
  return new Promise((resolve) => {
    connection.call(path, request, timeoutMs, resolve);
  });
}

export function expectFailure(result: UnaryResult, code: number): void {
  expect(result.ok ? StatusCode.OK : result.failure.code).to.equal(code);
}
