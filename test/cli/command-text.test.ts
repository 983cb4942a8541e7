import { expect } from 'chai';
import { commandText } from '../../src/cli/command-text';

describe('the command that repeats a run', () => {
  it('is the npm script where npm ran it', () => {
    const env = { npm_lifecycle_event: 'conformance' };
    expect(commandText('gossipspec', ['conformance'], env)).to.equal('npm run conformance');
    expect(commandText('gossipspec', ['conformance', '--jobs', '2'], env)).to.equal(
      'npm run conformance -- --jobs 2',
    );
  });

  it('is the program otherwise', () => {
    expect(commandText('gossipspec', ['conformance', '--jobs', '2'], {})).to.equal(
      'gossipspec conformance --jobs 2',
    );
    expect(commandText('gossipspec', ['mutants'], { npm_lifecycle_event: 'conformance' })).to.equal(
      'gossipspec mutants',
    );
  });

  it('is quoted for a shell', () => {
    expect(commandText('gossipspec', ['conformance', '--area', "it's a; name", ''], {})).to.equal(
      `gossipspec conformance --area 'it'\\''s a; name' ''`,
    );
  });
});
