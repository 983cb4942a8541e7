import { expect } from 'chai';
import { tapReport } from '../../src/report/tap';
import { failed, result, run } from './sample-run';

describe('the TAP report', () => {
  it('has a line for each clause and says why where it is not ok', () => {
    const text = tapReport(
      run([
        result('pass', { id: 'RPC-01' }),
        failed(),
        result('inconclusive', { id: 'PULL-01', reason: 'too little was seen # of it' }),
        failed({ id: 'TLS-03', level: 'impl' }),
        result('not-run', { id: 'TLS-02', reason: 'TLS is off' }),
      ]),
    );
    const lines = text.split('\n');
    expect(lines.slice(0, 3)).to.deep.equal(['TAP version 14', '1..5', 'ok 1 - RPC-01 (must)']);
    expect(lines).to.include('not ok 2 - CONN-07 (must)');
    expect(lines).to.include('  message: "the forged handshake was accepted"');
    expect(lines).to.include('not ok 3 - PULL-01 (must)');
    expect(lines).to.include('  message: "inconclusive: too little was seen ＃ of it"');
    expect(lines).to.include('ok 5 - TLS-02 (must) # SKIP TLS is off');
    expect(lines).to.include('not ok 4 - TLS-03 (impl) # TODO informs, and decides nothing');
    expect(lines.at(-2)).to.match(/^# not conformant · /);
  });
});
