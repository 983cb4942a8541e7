import { expect } from 'chai';
import type { CheckResult, RunResult } from '../../src/report/model';
import { TerminalView, type TerminalOptions } from '../../src/report/terminal';
import { attached, embedded, failed, result, run } from './sample-run';

function show(
  done: RunResult,
  options: Partial<TerminalOptions> = {},
  notes: readonly string[] = [],
): string {
  let shown = '';
  const write = (text: string): void => {
    shown += text;
  };
  const view = new TerminalView({ write, tty: false, color: false, columns: undefined, ...options });
  for (const note of notes) view.note(note);
  view.started(done.target, done.results.length);
  for (const one of done.results) view.finished(one);
  view.conclude(done);
  return shown;
}

const mixed: readonly CheckResult[] = [
  result('pass', { id: 'CONN-01', title: 'sends its own ConnEstablish unasked', durationMs: 31 }),
  failed({
    durationMs: 2_012,
    waits: [
      { what: 'the end of the stream', ms: 1_950 },
      { what: 'silence', ms: 60 },
    ],
  }),
  result('inconclusive', {
    id: 'ALIVE-09',
    title: 'relays a push',
    reason: 'the control failed: no answer to Ping',
    attempts: [
      { verdict: 'fail', reason: 'no answer', because: 'this machine stood still for 900 ms' },
      { verdict: 'inconclusive', reason: 'no answer to Ping', because: 'it could not judge' },
    ],
  }),
  result('not-run', {
    id: 'CONN-04',
    title: 'hashes its client certificate',
    reason: 'TLS is off on this network',
  }),
  result('not-run', {
    id: 'TLS-02',
    title: 'wants a client certificate',
    reason: 'TLS is off on this network',
  }),
];

describe('the terminal view', () => {
  it('shows a run that passes', () => {
    const done = run([
      result('pass'),
      result('pass', { id: 'CONN-13', level: 'should', title: 'probes first' }),
    ]);
    expect(show(done, {}, ['target attach, because --peer is given'])).to.equal(
      `target attach, because --peer is given
attach: 1 peer, TLS, 2 testers of Org1MSP · Fabric 2.5.16 · 2 checks
✓ CONN-07  must    0.12 s refuses a wrong hash
✓ CONN-13  should  0.12 s probes first

conformant · must 1 passed, 0 failed, 0 inconclusive, 0 not run · should 1 passed, 0 failed, 0 inconclusive, 0 not run · attach 127.0.0.1:7051 (Fabric 2.5.16) · 12.3 s
`,
    );
  });

  it('shows each failure in full, groups the other reasons, and ends with the verdict', () => {
    expect(show(run(mixed))).to.equal(
      `attach: 1 peer, TLS, 2 testers of Org1MSP · Fabric 2.5.16 · 5 checks
✓ CONN-01  must    0.03 s sends its own ConnEstablish unasked
✗ CONN-07  must     2.0 s refuses a wrong hash
? ALIVE-09 must    0.12 s relays a push
– CONN-04  must           hashes its client certificate
– TLS-02   must           wants a client certificate

✗ CONN-07 must · Connection handshake · 127.0.0.1:7051
  With TLS on, tls_cert_hash must equal the SHA-256 of the leaf certificate actually seen on this
  connection.
  Source    gossip/comm/comm_impl.go authenticateRemotePeer
  Check     refuses a wrong hash
  Reason    the forged handshake was accepted
  Expected  the stream ends with UNKNOWN
    or      the connection is closed
  Came      memRes nonce=4711 alive=3 dead=0
  Messages
     0.0 ms  tester → peer  conn probe=false
    12.3 ms  peer → tester  memRes nonce=4711 alive=3 dead=0

Inconclusive
  the control failed: no answer to Ping: ALIVE-09

Not run
  TLS is off on this network: CONN-04, TLS-02

Judged again
  ALIVE-09 relays a push [127.0.0.1:7051], in the end inconclusive: this machine stood still for
    900 ms (no answer); it could not judge (no answer to Ping)

Slowest clauses, and what they waited for
  2.0 s CONN-07: the end of the stream 1.9 s, silence 0.06 s

not conformant · must 1 passed, 1 failed, 1 inconclusive, 2 not run · attach 127.0.0.1:7051 (Fabric 2.5.16) · 12.3 s
`,
    );
  });

  it('says in the verdict line that no Fabric peer was tested, and names the peer where there are several', () => {
    const lines = show(run([result('pass', { peer: 'peer1' })], { target: embedded }))
      .trimEnd()
      .split('\n');
    expect(lines[1]).to.equal('✓ CONN-07  must    0.12 s refuses a wrong hash [peer1]');
    expect(lines.at(-1)).to.equal(
      'conformant · must 1 passed, 0 failed, 0 inconclusive, 0 not run · embedded: no Fabric peer was tested · 12.3 s',
    );
  });

  it('says what came of a check that was repeated, those first that did not always pass at once', () => {
    const attempts = [
      { verdict: 'inconclusive', reason: 'no answer', because: 'it could not judge' },
    ] as const;
    const steady = Array.from({ length: 3 }, () => result('pass', { id: 'CONN-01' }));
    const shaky = [
      result('pass'),
      result('pass', { attempts, durationMs: 400 }),
      failed(),
      result('inconclusive', { reason: 'x' }),
    ];
    expect(show(run([...steady, ...shaky])).replace(/\n {4}/g, ' ')).to.contain(
      [
        'Repeated',
        '  2 of 4 passed, 1 failed, 1 inconclusive, 1 judged again, 0.12 s to 0.40 s: CONN-07 refuses a wrong hash [127.0.0.1:7051]',
        '  3 of 3 passed, 0.12 s to 0.12 s: CONN-01 refuses a wrong hash [127.0.0.1:7051]',
      ].join('\n'),
    );
  });

  it('says how many of the selected clauses no check judges', () => {
    const unjudged = [
      result('pass'),
      result('pass', { level: 'impl' }),
      result('pass', { level: 'impl' }),
    ].map(({ clause }) => ({ clause, reason: 'nothing shows it' }));
    expect(show(run([result('pass')], { unjudged }))).to.contain(
      '\nNot run\n  no check judges them (--list says why): 3 clauses, must 1, impl 2\n',
    );
  });

  it('says where logs are that were kept', () => {
    const lines = show(run([failed()], { logs: '/tmp/gossipspec-logs-x' }))
      .trimEnd()
      .split('\n');
    expect(lines.at(-2)).to.equal('The full logs of all nodes are in /tmp/gossipspec-logs-x');
  });

  it('owns up to faults of its own', () => {
    const lines = show(run([result('pass')], { harnessErrors: ['CONN-08: TypeError: x\n  at y'] })).split(
      '\n',
    );
    expect(lines.slice(-5)).to.deep.equal([
      'Faults of our own',
      '  CONN-08: TypeError: x at y',
      '',
      'cannot tell · 1 fault of our own · must 1 passed, 0 failed, 0 inconclusive, 0 not run · ' +
        'attach 127.0.0.1:7051 (Fabric 2.5.16) · 12.3 s',
      '',
    ]);
  });

  it('moves no cursor and uses no colour unless told that it may', () => {
    expect(show(run(mixed)))
      .not.to.contain('\r')
      .and.not.to.contain('\u001b');
    expect(show(run(mixed), { color: true }))
      .to.contain('\u001b[32m✓\u001b[39m CONN-01')
      .and.not.to.contain('\r');
  });

  it('on a terminal shows how far it is, and takes that back before the next line', () => {
    const shown = show(run(mixed.slice(0, 2)), { tty: true, columns: 80 });
    expect(shown.split('\u001b[2K')).to.have.length(3);
    expect(shown)
      .to.contain('2 checks\n0/2 …\r\u001b[2K✓ CONN-01')
      .and.to.contain('\n1/2 …\r\u001b[2K✗ CONN-07');
    expect(shown).not.to.contain('2/2');
  });

  it('counts failures beside its progress', () => {
    const [, fail, ...rest] = mixed;
    expect(fail).to.exist;
    if (fail !== undefined)
      expect(show(run([fail, ...rest]), { tty: true, columns: 80 })).to.contain('1/4, 1 failed …');
  });

  it('cuts the line of a check, never the verdict, on a narrow terminal', () => {
    const lines = show(run(mixed), { tty: true, columns: 40 })
      .split('\n')
      .map((line) => line.split('\u001b[2K').at(-1) ?? '');
    expect(lines[1]).to.equal('✓ CONN-01  must    0.03 s sends its own…');
    expect(lines.find((line) => line.includes('Source'))).to.equal('  Source    gossip/comm/comm_impl.go');
    expect(lines.at(-2)).to.match(/^not conformant · must .* · 12\.3 s$/);
  });

  it('lets no peer steer the terminal', () => {
    const done = run(
      [failed({ actual: 'UNKNOWN (\u001b[2J\u009bpwned\u0007)', title: 'a\nb', peer: 'x\ry' })],
      {
        target: { ...attached, peers: ['x\ry', 'z'] },
      },
    );
    const shown = show(done);
    expect(shown).to.contain('UNKNOWN (\\u001b[2J\\u009bpwned\\u0007)').and.to.contain('a b [x\\u000dy]');
    // eslint-disable-next-line no-control-regex -- it looks for control characters
    expect(shown).not.to.match(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  });
});
