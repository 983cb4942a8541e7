import type { IssuedIdentity, Organisation } from '../../../../src/identity';
import { systemClock } from '../../../../src/node';
import type { Random } from '../../../../src/ports/random';
import type { Connection, GossipStream, Listener } from '../../../../src/ports/transport';
import { GrpcTransport } from '../../../../src/transport';
import { dialed, Recorder } from '../../../transport/recorder';
import { addFront, HOST, issuePeer, KeepingProxy, tlsOf } from './fronted';

/** Both ends of one GossipStream through a proxy. */
export interface Ends {
  readonly connection: Connection;
  readonly here: GossipStream;
  readonly heard: Recorder;
  readonly there: GossipStream;
  readonly heardThere: Recorder;
}

/** A dialler `a` and a responder `b` with a proxy between them. */
export class Pair implements AsyncDisposable {
  readonly proxy: KeepingProxy;
  readonly papers: readonly [IssuedIdentity, IssuedIdentity];
  readonly dialler: GrpcTransport;
  /** Where `b` is believed to be. */
  front = '';
  /** Where the proxy looks for `b`; a test may put somebody else there. */
  service = '';
  listener: Listener | undefined;
  readonly #transport: GrpcTransport;
  #accepted: (ends: Pick<Ends, 'there' | 'heardThere'>) => void = () => undefined;

  private constructor(
    papers: readonly [IssuedIdentity, IssuedIdentity],
    organisations: readonly Organisation[],
    tls: boolean,
    random: Random | undefined,
  ) {
    this.papers = papers;
    this.proxy = new KeepingProxy(random);
    const [dialler, responder] = papers.map(
      (one) =>
        new GrpcTransport({
          clock: systemClock,
          listenAddress: `${HOST}:0`,
          tls: tls ? tlsOf(one, organisations) : undefined,
          settings: { closeGraceMs: 100 },
        }),
    );
    if (dialler === undefined || responder === undefined) throw new Error('two papers make two transports');
    this.dialler = dialler;
    this.#transport = responder;
  }

  static async open(organisations: readonly Organisation[], tls: boolean, random?: Random): Promise<Pair> {
    const [one, other] = organisations;
    if (one === undefined || other === undefined) throw new Error('two organisations are needed');
    const papers = await Promise.all([issuePeer(one, 'a'), issuePeer(other, 'b')]);
    const pair = new Pair(papers, organisations, tls, random);
    pair.listener = await pair.#transport.listen((there) => {
      const heardThere = new Recorder();
      pair.#accepted({ there, heardThere });
      return heardThere;
    });
    pair.service = pair.listener.address;
    await addFront(pair.proxy, 'a', papers[0], { tls, service: () => `${HOST}:1` });
    pair.front = await addFront(pair.proxy, 'b', papers[1], { tls, service: () => pair.service });
    return pair;
  }

  /** `a` opens a stream to `b`, and says this first. */
  async connect(first: Uint8Array): Promise<Ends> {
    const connection = await dialed(this.dialler, this.front);
    const accepted = new Promise<Pick<Ends, 'there' | 'heardThere'>>((resolve) => {
      this.#accepted = resolve;
    });
    const heard = new Recorder();
    const here = connection.open(heard);
    here.send(first);
    return { connection, here, heard, ...(await accepted) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.proxy[Symbol.asyncDispose]();
    await this.listener?.close();
  }
}
