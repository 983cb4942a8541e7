import { Command, Option } from 'commander';
import type { ConformanceRunner } from '../../conformance/run-types';
import { plural } from '../report/text';
import { collect, collectList } from './collect';
import type { ConformanceFlags } from './conformance-flags';
import { exitCodes, exitCodesHelp } from './exit-codes';
import { judge } from './judge';
import { withReportOptions } from './report-flags';
import { selectionOf, withSelectionOptions } from './selection-flags';
import type { CommandFactory, Session } from './session';

const examples = `
Examples:
  npm run conformance
  npm run conformance -- --fabric-bin fabric-2.5.16/bin --fabric-bin fabric-3.1.5/bin
  npm run conformance -- --mixed 2.5.16,3.1.5
  npm run conformance -- --gate --test-network fabric-samples/test-network
  npm run conformance -- --peer 127.0.0.1:7051 \\
    --tester crypto-config/peerOrganizations/org1.example.com/peers/peer1.org1.example.com
  npm run conformance -- --peer 127.0.0.1:7051 --tester Org1MSP=papers/org1 --tester Org2MSP=papers/org2 \\
    --core-yaml core.yaml --level must --junit report.xml`;

/** `gossipspec conformance`; `load` loads the suite when it is needed. */
export const conformanceCommand =
  (load: () => ConformanceRunner): CommandFactory =>
  (session) => {
    const command = new Command('conformance')
      .summary('judge peers clause by clause')
      .description(
        'Judges peers clause by clause: do they speak Fabric gossip? The last line is the verdict, the exit code the gate.',
      )
      .optionsGroup('Which peers:')
      .addOption(
        new Option(
          '--target <kind>',
          'what to judge; told by other options, or else docker if an engine answers, native if PATH has Fabric’s programs, embedded',
        ).choices(['embedded', 'native', 'docker', 'attach']),
      )
      .option(
        '--gate',
        'demand a target that tests Fabric: it must be named, and is not embedded; so where CI=true (--no-gate: not so)',
      )
      .addOption(new Option('--no-gate').hideHelp())
      .option(
        '--fabric-bin <dir>',
        'native: the folder with Fabric’s peer and orderer; PATH if not given; given again, the next version is judged after it',
        collect,
      )
      .option(
        '--fabric <version>',
        'docker: the release of Fabric’s images, such as 2.5.16 or 3.1; of several, separated by commas, one is judged after the other',
        collectList,
      )
      .option(
        '--mixed [versions]',
        'both of two versions in one network, a peer of each is judged: of images, such as 2.5.16,3.1.5, or, without a value, of two --fabric-bin',
      )
      .option(
        '--peer-image <name>',
        'docker: the peer’s image, of a private registry or a fork; tagged with the release if it names no tag',
      )
      .option('--orderer-image <name>', 'docker: the orderer’s image, as with --peer-image')
      .option(
        '--node <name>',
        'native, docker: a peer to judge, such as org2.peer1; repeatable (default: org1.peer0)',
        collect,
      )
      .option(
        '--keep',
        'native, docker: leave the network up, and say how to reach it; `gossipspec clean` removes it',
      )
      .option('--peer <host:port>', 'a peer that is already up; repeatable', collect)
      .option(
        '--test-network <dir>',
        'fabric-samples’ test-network, up: its peers, and testers issued by its CAs',
      )
      .option('--profile <file>', 'YAML that describes a network that is up, with its peers and testers')
      .option(
        '--tester <[mspid=]dir>',
        'folder with msp/ and tls/ of an identity for the suite; the MSP-ID is found out by matching certificate chains if not given; repeatable',
        collect,
      )
      .option(
        '--issuer <dir>',
        'organisation folder with its CA keys, as cryptogen lays it out, to issue testers from; found by itself beside a tester in that layout; repeatable',
        collect,
      )
      .option('--no-issue', 'issue no testers, even where CA keys are at hand')
      .option('--channel <name>', 'a channel that the peers have joined')
      .option('--listen <address>', 'where testers listen for the peers')
      .option('--no-tls', 'the peers have TLS off (embedded, native, docker: start them so)')
      .optionsGroup('Their settings:')
      .option(
        '--core-yaml <file>',
        'the peers’ core.yaml, for their gossip timers; Fabric’s defaults if not given',
      )
      .option(
        '--timing <profile>',
        'native, docker: fast, shortened for a quick run (default), or fabric, Fabric’s defaults; peers that are up: one timer, such as pullInterval=1s; repeatable',
        collect,
      )
      .option('--fabric-version <text>', 'what the peers run, for the report and the baseline')
      .optionsGroup('Which clauses (clauses and areas add up, levels narrow the sum):');
    withSelectionOptions(command)
      .option('--list', 'print what would run, and which clauses no check judges and why; touches no network')
      .optionsGroup('What it is held to:')
      .option(
        '--baseline <file>',
        'YAML that lists known deviations with reason, link and expiry date; they are judged all the same, and one that passes, has expired or fails otherwise fails the run',
      )
      .addOption(
        new Option(
          '--require <level>',
          'which levels decide: must alone, or must and should alike (default: must, and should where it fails on peers that are not our own)',
        ).choices(['must', 'should']),
      )
      .option('--min-clauses <n>', 'fewer clauses judged: cannot tell')
      .optionsGroup('How, and what comes out:')
      .option('--jobs <n>', 'at most so many checks at once')
      .option('--times <n>', 'runs each check so often, on the same network: does it say the same each time?')
      .option(
        '--seed <n>',
        'what testers and faults between peers draw their chance from, as a run and its reports tell it; drawn at random if not given',
      )
      .option(
        '--destructive',
        'also what some versions of Fabric do not survive, after everything else, on peers started for it; never on a network that is up',
      )
      .option(
        '--record <dir>',
        'write what testers send and receive as a recording, which `gossipspec judge` judges by what it shows',
      );
    return withReportOptions(command)
      .option('--verbose', 'show the stack of a fault of this program')
      .addHelpText('after', exitCodesHelp)
      .addHelpText('after', examples)
      .action(async (flags: ConformanceFlags) => {
        session.exitCode =
          flags.list === true
            ? list(load, session, flags)
            : await judge(load, session, flags, selectionOf(flags));
      });
  };

function list(load: () => ConformanceRunner, { io }: Session, flags: ConformanceFlags): number {
  const selection = selectionOf(flags);
  const rows = load()
    .listChecks(selection)
    .map((entry) => {
      const { id, level, role } = entry.clause;
      const said = 'title' in entry ? entry.title : entry.missing;
      const line = `${id.padEnd(8)} ${level.padEnd(6)} ${role.padEnd(4)} ${said}\n`;
      return { id, judged: 'title' in entry, line };
    });
  const checks = rows.filter(({ judged }) => judged);
  const without = rows.filter(({ judged }) => !judged);
  for (const { line } of checks) io.out.write(line);
  if (without.length > 0) io.out.write(`${checks.length > 0 ? '\n' : ''}Without a check:\n`);
  for (const { line } of without) io.out.write(line);
  const judged = new Set(checks.map(({ id }) => id)).size;
  io.out.write(
    `\n${plural(checks.length, 'check')} of ${plural(judged, 'clause')}; ${plural(without.length, 'clause')} without a check\n`,
  );
  return exitCodes.conformant;
}
