import type { CheckResult, Level, RunResult, TargetInfo, Unexpected, Verdict } from '../../src/report/model';

export const attached: TargetInfo = {
  kind: 'attach',
  real: true,
  description: '1 peer, TLS, 2 testers of Org1MSP',
  fabricVersion: '2.5.16',
  peers: ['127.0.0.1:7051'],
};

export const embedded: TargetInfo = {
  kind: 'embedded',
  real: false,
  description: '2 peers of this project, in this process, TLS',
  fabricVersion: undefined,
  peers: ['peer0', 'peer1'],
};

export interface ResultRequest extends Partial<CheckResult> {
  readonly id?: string;
  readonly level?: Level;
}

/** A result of CONN-07 unless told otherwise. */
export function result(verdict: Verdict, request: ResultRequest = {}): CheckResult {
  const { id = 'CONN-07', level = 'must', ...rest } = request;
  return {
    clause: {
      id,
      area: 'Connection handshake',
      level,
      text: 'With TLS on, tls_cert_hash must equal the SHA-256 of the leaf certificate actually seen on this connection.',
      source: 'gossip/comm/comm_impl.go authenticateRemotePeer',
    },
    title: 'refuses a wrong hash',
    peer: '127.0.0.1:7051',
    verdict,
    reason: '',
    expected: [],
    actual: '',
    ladder: [],
    durationMs: 120,
    ...rest,
  };
}

export const failed = (request: ResultRequest = {}): CheckResult =>
  result('fail', {
    reason: 'the forged handshake was accepted',
    expected: ['the stream ends with UNKNOWN', 'the connection is closed'],
    actual: 'memRes nonce=4711 alive=3 dead=0',
    ladder: [
      { atMs: 0, from: 'tester', to: 'peer', what: 'conn probe=false' },
      { atMs: 12.34, from: 'peer', to: 'tester', what: 'memRes nonce=4711 alive=3 dead=0' },
    ],
    ...request,
  });

export const strange: Unexpected = {
  peer: '127.0.0.1:7051',
  what: 'hello with a tag that is not its own',
  count: 7,
  first: {
    message: 'hello nonce=1 tag=ORG_ONLY',
    during: { clause: 'PULL-01', title: 'begins rounds' },
  },
};

export const run = (results: readonly CheckResult[], rest: Partial<RunResult> = {}): RunResult => ({
  tool: { name: 'gossipspec', version: '0.1.0' },
  startedAt: '2026-01-02T03:04:05.678Z',
  durationMs: 12_345,
  command: 'npm run conformance -- --peer 127.0.0.1:7051',
  target: attached,
  results,
  harnessErrors: [],
  ...rest,
});
