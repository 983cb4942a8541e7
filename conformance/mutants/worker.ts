/** A process of its own that judges mutants: it is told their names, and answers with what was found. */
import '../harness/plain-stacks';
import { mutants } from './index';
import { judgeMutant, type Found } from './judge';

/** What a worker is asked. */
export interface Task {
  readonly name: string;
  readonly quick: boolean;
}

/** What it answers; a mutant goes by its name, since functions do not travel. */
export type Answer = { readonly name: string } & ({ readonly found: Found } | { readonly error: string });

async function answer({ name, quick }: Task): Promise<Answer> {
  try {
    const mutant = mutants.find((one) => one.name === name);
    if (mutant === undefined) throw new Error(`there is no mutant ${name}`);
    return { name, found: await judgeMutant(mutant, quick) };
  } catch (error) {
    return { name, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

process.on('message', (task: Task) => {
  void answer(task).then((told) => process.send?.(told));
});
// Whoever asked has gone.
process.on('disconnect', () => process.exit());
