import type { Millis } from '../../src/ports/clock';
import {
  StatusCode,
  type Connection,
  type GossipStream,
  type StreamEvents,
  type Transport,
} from '../../src/ports/transport';
import {
  GrpcDialer,
  GrpcListener,
  type GrpcServerOptions,
  type ServerTls,
  type ClientTls,
} from '../../src/transport';
import type { PeerNetwork } from '../../src/node';
import type { Deviation } from '../harness/targets/embedded';
import { messageOf } from './mutant';

/** What a peer's transport does otherwise than it should. */
export interface WrongTransport {
  readonly server?: Partial<GrpcServerOptions>;
  readonly serverTls?: Partial<ServerTls>;
  readonly clientTls?: Partial<ClientTls>;
  /** Dials without TLS where it cannot dial with it. */
  readonly fallsBackToPlaintext?: boolean;
  /** Compresses what it sends on streams that it opens. */
  readonly compresses?: boolean;
  /** Where it dials instead. */
  readonly endpoint?: (endpoint: string) => string;
  /** Changes a connection that stands. */
  readonly connection?: (connection: Connection) => Connection;
  /** Changes a stream that others open. */
  readonly inbound?: (stream: GossipStream) => GossipStream;
  /** Ends every stream that others open after so long. */
  readonly inboundLifeMs?: Millis;
  /** Never notices that a stream which others opened has ended. */
  readonly missesEnds?: boolean;
  /** Ends a stream that others opened by itself when something comes that is no message, and does not notice. */
  readonly endsUnparseable?: boolean;
}

/** A connection that is like another but for this. */
export const like = (connection: Connection, other: Partial<Connection>): Connection => ({
  endpoint: connection.endpoint,
  binding: connection.binding,
  ping: (timeoutMs, done) => {
    connection.ping(timeoutMs, done);
  },
  open: (events, deadlineMs) => connection.open(events, deadlineMs),
  close: () => {
    connection.close();
  },
  ...other,
});

/** A peer that is right in all but its transport. */
export const withTransport = (wrong: (network: PeerNetwork) => WrongTransport): Deviation => ({
  peer: ({ network, clock }) => {
    if ('listen' in network || clock === undefined)
      throw new Error('an embedded peer without network or clock');
    return { network: transportOf(network, clock, wrong(network)) };
  },
});

/** Those of an inbound stream, of which a peer is not told whose ends it misses. */
function missingEnds(
  { missesEnds = false, endsUnparseable = false }: WrongTransport,
  stream: GossipStream,
  events: StreamEvents,
): StreamEvents {
  let isMissed = missesEnds;
  return {
    onEnvelope: (bytes) => {
      if (endsUnparseable && messageOf(bytes) === undefined) {
        isMissed = true;
        stream.end({ code: StatusCode.UNKNOWN, details: '' });
      } else events.onEnvelope(bytes);
    },
    onEnd: (ending) => {
      if (!isMissed) events.onEnd(ending);
    },
  };
}

function transportOf(
  { listenAddress, tls, grpc: settings }: PeerNetwork,
  clock: GrpcServerOptions['clock'],
  wrong: WrongTransport,
): Transport {
  const connection = wrong.connection ?? ((one: Connection): Connection => one);
  const dialer = new GrpcDialer({
    clock,
    settings,
    compressed: wrong.compresses,
    tls: tls && { keyPair: tls.client ?? tls.server, roots: tls.serverRoots, ...wrong.clientTls },
  });
  return {
    listen: (accept) =>
      GrpcListener.listen(
        {
          clock,
          settings,
          address: listenAddress,
          tls: tls && { keyPair: tls.server, ...wrong.serverTls },
          ...wrong.server,
        },
        (stream) => {
          const events = accept(wrong.inbound?.(stream) ?? stream);
          if (wrong.inboundLifeMs !== undefined) {
            clock.after(wrong.inboundLifeMs, () => {
              stream.end({ code: StatusCode.OK, details: '' });
            });
          }
          return missingEnds(wrong, stream, events);
        },
      ),
    dial: (endpoint, timeoutMs, done) => {
      const dial = (fallback?: 'plaintext'): ReturnType<GrpcDialer['dial']> =>
        dialer.dial(
          wrong.endpoint?.(endpoint) ?? endpoint,
          timeoutMs,
          (result) => {
            if (result.ok) done({ ok: true, connection: connection(result.connection) });
            else if (wrong.fallsBackToPlaintext === true && fallback === undefined) dial('plaintext');
            else done(result);
          },
          fallback,
        );
      return dial();
    },
  };
}
