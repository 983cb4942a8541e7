import { expect } from 'chai';
import { markdownReport } from '../../src/report/markdown';
import { failed, result, run } from './sample-run';

describe('the Markdown report', () => {
  it('begins with the verdict and counts, and shows what failed', () => {
    const text = markdownReport(
      run([
        result('pass', { id: 'RPC-01' }),
        failed(),
        result('not-run', { id: 'TLS-02', reason: 'TLS is off | says it' }),
      ]),
    );
    expect(text).to.match(/^## Fabric gossip conformance\n\n\*\*not conformant · /);
    expect(text).to.contain('| must | 1 | 1 | 0 | 1 |');
    expect(text).to.contain('Expected  the stream ends with UNKNOWN');
    expect(text).to.contain('### Not run\n\n- TLS is off \\| says it: TLS-02\n');
    expect(text).not.to.contain('### Inconclusive');
  });

  it('cannot be broken out of by what a peer said', () => {
    const text = markdownReport(run([failed({ reason: '```\n<script>' })]));
    expect(text).to.contain('\n````\n');
    expect(text).not.to.match(/^<script>/m);
  });
});
