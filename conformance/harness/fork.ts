import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

export interface ForkHabits<Said> {
  /** Takes what the process says. */
  readonly heed: (said: Said) => void;
  /** Told why, when it has ended: nothing will be said any more. */
  readonly ended: (why: string) => void;
  /** Of Node, for the memory that it may take; room for the young by default. */
  readonly memoryFlags?: readonly string[];
}

/** More room for young objects: messages are many and short-lived, and this saves an eighth of the processor time. */
const ROOMY = '--max-semi-space-size=64';

/**
 * A process of its own that runs one of our files, built or through ts-node as everything else here. It is told things
 * and answers by IPC; it must have nothing that it would have to leave in order, and end when that is cut.
 */
export class Fork<Told extends object, Said> implements AsyncDisposable {
  readonly #process: ChildProcess;

  constructor(file: string, { heed, ended, memoryFlags = [ROOMY] }: ForkHabits<Said>) {
    this.#process = fork(file, [], {
      execArgv: [...memoryFlags, ...(file.endsWith('.ts') ? ['--require', 'ts-node/register'] : [])],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#process.on('message', (said) => {
      heed(said as Said);
    });
    this.#process.on('exit', (code, signal) => {
      ended(`ended with ${String(signal ?? code)}`);
    });
  }

  tell(told: Told): void {
    this.#process.send(told);
  }

  /** Ends it, done or not. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const gone = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await gone;
  }
}
