import Table from 'cli-table3';
import { delimiter } from 'node:path';
import { parseArgs } from 'node:util';
import { catchingUpBench } from './catching-up.bench';
import { judgeBench, judgeMemoryBench } from './judge.bench';
import { formationBench, proxyBench } from './proxy.bench';
import type { Rate } from './rates';
import { relayBench, type Latency } from './relay.bench';
import { wireBench } from './wire.bench';

/** Prints what was measured; judges nothing, since the figures are the machine's as much as ours. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { 'fabric-bin': { type: 'string', multiple: true } } });
  const machine = `Node ${process.versions.node}, ${process.arch}`;
  console.log(`alive messages, one thread, ${machine}`);
  console.log(tableOf(wireBench()));
  console.log(
    'recordings of distinct alive messages, judged by every check: signatures a second, against bare verification on all processors',
  );
  const { rates, byProcessor } = await judgeBench();
  console.log(tableOf(rates));
  console.log('the same by processor time, which other work on this machine does not distort as much');
  console.log(tableOf(byProcessor));
  console.log('memory of judging, each heartbeat heard five times');
  for (const { envelopes, megabytes } of await judgeMemoryBench([10_000, 100_000, 1_000_000])) {
    console.log(`  ${envelopes.toLocaleString('en')} envelopes: ${Math.round(megabytes)} MB at most`);
  }
  await benchProxy();
  const named = values['fabric-bin'] ?? (process.env['GOSSIPSPEC_FABRIC_BIN'] ?? '').split(delimiter);
  const folders = named.filter((folder) => folder !== '');
  if (folders.length === 0) {
    console.log(
      'catching up and passing on beside a real peer: not run, since neither --fabric-bin nor GOSSIPSPEC_FABRIC_BIN names a folder with Fabric’s peer and orderer',
    );
  }
  for (const folder of folders) {
    console.log(`blocks by state transfer from one real peer of ${folder}, 1,000 of 10 transactions`);
    console.log(tableOf(await catchingUpBench(folder)));
    console.log(`from one member to another over one peer of ${folder}, and over ours`);
    const [real, ours] = await relayBench(folder);
    console.log(latencyTable([real.blocks, ours.blocks]));
    console.log(latencyTable([real.stateInfo, ours.stateInfo]));
  }
}

async function benchProxy(): Promise<void> {
  const { directMs, throughMs, cpuShare, perSecond } = await proxyBench();
  console.log('recording proxy, TLS on, both peers in another process');
  console.log(`  round trip, median: ${directMs.toFixed(2)} ms, through it ${throughMs.toFixed(2)} ms`);
  console.log(`  at ${perSecond} envelopes a second: ${(100 * cpuShare).toFixed(1)} % of a core`);
  const formation = await formationBench();
  console.log(
    formation === undefined
      ? '  forming of a network: not measured, GOSSIPSPEC_FABRIC_BIN names no programs'
      : `  four real peers know each other after ${formation.without.toFixed(2)} s, through it ${formation.through.toFixed(2)} s, medians`,
  );
}

/** Each rate beside its ratio to the first. */
function tableOf(rates: readonly Rate[]): string {
  const table = new Table({ head: ['', 'per second', 'µs each', 'ratio'], style: { head: [], border: [] } });
  const [reference] = rates;
  for (const { name, perSecond } of rates) {
    table.push([
      name,
      Math.round(perSecond).toLocaleString('en'),
      (1e6 / perSecond).toFixed(1),
      reference === undefined ? '' : (perSecond / reference.perSecond).toFixed(2),
    ]);
  }
  return table.toString();
}

/** Each latency beside its ratio to the first. */
function latencyTable(latencies: readonly Latency[]): string {
  const table = new Table({
    head: ['', 'median ms', 'nine of ten ms', 'ratio'],
    style: { head: [], border: [] },
  });
  const [reference] = latencies;
  for (const { name, medianMs, ninthMs } of latencies) {
    const ratio = reference === undefined ? '' : (medianMs / reference.medianMs).toFixed(2);
    table.push([name, medianMs.toFixed(1), ninthMs.toFixed(1), ratio]);
  }
  return table.toString();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
