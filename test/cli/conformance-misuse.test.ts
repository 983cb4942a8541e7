import { expect } from 'chai';
import { cli } from './fake-session';

describe('gossipspec conformance, misused', () => {
  const misuse: readonly { argv: readonly string[]; says: string }[] = [
    {
      argv: ['--target', 'podman'],
      says: "argument 'podman' is invalid. Allowed choices are embedded, native, docker, attach.",
    },
    { argv: ['--targt', 'attach'], says: 'Did you mean --target?' },
    { argv: ['stray'], says: 'too many arguments' },
    { argv: ['--target', 'attach'], says: '--target attach needs at least one --peer host:port' },
    { argv: ['--peer', '127.0.0.1', '--tester', 'd'], says: '--peer "127.0.0.1" is no host:port' },
    { argv: ['--peer', 'h:0', '--tester', 'd'], says: '--peer "h:0" is no host:port' },
    { argv: ['--peer', 'h:65536', '--tester', 'd'], says: '--peer "h:65536" is no host:port' },
    { argv: ['--peer', 'https://h:1', '--tester', 'd'], says: 'is no host:port' },
    {
      argv: ['--peer', 'h:1', '--issuer', 'd', '--no-issue'],
      says: '--issuer and --no-issue contradict each other',
    },
    {
      argv: ['--target', 'attach', '--test-network', 'a', '--profile', 'b'],
      says: 'give one of them',
    },
    { argv: ['--keep'], says: '--keep goes with --target native or --target docker' },
    { argv: ['--fabric-bin', 'd', '--mixed'], says: '--mixed needs two folders of programs' },
    {
      argv: ['--fabric-bin', 'a', '--fabric-bin', 'b', '--mixed', '2.5.16,3.1.5'],
      says: '--mixed 2.5.16,3.1.5 names releases of images, which go with --target docker',
    },
    { argv: ['--mixed'], says: '--mixed goes with --target native or --target docker' },
    { argv: ['--target', 'docker', '--mixed'], says: '--mixed with images needs two releases' },
    { argv: ['--mixed', '2.5.16'], says: '--mixed with images needs two releases' },
    { argv: ['--mixed', '2.5,2.5'], says: '--mixed with images needs two releases' },
    { argv: ['--mixed', '2.5.16,'], says: '--mixed "" is no version of Fabric' },
    { argv: ['--fabric', '2.5,3.1', '--mixed'], says: '--mixed in one network: give one of them' },
    {
      argv: ['--mixed', '2.5,3.1', '--peer-image', 'forks/peer:mine'],
      says: 'forks/peer:mine has a tag already',
    },
    { argv: ['--seed', '-1'], says: '--seed "-1" is no whole number' },
    { argv: ['--gate'], says: 'a gate must be told its target, and none is named; name one: --target' },
    { argv: ['--gate', '--target', 'embedded'], says: 'so a gate refuses it' },
    { argv: ['--tester', 'd'], says: '--tester goes with --target attach' },
    { argv: ['--target', 'embedded', '--peer', 'h:1'], says: '--peer goes with --target attach' },
    { argv: ['--timing', 'pullInterval=1s'], says: '--timing goes with --target attach' },
    { argv: ['--timing', 'fast'], says: '--timing goes with --target attach or --target native' },
    {
      argv: ['--target', 'native', '--timing', 'pullInterval=1s'],
      says: '--timing pullInterval=1s goes with --target attach; a network that is started takes --timing fast or --timing fabric',
    },
    {
      argv: ['--target', 'docker', '--timing', 'fast', '--timing', 'fabric'],
      says: '--timing fast or --timing fabric: give one of them',
    },
    {
      argv: ['--peer', 'h:1', '--timing', 'fast'],
      says: '--timing fast goes with --target native or --target docker',
    },
    { argv: ['--target', 'native', '--peer', 'h:1'], says: '--peer goes with --target attach' },
    { argv: ['--node', 'org1.peer1'], says: '--node goes with --target native or --target docker' },
    { argv: ['--fabric-bin', 'd', '--fabric', '3.1'], says: '--fabric goes with --target docker' },
    {
      argv: ['--fabric', 'latest'],
      says: '--fabric "latest" is no version of Fabric, such as 2.5.16 or 3.1',
    },
    { argv: ['--peer', 'h:1', '--fabric-bin', 'd'], says: '--fabric-bin goes with --target native' },
    {
      argv: ['--peer', 'h:1', '--timing', 'pullInterval'],
      says: '--timing "pullInterval" is no KEY=DURATION',
    },
    { argv: ['--min-clauses', '0'], says: '--min-clauses "0" is no number' },
    { argv: ['--require', 'impl'], says: "argument 'impl' is invalid. Allowed choices are must, should." },
    { argv: ['--jobs', '0'], says: '--jobs "0" is no number' },
    { argv: ['--clause', 'CONN-7'], says: 'unknown clause "CONN-7"; did you mean CONN-07' },
    { argv: ['--area', 'cnon'], says: 'unknown area "cnon"; did you mean CONN?' },
    { argv: ['--level', 'must,shall'], says: 'unknown level "shall"' },
    {
      argv: ['--json', '/nowhere/at/all/report.json'],
      says: 'cannot write a report to /nowhere/at/all/report.json',
    },
  ];
  for (const { argv, says } of misuse) {
    it(`refuses ${argv.join(' ')} and runs nothing`, async () => {
      const { code, out, err } = await cli(['conformance', ...argv]);
      expect(code).to.equal(64);
      expect(err).to.contain(says);
      expect(out).to.equal('');
    });
  }
});
