import { FabricError } from '../src/fabric/fabric-error';
import { adviceFor, lastWords, TAIL_LINES } from '../src/fabric/last-words';
import type { NodeProgram } from '../src/fabric/hosted-node';
import type { NodeState } from '../src/fabric/running-network';
import { archiveOf } from './archive';
import type { ContainerAddresses } from './engine';
import { reachedAt } from './reach';
import type { DockerRun } from './run';

export interface ContainerOptions {
  readonly run: DockerRun;
  /** What messages call it, and the others on its network. */
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Absolute path, in the container, of a folder of its own, and the text files to put there. */
  readonly home: string;
  readonly files: Readonly<Record<string, string>>;
  /** TCP ports that we dial. */
  readonly ports: readonly number[];
  /** Called when it ends though nobody asked it to. */
  readonly onDeath: (death: FabricError) => void;
}

const NOWHERE: ContainerAddresses = { byNetwork: [], published: new Map() };
/** A program that takes longer to end in order is killed. */
const STOP_PATIENCE_SECONDS = 10;
/** Discards the port: nothing listens there, and nobody waits long to learn it. */
const UNREACHABLE = '127.0.0.1:9';

/** A program in a container that can be started, stopped and held, and keeps its files over all its starts. */
export class Container implements NodeProgram {
  readonly name: string;
  readonly #options: ContainerOptions;
  #state: NodeState = 'stopped';
  #id: string | undefined;
  #addresses = NOWHERE;
  /** Aborted when the present life is over; whoever watched an earlier one is not heard any more. */
  #life = new AbortController();

  constructor(options: ContainerOptions) {
    this.name = options.name;
    this.#options = options;
  }

  get state(): NodeState {
    return this.#state;
  }

  /** @throws FabricError WRONG_STATE before its first start. */
  get id(): string {
    if (this.#id !== undefined) return this.#id;
    throw new FabricError('WRONG_STATE', `${this.name} has no container yet.`);
  }

  /** host:port at which a port of it is dialled; where nobody listens while it has no network. */
  reachedAt(port: number): string {
    return reachedAt(this.#options.run.reach, this.#addresses, port) ?? UNREACHABLE;
  }

  /** Makes the container if there is none yet, and starts its program. Rejects with a FabricError. */
  async start(): Promise<void> {
    this.#expect('stopped', 'started');
    const life = this.#begin('running');
    try {
      this.#id ??= await this.#create();
      await this.#engine.start(this.#id, this.name);
      await this.locate();
    } catch (error) {
      if (life === this.#life) this.#begin('stopped');
      throw error;
    }
    this.#watch(life, this.#id);
  }

  async stop(): Promise<void> {
    this.#expect('running', 'stopped');
    this.#begin('stopped');
    await this.#engine.stop(this.id, this.name, STOP_PATIENCE_SECONDS);
  }

  /** Ends it without a warning, in whatever state it is. */
  async kill(): Promise<void> {
    const before = this.#state;
    if (before === 'stopped') return;
    this.#begin('stopped');
    // An engine kills nothing that it holds.
    if (before === 'paused') await this.#engine.resume(this.id, this.name);
    await this.#engine.kill(this.id, this.name);
  }

  async pause(): Promise<void> {
    this.#expect('running', 'paused');
    await this.#engine.pause(this.id, this.name);
    this.#state = 'paused';
  }

  async resume(): Promise<void> {
    this.#expect('paused', 'resumed');
    await this.#engine.resume(this.id, this.name);
    this.#state = 'running';
  }

  /** The last lines that it printed; all by default. */
  async log(lines?: number): Promise<string> {
    if (this.#id === undefined) return '';
    const text = await this.#engine.logs(this.#id, this.name, lines);
    return text.trimEnd();
  }

  /** Finds out where it is reached, which changes with its starts and its networks. */
  async locate(): Promise<void> {
    this.#addresses = await this.#engine.addresses(this.id, this.name);
  }

  /** Takes it away for good, in whatever state it is. */
  async remove(): Promise<void> {
    this.forget();
    if (this.#id !== undefined) await this.#engine.removeContainer(this.#id);
  }

  /** Whatever happens to it from now on is nobody's business. */
  forget(): void {
    this.#begin('stopped');
  }

  get #engine(): DockerRun['engine'] {
    return this.#options.run.engine;
  }

  #begin(state: NodeState): AbortController {
    this.#state = state;
    this.#life.abort();
    this.#life = new AbortController();
    return this.#life;
  }

  async #create(): Promise<string> {
    const { run, name, image, command, env, home, files, ports } = this.#options;
    const { published } = run.reach;
    const [id, archive] = await Promise.all([
      run.makeContainer({
        alias: name,
        image,
        command,
        env,
        workingFolder: '/',
        publish: published && { ports, hostIp: published.bindIp },
      }),
      archiveOf(home.replace(/^\//, ''), files),
    ]);
    await run.engine.copyIn(id, archive, '/');
    return id;
  }

  #watch({ signal }: AbortController, id: string): void {
    void this.#engine
      .awaitEnd(id, this.name, signal)
      .then((code) => this.#death(code))
      .catch((error: unknown) => this.#loss(error))
      .then((death) => {
        if (signal.aborted) return;
        this.#begin('stopped');
        this.#options.onDeath(death);
      });
  }

  async #death(code: number): Promise<FabricError> {
    const how = `${this.name} ended by itself (exit code ${code}).`;
    try {
      const evidence = lastWords(await this.log(TAIL_LINES));
      return new FabricError('NODE_DIED', `${how} ${adviceFor(evidence)}`, { evidence });
    } catch (cause) {
      return new FabricError('NODE_DIED', `${how} Its log cannot be had.`, { cause });
    }
  }

  #loss(cause: unknown): FabricError {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return new FabricError('NODE_DIED', `${this.name} is lost: ${reason}`, { cause });
  }

  #expect(state: NodeState, verb: string): void {
    if (this.#state === state) return;
    throw new FabricError('WRONG_STATE', `${this.name} cannot be ${verb}: it is ${this.#state}.`);
  }
}
