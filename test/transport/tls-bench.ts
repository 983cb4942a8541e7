import { expect } from 'chai';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { systemClock } from '../../src/node/system-clock';
import { type Connection, type Ending, StatusCode } from '../../src/ports/transport';
import {
  type ClientTls,
  GrpcDialer,
  GrpcListener,
  type GrpcStream,
  type ServerTls,
} from '../../src/transport';
import { type Issued, TestCa } from './certificates';
import { dialed, Recorder } from './recorder';

/** Two CAs, and key pairs of the first. */
interface TestCertificates {
  readonly ca: TestCa;
  readonly otherCa: TestCa;
  readonly serverPair: Issued;
  readonly clientPair: Issued;
}

async function makeCertificates(): Promise<TestCertificates> {
  const [ca, otherCa] = await Promise.all([TestCa.create('tlsca.org1'), TestCa.create('tlsca.org2')]);
  const [serverPair, clientPair] = await Promise.all([
    ca.issue('peer0', ['127.0.0.1', 'peer0.org1.example']),
    ca.issue('client', []),
  ]);
  return { ca, otherCa, serverPair, clientPair };
}

/** A listener, and dialers that trust the first CA. */
class TlsBench {
  /** The streams accepted, in their order. */
  readonly streams: GrpcStream[] = [];
  #made: TestCertificates | undefined;
  #listener: GrpcListener | undefined;

  async prepare(): Promise<void> {
    this.#made = await makeCertificates();
  }

  get made(): TestCertificates {
    if (this.#made === undefined) throw new Error('nothing is made yet');
    return this.#made;
  }

  get listener(): GrpcListener {
    if (this.#listener === undefined) throw new Error('nobody listens');
    return this.#listener;
  }

  async listen(tls: ServerTls | undefined): Promise<GrpcListener> {
    const options = { clock: systemClock, address: '127.0.0.1:0', tls };
    this.#listener = await GrpcListener.listen(options, (stream) => {
      this.streams.push(stream);
      return new Recorder();
    });
    return this.#listener;
  }

  async close(): Promise<void> {
    await this.#listener?.close();
    this.#listener = undefined;
    this.streams.length = 0;
  }

  dialer(tls: Partial<ClientTls> = {}): GrpcDialer {
    const { ca, clientPair } = this.made;
    return new GrpcDialer({ clock: systemClock, tls: { keyPair: clientPair, roots: [ca.root], ...tls } });
  }

  /** A connection that the listener's close ends. */
  open(from: GrpcDialer): Promise<Connection> {
    return dialed(from, this.listener.address);
  }
}

/** For the body of a `describe`: a bench with certificates for all its tests, whose listener each test leaves behind. */
export function tlsBench(): TlsBench {
  const bench = new TlsBench();
  before(() => bench.prepare());
  afterEach(() => bench.close());
  return bench;
}

/** Expects the failure of a dial, in all these words. */
export function expectWords(failure: Ending, ...words: readonly string[]): void {
  expect(failure.code, failure.details).to.equal(StatusCode.UNAVAILABLE);
  for (const word of words) {
    expect(failure.details).to.contain(word);
  }
}

/** A TLS connection that the test makes itself. */
export function secured(endpoint: string, options: ConnectionOptions): Promise<TLSSocket> {
  const [host, port] = endpoint.split(':');
  return new Promise((resolve, reject) => {
    const socket = connect(
      {
        host: String(host),
        port: Number(port),
        ALPNProtocols: ['h2'],
        rejectUnauthorized: false,
        ...options,
      },
      () => {
        resolve(socket);
      },
    );
    socket.once('error', reject);
  });
}
