import { StatusCode } from '../../src/ports/transport';
import { mutant, withRules } from './mutant';
import { like, withTransport } from './wrong-transport';

const MIB = 1_048_576;

export const rpcMutants = [
  mutant(
    'rpc-ping-unknown',
    'it has no Ping',
    ['RPC-01', 'RPC-02'],
    withTransport(() => ({ server: { ping: { code: StatusCode.UNIMPLEMENTED, details: '' } } })),
  ),
  mutant(
    'rpc-opens-unasked',
    'it opens a stream without a Ping before',
    ['RPC-03'],
    withRules({ pingsBeforeStream: () => false }),
  ),
  mutant(
    'rpc-pings-once',
    'it calls Ping on the first connection to an endpoint alone',
    ['RPC-03'],
    withTransport(() => {
      const known = new Set<string>();
      return {
        connection: (one) =>
          like(one, {
            ping: (timeoutMs, done) => {
              if (known.has(one.endpoint)) done(undefined);
              else one.ping(timeoutMs, done);
              known.add(one.endpoint);
            },
          }),
      };
    }),
  ),
  mutant(
    'rpc-ping-never-fails',
    'it goes on though Ping has failed',
    ['RPC-03'],
    withTransport(() => ({
      connection: (one) =>
        like(one, {
          ping: (timeoutMs, done) => {
            one.ping(timeoutMs, () => {
              done(undefined);
            });
          },
        }),
    })),
  ),
  mutant(
    'rpc-ping-forever',
    'it awaits the answer to a Ping ten times as long as connTimeout',
    ['RPC-03'],
    withTransport(() => ({
      connection: (one) =>
        like(one, {
          ping: (timeoutMs, done) => {
            one.ping(10 * timeoutMs, done);
          },
        }),
    })),
  ),
  mutant('rpc-small-messages', 'it takes messages of up to 4 MiB', ['RPC-04'], {
    network: ({ grpc }) => ({ grpc: { ...grpc, maxRecvMsgSizeBytes: 4 * MIB } }),
  }),
  mutant('rpc-large-messages', 'it takes messages of up to 1 GiB', ['RPC-04'], {
    network: ({ grpc }) => ({ grpc: { ...grpc, maxRecvMsgSizeBytes: 1024 * MIB } }),
  }),
  mutant('rpc-suffers-pings', 'it answers every HTTP/2 ping of a client', ['RPC-05'], {
    network: ({ grpc }) => ({ grpc: { ...grpc, serverKeepaliveMinIntervalMs: 0 } }),
  }),
  mutant('rpc-drops-the-slow', 'it drops a connection on which nothing is said for two seconds', ['RPC-07'], {
    network: ({ grpc }) => ({ grpc: { ...grpc, connectionTimeoutMs: 2_000 } }),
  }),
  mutant(
    'rpc-never-closes',
    'it leaves a connection open when it needs it no more',
    ['RPC-08'],
    withTransport(() => ({
      connection: (one) => {
        let end = (): void => undefined;
        return like(one, {
          open: (events, deadlineMs) => {
            const stream = one.open(events, deadlineMs);
            end = (): void => {
              stream.end();
            };
            return stream;
          },
          close: () => {
            end();
          },
        });
      },
    })),
  ),
  mutant(
    'rpc-compresses',
    'it compresses what it sends on streams that it opens',
    ['RPC-09'],
    withTransport(() => ({ compresses: true })),
  ),
  mutant(
    'rpc-suffers-half-close',
    'it goes on with a stream that the client has half-closed',
    ['RPC-10'],
    withTransport(() => ({
      server: { toleratesHalfClose: true },
    })),
  ),
  mutant(
    'rpc-ends-probes-badly',
    'it ends a probe with UNKNOWN',
    ['RPC-11', 'CONN-10'],
    withRules({ dismissal: () => ({ code: StatusCode.UNKNOWN, details: '' }) }),
  ),
  mutant(
    'rpc-unauthenticated',
    'it ends a stream that it refuses with another status than UNKNOWN',
    ['RPC-11', 'CONN-08'],
    withRules({ refusal: () => ({ code: 16, details: '' }) }),
  ),
  mutant('rpc-never-pings', 'it sends no HTTP/2 pings on connections that it made', ['RPC-06'], {
    network: ({ grpc }) => ({ grpc: { ...grpc, clientKeepaliveIntervalMs: 3_600_000 } }),
  }),
];
