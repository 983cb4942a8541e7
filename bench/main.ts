import Table from 'cli-table3';
import { judgeBench } from './judge.bench';
import type { Rate } from './rates';
import { wireBench } from './wire.bench';

/** Prints what was measured; judges nothing, since the figures are the machine's as much as ours. */
async function main(): Promise<void> {
  const rates = wireBench();
  console.log(`alive messages, one thread, Node ${process.versions.node}, ${process.arch}`);
  console.log(tableOf(rates));
  console.log(
    'a recording of distinct alive messages, judged by every check, against bare verification on all processors',
  );
  console.log(tableOf(await judgeBench()));
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

void main();
