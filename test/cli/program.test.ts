import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { clauses } from '../../conformance/clauses';
import { packageInfo } from '../../src/cli/package-info';
import { cli } from './fake-session';

describe('gossipspec', () => {
  it('without a command shows its help and calls that wrong usage', async () => {
    const { code, out, err } = await cli([]);
    expect(code).to.equal(64);
    expect(out).to.equal('');
    expect(err).to.contain('Usage: gossipspec [options] [command]').and.to.contain('conformance [options]');
  });

  it('suggests a command for a misspelt one', async () => {
    const { code, err } = await cli(['conformence']);
    expect(code).to.equal(64);
    expect(err).to.contain("unknown command 'conformence'").and.to.contain('Did you mean conformance?');
  });

  it('knows its version', async () => {
    const { code, out } = await cli(['--version']);
    expect(code).to.equal(0);
    expect(out)
      .to.equal(`${packageInfo().version}\n`)
      .and.to.match(/^\d+\.\d+\.\d+/);
  });

  for (const argv of [
    ['--help'],
    ['conformance', '--help'],
    ['help', 'conformance'],
    ['mutants', '--help'],
  ]) {
    it(`documents its exit codes in ${argv.join(' ')}`, async () => {
      const { code, out, err } = await cli(argv);
      expect(code).to.equal(0);
      expect(err).to.equal('');
      expect(out).to.contain('Exit codes:\n  0 ');
    });
  }

  it('names every option of conformance in its help', async () => {
    const { out } = await cli(['conformance', '--help']);
    const options =
      '--target --peer --tester --issuer --no-issue --channel --listen --no-tls --core-yaml --timing --fabric-version ' +
      '--clause --area --level --list --jobs --json --junit --verbose';
    for (const option of options.split(' ')) expect(out).to.match(new RegExp(`^ +${option}\\b`, 'm'));
  });

  it('starts as a program, shows its help without loading gRPC, and waits for nothing that is still under way', function () {
    this.timeout(60_000); // A process of its own, which may have to wait for the machine.
    const script = `
      setInterval(() => undefined, 1_000);
      process.argv.push('main.ts', 'conformance', '--help');
      require('./src/cli/main');
      process.on('exit', () => {
        const loaded = Object.keys(require.cache).filter((file) => file.includes('@grpc'));
        process.stderr.write(String(loaded.length));
      });`;
    const { status, stdout, stderr } = spawnSync(process.execPath, ['-r', 'ts-node/register', '-e', script], {
      cwd: join(__dirname, '../..'),
      encoding: 'utf8',
    });
    expect(stderr).to.equal('0');
    expect(stdout).to.contain('Usage: gossipspec conformance [options]');
    expect(status).to.equal(0);
  });
});

describe('gossipspec explain', () => {
  it('prints a clause', async () => {
    const { code, out } = await cli(['explain', 'conn-10']);
    expect(code).to.equal(0);
    expect(out).to.equal(`CONN-10 · must · binds the side that accepts the stream · Connection handshake

Demands   If the initiator's ConnEstablish has probe = true, the responder authenticates it in full,
          then ends the stream with OK and registers no connection. An existing connection of the
          same PKI-ID is not disturbed.
Seen by   Hold stream A; probe on stream B: B ends OK, A lives.
Source    gossip/comm/comm_impl.go GossipStream
Evidence  seen on running peers of Fabric 2.5.16 and 3.1.5

PUT is the peer under test, OP the outside peer that judges it; [in brackets] are Fabric’s defaults.
`);
  });

  it('prints every clause', async () => {
    for (const id of clauses.keys()) expect((await cli(['explain', id])).out).to.contain(`${id} · `);
  });

  it('says why a clause cannot be seen, and where versions differ', async () => {
    expect((await cli(['explain', 'RPC-12'])).out)
      .to.contain('Unseen    The limits guard')
      .and.not.to.contain('Seen by');
    expect((await cli(['explain', 'PVT-03'])).out).to.contain('3.1.5; the two differ in it\n');
  });

  it('prints a bad input', async () => {
    const { out } = await cli(['explain', 'BAD-36']);
    expect(out).to.contain('BAD-36 · bad input · destructive\n').and.to.contain('a conforming peer drops it');
  });

  it('suggests the nearest clause', async () => {
    const { code, err } = await cli(['explain', 'CONN-70']);
    expect(code).to.equal(64);
    expect(err).to.contain('unknown clause "CONN-70"; did you mean CONN-07');
  });
});
