/** A tester behind a bare server: who dials it, and how. Needs `dial-back`. */
import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { gunzipSync } from 'node:zlib';
import type { Millis } from '../../src/ports/clock';
import type { TlsCredentials } from '../../src/identity';
import { decodeEnvelope, decodeMessage, WireError } from '../../src/wire';
import { BareServer, type BareServerTls } from '../harness/bare/server';
import type { Visit, VisitCall } from '../harness/bare/visit';
import type { CheckContext } from '../harness/context';
import type { PeerUnderTest } from '../harness/target';
import type { Tester } from '../harness/tester';
import type { TesterStream } from '../harness/tester-stream';
import { Inconclusive, Violation } from '../harness/verdict';
import { sameBytes } from './bytes';
import type { Observer } from './membership';

export const PING = '/gossip.Gossip/Ping';
export const GOSSIP_STREAM = '/gossip.Gossip/GossipStream';

/** The port of an address, host:port. */
export const portOf = (address: string): number => Number(address.slice(address.lastIndexOf(':') + 1));

export interface HostOptions {
  /** How it does TLS; its own certificate and both versions by default. `plaintext`: not at all. */
  readonly tls?: Partial<BareServerTls> | 'plaintext';
  /** Where it listens; where the tester's certificate says by default. */
  readonly host?: string;
  /** A free one by default. */
  readonly port?: number;
}

export class BareHost implements AsyncDisposable {
  readonly server: BareServer;
  /** The streams of all who dialled. */
  readonly streams: readonly TesterStream[];
  /** Whether it says its ConnEstablish on streams to come; may be changed at any time. */
  greets = true;
  readonly #t: CheckContext;
  readonly #tester: Tester;

  private constructor(t: CheckContext, tester: Tester, server: BareServer, streams: readonly TesterStream[]) {
    this.#t = t;
    this.#tester = tester;
    this.server = server;
    this.streams = streams;
  }

  /** Listens, and lets the tester advertise that address from now on. */
  static async open(t: CheckContext, tester: Tester, options: HostOptions = {}): Promise<BareHost> {
    const { tls: own, listenHost } = tester.papers;
    const host = options.host ?? listenHost;
    if (host === undefined) throw new Error(`${tester.name} has no address to listen on`);
    const streams: TesterStream[] = [];
    const isGreeted = (): boolean => bareHost.greets;
    const server = await BareServer.listen(t.clock, {
      host,
      ...(options.port !== undefined && { port: options.port }),
      tls:
        own === undefined || options.tls === 'plaintext' ? undefined : { certificate: own, ...options.tls },
      onStream: (stream) => {
        const mine = tester.accept(stream, isGreeted());
        streams.push(mine);
        return mine.events;
      },
    });
    tester.endpoint = server.address;
    const bareHost = new BareHost(t, tester, server, streams);
    return bareHost;
  }

  /** Makes the peer dial: the tester joins and leaves its own stream, so that the next send has to (LIFE-07). */
  async provoke(): Promise<void> {
    await this.#t.control('the tester joins', async () => {
      const { stream } = await this.#tester.join();
      await this.#tester.leave(stream);
    });
  }

  /** Visits in which the peer under test said who it is. */
  visits(): readonly Visit[] {
    return this.server.visits.filter((visit) => isOf(this.#t.put, visit));
  }

  /** The first visit in which the peer under test opened a GossipStream; a Violation if there is none in time. */
  expectVisit(what: string, withinMs = this.dialWithinMs()): Promise<Visit> {
    return this.server.expect(what, withinMs, () => this.visits()[0]);
  }

  /**
   * How long the peer may take to dial a member that it has no connection to: its next heartbeat, request or Hello,
   * which go to three members of its choosing.
   */
  dialWithinMs(): Millis {
    const { pullIntervalMs, aliveTimeIntervalMs } = this.#t.waits.settings;
    return this.#t.waits.chosenMs(Math.min(pullIntervalMs, aliveTimeIntervalMs));
  }

  /**
   * Waits until the peer has tried the tester in vain, which shows in what it tells an observer (LIFE-09), or until
   * `succeeded` says that it was not in vain.
   */
  async expectInVain(observer: Observer, succeeded: () => boolean): Promise<void> {
    const isAlive = async (): Promise<boolean> =>
      (await observer.entries()).some(
        ({ list, alive }) => list === 'alive' && sameBytes(alive.membership?.pkiId, this.#tester.pkiId),
      );
    try {
      await this.#t.eventually(
        'a failed dial',
        this.dialWithinMs(),
        async () => succeeded() || !(await isAlive()),
        100,
      );
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      throw new Inconclusive('the peer did not try to dial the tester', { cause: error });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
  }
}

/** Whether the ConnEstablish on one of a visit's streams is that of the peer. */
const isOf = ({ pkiId }: PeerUnderTest, { calls }: Visit): boolean =>
  calls.some((call) => sameBytes(callerOf(call), pkiId));

/** The PKI-ID in the ConnEstablish with which a GossipStream began; undefined: none, or not yet. */
export function callerOf({ path, frames: [first] }: VisitCall): Uint8Array | undefined {
  if (path !== GOSSIP_STREAM || first === undefined) return undefined;
  try {
    // Compressed as no message should be, which does not make it somebody else's.
    const bytes = first.compressed ? gunzipSync(first.message, DECOMPRESSED) : first.message;
    const { content } = decodeMessage(decodeEnvelope(bytes).payload);
    return content?.kind === 'conn' ? content.value.pkiId : undefined;
  } catch (error) {
    if (error instanceof WireError || first.compressed) return undefined;
    throw error;
  }
}

/** No ConnEstablish is longer, and a bomb is not unpacked. */
const DECOMPRESSED = { maxOutputLength: 65_536 };

/**
 * An address that is this machine's, that a peer which reaches the tester can reach, and that the certificate does not
 * name. Inconclusive if there is none.
 */
export function unnamedHost(t: CheckContext, { certificateChainPem }: TlsCredentials, near: string): string {
  const certificate = new X509Certificate(certificateChainPem);
  const candidates = near.startsWith('127.')
    ? Array.from({ length: 8 }, () => `127.78.${t.random.below(255)}.${1 + t.random.below(254)}`)
    : Object.values(networkInterfaces()).flatMap((several) => (several ?? []).map(({ address }) => address));
  const found = candidates.find(
    (address) =>
      isIP(address) === 4 &&
      address.startsWith('127.') === near.startsWith('127.') &&
      certificate.checkIP(address) === undefined,
  );
  if (found === undefined) {
    throw new Inconclusive('this machine has no address besides those that the tester’s certificate names');
  }
  return found;
}
