import { FabricError } from '../src/fabric/fabric-error';

/** What dockerode rejects with, as far as it is used here. */
interface Refusal {
  readonly code: string | undefined;
  readonly status: number | undefined;
  /** The engine's own words, or the system's. */
  readonly message: string;
}

function refusalIn(error: unknown): Refusal {
  if (!(error instanceof Error)) return { code: undefined, status: undefined, message: String(error) };
  const code: unknown = Reflect.get(error, 'code');
  const status: unknown = Reflect.get(error, 'statusCode');
  const json: unknown = Reflect.get(error, 'json');
  const said: unknown = typeof json === 'object' && json !== null ? Reflect.get(json, 'message') : undefined;
  return {
    code: typeof code === 'string' ? code : undefined,
    status: typeof status === 'number' ? status : undefined,
    message: (typeof said === 'string'
      ? said
      : error.message.replace(/^\(HTTP code \d+\)[^-]*- /, '')
    ).trim(),
  };
}

/** Why, in the engine's own words where it has said something. */
export const reasonOf = (error: unknown): string => refusalIn(error).message;

const NOT_ALLOWED = new Set(['EACCES', 'EPERM']);

/** The HTTP status of what the engine refused; undefined if it did not answer. */
export const statusOf = (error: unknown): number | undefined => refusalIn(error).status;

/**
 * What an engine that does not do `what` (such as “start org1.peer0”) means, and what helps. `at`: its address.
 * A FabricError: NO_ENGINE, NO_IMAGE, NO_PROGRAM, NO_ADDRESS, NO_SPACE or ENGINE_FAILED.
 */
export function engineError(what: string, at: string, cause: unknown): FabricError {
  if (cause instanceof FabricError) return cause;
  const { code, status, message } = refusalIn(cause);
  if (status === undefined && code !== undefined) return unreachable(at, code, cause);
  if (/no space left on device|not enough (disk )?space/i.test(message)) {
    const advice = 'Free some, for instance with “docker system prune”.';
    return new FabricError(
      'NO_SPACE',
      `The disk of the Docker engine is full: it cannot ${what}. ${advice}`,
      { cause },
    );
  }
  if (/executable file not found|no such file or directory: unknown/i.test(message)) {
    const advice = 'Is the image the right one?';
    return new FabricError('NO_PROGRAM', `The engine cannot ${what}: ${message}. ${advice}`, { cause });
  }
  if (/port is already allocated|all ports are allocated|address already in use/i.test(message)) {
    const advice = 'Stop whoever listens there, or try again.';
    return new FabricError('NO_ADDRESS', `The engine cannot ${what}: ${message}. ${advice}`, { cause });
  }
  if (/address pools have been fully subnetted|could not find an available.*address pool/i.test(message)) {
    const advice = 'Remove networks that nobody uses, for instance with “docker network prune”.';
    return new FabricError('NO_ADDRESS', `The engine has no addresses left to ${what}. ${advice}`, { cause });
  }
  if (/no such image/i.test(message)) {
    return new FabricError('NO_IMAGE', `${message}. Pull it, or name another.`, { cause });
  }
  const advice = 'Its own log may say more.';
  return new FabricError(
    'ENGINE_FAILED',
    `The Docker engine at ${at} does not ${what}: ${message}. ${advice}`,
    {
      cause,
    },
  );
}

function unreachable(at: string, code: string, cause: unknown): FabricError {
  if (NOT_ALLOWED.has(code)) {
    const advice = 'Join the group that owns its socket (docker, mostly), or name another with DOCKER_HOST.';
    return new FabricError(
      'NO_ENGINE',
      `The Docker engine at ${at} is not for this user (${code}). ${advice}`,
      {
        cause,
      },
    );
  }
  const advice = 'Start one, or name another with DOCKER_HOST.';
  return new FabricError('NO_ENGINE', `No Docker engine answers at ${at} (${code}). ${advice}`, { cause });
}
