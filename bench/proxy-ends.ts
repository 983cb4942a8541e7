import { issueOrganisation, type TlsCredentials } from '../src/identity';
import { systemClock } from '../src/node';
import type { FrontedPeer } from '../src/ports/between';
import { wallMs } from '../src/ports/clock';
import type { Connection } from '../src/ports/transport';
import { median } from '../src/statistics';
import { GrpcTransport, type PeerTls } from '../src/transport';

/** What a peer is known by, as it goes from one process to another. */
export type Papers = Omit<FrontedPeer, 'service'> & { readonly service: string };

/** What the process with both ends tells the one with the proxy. */
export type FromEnds =
  | { readonly kind: 'papers'; readonly papers: readonly Papers[] }
  | { readonly kind: 'traffic'; readonly perSecond: number; readonly seconds: number }
  | { readonly kind: 'measured'; readonly directMs: number; readonly throughMs: number };

/** The fronts of the peers, in their order. */
export interface ToEnds {
  readonly fronts: readonly string[];
}

const HOST = '127.0.0.1';
const ROUNDS = 2_000;
const PER_SECOND = 200;
const SECONDS = 5;
/** Of an alive message with its identity. */
const ENVELOPE = new Uint8Array(1_000).fill(7);

const pause = (ms: number): Promise<void> => new Promise((resolve) => systemClock.after(ms, resolve));
const tell = (message: FromEnds): void => {
  process.send?.(message);
};

const ping = (connection: Connection): Promise<void> =>
  new Promise((resolve, reject) => {
    connection.ping(5_000, (failure) => {
      if (failure === undefined) resolve();
      else reject(new Error(failure.details));
    });
  });

const dial = (transport: GrpcTransport, endpoint: string): Promise<Connection> =>
  new Promise((resolve, reject) => {
    transport.dial(endpoint, 5_000, (result) => {
      if (result.ok) resolve(result.connection);
      else reject(new Error(result.failure.details));
    });
  });

/** The medians of warm round trips, direct and through the proxy, taken in turn. */
async function roundTrips(connections: readonly Connection[]): Promise<number[]> {
  const times = connections.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, connection] of connections.entries()) {
      const start = systemClock.now();
      await ping(connection);
      // The first rounds warm up.
      if (round > ROUNDS / 10) times[index]?.push(systemClock.now() - start);
    }
  }
  return times.map(median);
}

/** Sends so many envelopes a second, as evenly as timers allow. */
async function traffic(connection: Connection): Promise<void> {
  const stream = connection.open({ onEnvelope: () => undefined, onEnd: () => undefined });
  const start = systemClock.now();
  for (let sent = 0; sent < PER_SECOND * SECONDS; sent++) {
    stream.send(ENVELOPE);
    await pause(Math.max(0, start + ((sent + 1) * 1_000) / PER_SECOND - systemClock.now()));
  }
}

async function main(): Promise<void> {
  const nowMs = wallMs(systemClock);
  const organisation = await issueOrganisation({ mspId: 'Org1MSP', domain: 'org1.example.com', nowMs });
  const issue = (name: string) =>
    organisation.issue({ name, role: 'peer', sans: [HOST], separateClientTls: true });
  const [a, b] = await Promise.all([issue('a'), issue('b')]);
  const pair = ({ certificateChainPem: certificate, privateKeyPem: key }: TlsCredentials) => ({
    certificate,
    key,
  });
  const tlsOf = ({ tls, clientTls = tls }: typeof a): PeerTls => ({
    server: pair(tls),
    client: pair(clientTls),
    serverRoots: [organisation.tlsCa.certificatePem],
  });
  const transportOf = (papers: typeof a): GrpcTransport =>
    new GrpcTransport({ clock: systemClock, listenAddress: `${HOST}:0`, tls: tlsOf(papers) });
  const listener = await transportOf(b).listen(() => ({
    onEnvelope: () => undefined,
    onEnd: () => undefined,
  }));
  const papers = [a, b].map(({ identity, tls, clientTls = tls, name }) => ({
    name,
    mspId: identity.mspId,
    pkiId: identity.pkiId,
    identity: identity.serialized,
    front: `${HOST}:0`,
    service: listener.address,
    tls: { server: tls, client: clientTls },
  }));
  const fronts = new Promise<readonly string[]>((resolve) => {
    process.once('message', (message: ToEnds) => {
      resolve(message.fronts);
    });
  });
  tell({ kind: 'papers', papers });
  const dialler = transportOf(a);
  const front = (await fronts)[1] ?? '';
  const connections = [await dial(dialler, listener.address), await dial(dialler, front)];
  const [directMs = NaN, throughMs = NaN] = await roundTrips(connections);
  tell({ kind: 'measured', directMs, throughMs });
  const [, through] = connections;
  if (through !== undefined) await traffic(through);
  tell({ kind: 'traffic', perSecond: PER_SECOND, seconds: SECONDS });
  for (const connection of connections) connection.close();
  await listener.close();
  process.disconnect();
}

void main();
