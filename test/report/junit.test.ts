import { expect } from 'chai';
import { convert } from 'xmlbuilder2';
import { junitReport } from '../../src/report/junit';
import { failed, result, run } from './sample-run';

describe('the JUnit report', () => {
  it('is, for a small run, this text', () => {
    const results = [
      failed(),
      result('not-run', { id: 'TLS-02', title: 'wants a certificate', reason: 'TLS is off', durationMs: 0 }),
    ];
    expect(junitReport(run(results))).to.equal(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="gossipspec 0.1.0" tests="2" failures="1" errors="0" skipped="1" time="12.345" timestamp="2026-01-02T03:04:05.678Z">
  <testsuite name="Connection handshake" tests="2" failures="1" errors="0" skipped="1" time="0.120" timestamp="2026-01-02T03:04:05.678Z">
    <properties>
      <property name="conclusion" value="not conformant"/>
      <property name="target" value="attach: 1 peer, TLS, 2 testers of Org1MSP"/>
      <property name="fabricPeerTested" value="true"/>
      <property name="fabricVersion" value="2.5.16"/>
      <property name="command" value="npm run conformance -- --peer 127.0.0.1:7051"/>
    </properties>
    <testcase classname="Connection handshake.127.0.0.1:7051" name="CONN-07 refuses a wrong hash" time="0.120">
      <properties>
        <property name="clause" value="CONN-07"/>
        <property name="level" value="must"/>
        <property name="source" value="gossip/comm/comm_impl.go authenticateRemotePeer"/>
        <property name="peer" value="127.0.0.1:7051"/>
      </properties>
      <failure message="the forged handshake was accepted" type="violation">With TLS on, tls_cert_hash must equal the SHA-256 of the leaf certificate actually seen on this
connection.
Source    gossip/comm/comm_impl.go authenticateRemotePeer
Check     refuses a wrong hash
Reason    the forged handshake was accepted
Expected  the stream ends with UNKNOWN
  or      the connection is closed
Came      memRes nonce=4711 alive=3 dead=0
Messages
   0.0 ms  tester → peer  conn probe=false
  12.3 ms  peer → tester  memRes nonce=4711 alive=3 dead=0</failure>
    </testcase>
    <testcase classname="Connection handshake.127.0.0.1:7051" name="TLS-02 wants a certificate" time="0.000">
      <properties>
        <property name="clause" value="TLS-02"/>
        <property name="level" value="must"/>
        <property name="source" value="gossip/comm/comm_impl.go authenticateRemotePeer"/>
        <property name="peer" value="127.0.0.1:7051"/>
      </properties>
      <skipped message="TLS is off"/>
    </testcase>
  </testsuite>
</testsuites>
`);
  });

  it('has one test case for a clause and a peer, which ends as the worst of its checks', () => {
    const xml = junitReport(
      run([
        result('pass'),
        result('inconclusive', { title: 'refuses an empty hash', reason: 'no answer to the control' }),
        result('pass', { peer: 'other' }),
      ]),
    );
    expect(xml).to.contain('tests="2" failures="0" errors="1" skipped="0"');
    expect(xml).to.contain('name="CONN-07 refuses a wrong hash; refuses an empty hash" time="0.240"');
    expect(xml).to.contain('<error message="no answer to the control" type="inconclusive">');
  });

  it('counts faults of its own as errors', () => {
    const xml = junitReport(run([result('pass')], { harnessErrors: ['TypeError: x\n  at y'] }));
    expect(xml).to.contain('tests="2" failures="0" errors="1" skipped="0" time="12.345"');
    expect(xml).to.contain('<error message="TypeError: x at y" type="fault">TypeError: x\n  at y</error>');
  });

  it('stays well-formed whatever a peer says', () => {
    const nasty = 'a<b>&"c" ]]> \u0000\u001b\ud800\uffff';
    const xml = junitReport(run([failed({ reason: nasty, actual: nasty, title: nasty, peer: nasty })]));
    const failure = 'a&lt;b&gt;&amp;&quot;c&quot; ]]&gt; \\u0000\\u001b\\ud800\\uffff';
    expect(xml).to.contain(`<failure message="${failure}"`);
    expect(() => convert(xml, { format: 'object' })).not.to.throw();
  });
});
