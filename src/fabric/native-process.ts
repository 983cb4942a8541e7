import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, readFileSync } from 'node:fs';
import { once } from 'node:events';
import { FabricError } from './fabric-error';
import type { NodeProgram } from './hosted-node';
import { adviceFor, lastLines, lastWords, TAIL_LINES } from './last-words';
import type { RunFolder } from './run-folder';
import type { NodeState } from './running-network';

export interface NativeProcessOptions {
  /** What messages call it. */
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly folder: RunFolder;
  /** Called when it ends though nobody asked it to. */
  readonly onDeath: (death: FabricError) => void;
}

/** What `act` gives back or throws, as a promise. */
const promised = <T>(act: () => T): Promise<T> =>
  new Promise((resolve) => {
    resolve(act());
  });

/** A program that can be started, stopped and held. Its output goes to one file, over all its starts. */
export class NativeProcess implements NodeProgram {
  readonly #options: NativeProcessOptions;
  #child: ChildProcess | undefined;
  #state: NodeState = 'stopped';

  constructor(options: NativeProcessOptions) {
    this.#options = options;
  }

  get state(): NodeState {
    return this.#state;
  }

  start(): Promise<void> {
    return promised(() => {
      this.#expect('stopped', 'started');
      this.#spawn();
    });
  }

  async stop(): Promise<void> {
    this.#expect('running', 'stopped');
    await this.#end('SIGTERM');
  }

  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  pause(): Promise<void> {
    return promised(() => {
      this.#expect('running', 'paused');
      this.#child?.kill('SIGSTOP');
      this.#state = 'paused';
    });
  }

  resume(): Promise<void> {
    return promised(() => {
      this.#expect('paused', 'resumed');
      this.#child?.kill('SIGCONT');
      this.#state = 'running';
    });
  }

  log(lines?: number): Promise<string> {
    return promised(() => this.#lastLines(lines));
  }

  /** Lets it run on when we end. */
  release(): void {
    this.#child?.removeAllListeners();
    this.#child?.unref();
  }

  /** A program that cannot be started is a death as well. */
  #spawn(): void {
    const { name, program, args, env, folder, onDeath } = this.#options;
    const log = folder.openLog(name);
    try {
      // In a session of its own, so that a Ctrl-C in the terminal reaches us alone and we stop it in order.
      const child = spawn(program, args, {
        cwd: folder.homeOf(name),
        env,
        detached: true,
        stdio: ['ignore', log, log],
      });
      this.#child = child;
      this.#state = 'running';
      child.on('error', (cause) => {
        this.#forget(child);
        onDeath(new FabricError('NO_PROGRAM', `${program} cannot be started: ${cause.message}`, { cause }));
      });
      child.on('exit', (code, signal) => {
        if (this.#forget(child)) onDeath(this.#death(code, signal));
      });
      if (child.pid !== undefined) folder.record(name, child.pid);
    } finally {
      closeSync(log);
    }
  }

  #lastLines(lines?: number): string {
    return lastLines(readFileSync(this.#options.folder.logOf(this.#options.name), 'utf8'), lines);
  }

  async #end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#forget(child);
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  /** Whether it was still expected to run. */
  #forget(child: ChildProcess): boolean {
    if (this.#child !== child) return false;
    this.#child = undefined;
    this.#state = 'stopped';
    return true;
  }

  #death(code: number | null, signal: string | null): FabricError {
    const { name, folder } = this.#options;
    const how = signal === null ? `exit code ${code ?? 0}` : signal;
    const evidence = lastWords(this.#lastLines(TAIL_LINES));
    const advice = folder.isFull() ? folder.fullAdvice : adviceFor(evidence);
    return new FabricError('NODE_DIED', `${name} ended by itself (${how}). ${advice}`, { evidence });
  }

  #expect(state: NodeState, verb: string): void {
    if (this.#state === state) return;
    const { name } = this.#options;
    throw new FabricError('WRONG_STATE', `${name} cannot be ${verb}: it is ${this.#state}.`);
  }
}
