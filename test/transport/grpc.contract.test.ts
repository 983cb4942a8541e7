import { systemClock } from '../../src/node/system-clock';
import { GrpcTransport, type PeerTls } from '../../src/transport';
import { TestCa } from './certificates';
import { type Bench, CONTRACT_LIMITS, describeTransport } from './contract';

function createBench(server: PeerTls | undefined, client: PeerTls | undefined): Bench {
  const options = { clock: systemClock, listenAddress: '127.0.0.1:0', settings: CONTRACT_LIMITS };
  return {
    server: new GrpcTransport({ ...options, tls: server }),
    client: new GrpcTransport({ ...options, tls: client }),
    settle: (promise) => promise,
    close: () => Promise.resolve(),
  };
}

describeTransport('gRPC in plaintext', () => Promise.resolve(createBench(undefined, undefined)));

describeTransport('gRPC with TLS', async () => {
  const ca = await TestCa.create('tlsca.org1');
  const serverRoots = [ca.root];
  const server = { server: await ca.issue('peer0', ['127.0.0.1']), serverRoots };
  // A separate client certificate (TLS-06, CONN-04).
  const client = {
    server: await ca.issue('peer1', ['127.0.0.1']),
    client: await ca.issue('peer1 client', []),
    serverRoots,
  };
  return createBench(server, client);
});
