/** A process of its own that judges checks on an embedded network; see annex.ts. */
import './harness/plain-stacks';
import type { CheckResult, Unexpected } from '../src/report/model';
import { checks } from './checks';
import { Etiquette } from './harness/etiquette';
import { judgeWith } from './harness/judge';
import { casesOf } from './harness/run-checks';
import { schedule } from './harness/scheduler';
import { bringUpEmbedded, systemTools } from './harness/targets';

/** What it is asked: to judge these checks, by their places in the suite. */
export interface AnnexTask {
  readonly tls: boolean;
  readonly seed: number;
  readonly indices: readonly number[];
}

/** What it answers, as it happens. */
export type AnnexAnswer =
  | { readonly index: number; readonly result: CheckResult }
  | { readonly fault: string }
  /** The last of all, where nothing went wrong. */
  | { readonly unexpected: readonly Unexpected[] }
  | { readonly error: string };

const answer = (one: AnnexAnswer): void => {
  // If the parent has gone, the disconnection below ends this process.
  process.send?.(one, undefined, undefined, () => undefined);
};

async function judge({ tls, seed, indices }: AnnexTask): Promise<void> {
  const tools = systemTools(seed);
  const target = await bringUpEmbedded(tls, tools);
  const etiquette = new Etiquette();
  const chosen = indices.flatMap((index) => checks[index] ?? []);
  const promised = schedule(casesOf(target, chosen), {
    target,
    clock: tools.clock,
    signal: new AbortController().signal,
    jobs: undefined,
    judgeOn: (on) =>
      judgeWith({
        ...tools,
        target: on,
        etiquette,
        onFault: (fault) => {
          answer({ fault });
        },
      }),
  });
  for (const [{ check }, promise] of promised) {
    void promise.then((result) => {
      answer({ index: checks.indexOf(check), result });
    });
  }
  await Promise.all(promised.values());
  answer({ unexpected: etiquette.unexpected });
  await target.close();
}

process.once('message', (task: AnnexTask) => {
  judge(task).catch((error: unknown) => {
    answer({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  });
});
// Whoever asked has all it wanted, or has gone.
process.on('disconnect', () => process.exit());
// Ctrl-C reaches the whole group; whoever asked decides what becomes of us.
process.on('SIGINT', () => undefined);
