import Docker from 'dockerode';
import { engineError, statusOf } from './engine-error';
import { textOf } from './log-text';
import { failureIn, summing, type OnProgress, type PullEvent } from './pull-progress';
import { credentialsFor } from './registry-credentials';

/** What a container is made of. */
export interface ContainerSpec {
  readonly name: string;
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly workingFolder: string;
  /** The network that it is on, and the name that it has there. */
  readonly networkId: string;
  readonly alias: string;
  /** TCP ports of it to be published at free ports of the engine's host, and at which address of that host. */
  readonly publish: { readonly ports: readonly number[]; readonly hostIp: string } | undefined;
}

/** How a container is reached: its address on each of its networks, and where its ports are published. */
export interface ContainerAddresses {
  readonly byNetwork: readonly string[];
  readonly published: ReadonlyMap<number, number>;
}

export interface EngineNetwork {
  readonly id: string;
  readonly gateway: string;
}

/** Something of the engine's that bears labels. */
export interface Labelled {
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** 304: it is in that state already. 404: there is no such thing any more. 409: somebody else is at it. */
const ALREADY = 304;
const GONE = 404;
const BUSY = 409;
/** Removals that take longer than this have failed. */
const REMOVAL_TIMEOUT_MS = 10_000;

/**
 * A Docker engine, as far as networks of nodes need it; nothing else talks to one. All methods reject with a FabricError
 * that says what could not be done.
 */
export class Engine {
  /** As the user would write it: unix:///var/run/docker.sock. */
  readonly address: string;
  /** The host that ports are published on, as seen from here. */
  readonly host: string;
  /** The address behind which it listens; undefined for a socket in the file system. */
  readonly remote: { readonly host: string; readonly port: number } | undefined;
  readonly #docker: Docker;

  private constructor(docker: Docker, socketPath: string | undefined) {
    this.#docker = docker;
    const { host, port, protocol } = docker.modem as {
      host?: string;
      port?: string | number;
      protocol?: string;
    };
    this.host = host === undefined ? '127.0.0.1' : host.replace(/^\[|\]$/g, '');
    this.remote =
      host === undefined ? undefined : { host: this.host, port: Number(port ?? sshPort(protocol)) };
    this.address = process.env['DOCKER_HOST'] || `unix://${socketPath ?? '/var/run/docker.sock'}`;
  }

  /** Finds the engine that DOCKER_HOST and its like name, the usual one otherwise. */
  static async connect(): Promise<Engine> {
    const docker = configured();
    const { socketPath } = docker.modem as { socketPath?: string | (() => Promise<string>) };
    const path = typeof socketPath === 'function' ? await socketPath() : socketPath;
    const engine = new Engine(docker, path);
    await engine.#do('answer', () => docker.ping());
    return engine;
  }

  /** Whether an engine answers within `timeoutMs`; never rejects. */
  static async answers(timeoutMs: number): Promise<boolean> {
    try {
      // A ping takes no signal, by dockerode’s types.
      await configured().listNetworks({ abortSignal: AbortSignal.timeout(timeoutMs) });
      return true;
    } catch {
      return false;
    }
  }

  hasImage(image: string): Promise<boolean> {
    return this.#do(`look for the image ${image}`, async () => {
      try {
        await this.#docker.getImage(image).inspect();
        return true;
      } catch (error) {
        if (statusOf(error) === GONE) return false;
        throw error;
      }
    });
  }

  /** Fetches an image from its registry, with the user's credentials there if there are any. */
  pull(image: string, signal: AbortSignal, onProgress: OnProgress): Promise<void> {
    return this.#do(`pull ${image}`, async () => {
      const authconfig = await credentialsFor(image);
      const stream = await this.#docker.pull(image, { abortSignal: signal, authconfig });
      await new Promise<void>((resolve, reject) => {
        this.#docker.modem.followProgress(
          stream,
          (error, events: readonly PullEvent[]) => {
            const failure = error ?? failureIn(events);
            if (failure === undefined) resolve();
            else reject(failure);
          },
          summing(onProgress),
        );
      });
    });
  }

  createNetwork(name: string, labels: Readonly<Record<string, string>>): Promise<EngineNetwork> {
    return this.#do('make a network', async () => {
      const network = await this.#docker.createNetwork({ Name: name, Driver: 'bridge', Labels: labels });
      const inspected = await network.inspect();
      return { id: network.id, gateway: inspected.IPAM?.Config?.[0]?.Gateway ?? '' };
    });
  }

  async removeNetwork(id: string): Promise<void> {
    await this.#do('remove a network', () => this.#docker.getNetwork(id).remove(), GONE);
  }

  async connect(networkId: string, containerId: string, alias: string): Promise<void> {
    const options = { Container: containerId, EndpointConfig: { Aliases: [alias] } };
    await this.#do(`connect ${alias} to a network`, () =>
      this.#docker.getNetwork(networkId).connect(options),
    );
  }

  async disconnect(networkId: string, containerId: string, alias: string): Promise<void> {
    const options = { Container: containerId, Force: true };
    await this.#do(`disconnect ${alias} from a network`, () =>
      this.#docker.getNetwork(networkId).disconnect(options),
    );
  }

  /** Resolves to the container's id. */
  createContainer(spec: ContainerSpec): Promise<string> {
    const { name, image, labels, command, env, workingFolder, networkId, alias, publish } = spec;
    const ports = (publish?.ports ?? []).map((port) => `${port}/tcp`);
    return this.#do(`make the container of ${alias}`, async () => {
      const container = await this.#docker.createContainer({
        name,
        Image: image,
        Labels: labels,
        Cmd: [...command],
        Env: Object.entries(env).map(([key, value]) => `${key}=${value}`),
        WorkingDir: workingFolder,
        Hostname: alias,
        // Its files are root's, and it writes its ledger beside them.
        User: '0:0',
        ExposedPorts: Object.fromEntries(ports.map((port) => [port, {}])),
        HostConfig: {
          // Whatever the engine's own choice is: this one can be read back.
          LogConfig: { Type: 'json-file', Config: {} },
          NetworkMode: networkId,
          PortBindings: Object.fromEntries(
            ports.map((port) => [port, [{ HostIp: publish?.hostIp ?? '', HostPort: '' }]]),
          ),
        },
        NetworkingConfig: { EndpointsConfig: { [networkId]: { Aliases: [alias] } } },
      });
      return container.id;
    });
  }

  /** Unpacks a tar archive in a folder of a container that there is already. */
  async copyIn(id: string, archive: Buffer, folder: string): Promise<void> {
    await this.#do('copy files into a container', () =>
      this.#docker.getContainer(id).putArchive(archive, { path: folder }),
    );
  }

  async start(id: string, name: string): Promise<void> {
    await this.#do(`start ${name}`, () => this.#docker.getContainer(id).start(), ALREADY);
  }

  /** Asks the container to end, and kills it after a while. */
  async stop(id: string, name: string, patienceSeconds: number): Promise<void> {
    await this.#do(`stop ${name}`, () => this.#docker.getContainer(id).stop({ t: patienceSeconds }), ALREADY);
  }

  /** Also one that has ended just now. */
  async kill(id: string, name: string): Promise<void> {
    await this.#do(`kill ${name}`, () => this.#docker.getContainer(id).kill(), BUSY);
  }

  async pause(id: string, name: string): Promise<void> {
    await this.#do(`pause ${name}`, () => this.#docker.getContainer(id).pause());
  }

  async resume(id: string, name: string): Promise<void> {
    await this.#do(`resume ${name}`, () => this.#docker.getContainer(id).unpause());
  }

  /** Kills and removes a container, and the volumes that its image asked for; waits where somebody else is at it. */
  async removeContainer(id: string): Promise<void> {
    const container = this.#docker.getContainer(id);
    const remove = async (): Promise<void> => {
      try {
        await container.remove({ force: true, v: true });
      } catch (error) {
        if (statusOf(error) !== BUSY) throw error;
        await container.wait({ condition: 'removed', abortSignal: AbortSignal.timeout(REMOVAL_TIMEOUT_MS) });
      }
    };
    await this.#do('remove a container', remove, GONE);
  }

  /** Resolves to its exit code when a container does not run any more. */
  awaitEnd(id: string, name: string, signal: AbortSignal): Promise<number> {
    return this.#do(`watch ${name}`, async () => {
      const ended = (await this.#docker.getContainer(id).wait({ abortSignal: signal })) as {
        readonly StatusCode: number;
      };
      return ended.StatusCode;
    });
  }

  addresses(id: string, name: string): Promise<ContainerAddresses> {
    return this.#do(`tell where ${name} is`, async () => {
      const { NetworkSettings: settings } = await this.#docker.getContainer(id).inspect();
      const published = Object.entries(settings.Ports).flatMap(([port, bindings]): [number, number][] => {
        const [first] = (bindings as readonly { readonly HostPort: string }[] | null) ?? [];
        return first === undefined ? [] : [[Number.parseInt(port, 10), Number(first.HostPort)]];
      });
      return {
        byNetwork: Object.values(settings.Networks).flatMap(({ IPAddress: address }) => address || []),
        published: new Map(published),
      };
    });
  }

  /** What a container printed; the last lines only if a number is given. */
  logs(id: string, name: string, lines?: number): Promise<string> {
    return this.#do(`give the log of ${name}`, async () => {
      const raw = await this.#docker
        .getContainer(id)
        .logs({ stdout: true, stderr: true, ...(lines === undefined ? {} : { tail: lines }) });
      return textOf(raw);
    });
  }

  /** All containers with a label, running or not. */
  containersWith(label: string): Promise<readonly Labelled[]> {
    return this.#do('list containers', async () => {
      const filters = { label: [label] };
      const found = await this.#docker.listContainers({ all: true, filters });
      return found.map(({ Id: id, Names: [name = ''], Labels: labels }) => ({
        id,
        name: name.replace(/^\//, ''),
        labels,
      }));
    });
  }

  networksWith(label: string): Promise<readonly Labelled[]> {
    return this.#do('list networks', async () => {
      const found = await this.#docker.listNetworks({ filters: { label: [label] } });
      return found.map(({ Id: id, Name: name, Labels: labels }) => ({ id, name, labels: labels ?? {} }));
    });
  }

  /** `what` it is to do, after “does not”. Answers of the statuses `fine` are as good as done. */
  async #do<T>(what: string, act: () => Promise<T>, ...fine: readonly number[]): Promise<T> {
    try {
      return await act();
    } catch (error) {
      const status = statusOf(error);
      if (status !== undefined && fine.includes(status)) return undefined as T;
      throw engineError(what, this.address, error);
    }
  }
}

const sshPort = (protocol: string | undefined): number => (protocol === 'ssh' ? 22 : 2375);

/** dockerode reads the variables itself, and throws where they make no sense. */
function configured(): Docker {
  try {
    return new Docker();
  } catch (error) {
    throw engineError('answer', process.env['DOCKER_HOST'] ?? 'the usual socket', error);
  }
}
