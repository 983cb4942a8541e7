import { hostname, userInfo } from 'node:os';
import { processIdentity } from '../src/fabric/process-identity';

/** Everything of a run bears its id under this name; nothing without it is ever touched. */
export const RUN_LABEL = 'io.gossipspec.run';
/** Who started it, in JSON. */
export const OWNER_LABEL = 'io.gossipspec.owner';
/** Set on what is meant to outlive its run. */
export const KEEP_LABEL = 'io.gossipspec.keep';
/** The node that a container is. */
export const NODE_LABEL = 'io.gossipspec.node';

/** The process that a run belongs to. */
export interface Owner {
  readonly host: string;
  readonly user: string;
  readonly pid: number;
  /** Tells the process from a later one of the same number. */
  readonly identity: string;
}

/** This process. */
export const thisOwner = (): Owner => ({
  host: hostname(),
  user: userInfo().username,
  pid: process.pid,
  identity: processIdentity(process.pid) ?? '',
});

/** Undefined for what no run of ours wrote. */
export function ownerIn(label: string | undefined): Owner | undefined {
  try {
    const parsed: unknown = JSON.parse(label ?? '');
    return isOwner(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

const isOwner = (value: unknown): value is Owner =>
  typeof value === 'object' &&
  value !== null &&
  typeof Reflect.get(value, 'pid') === 'number' &&
  ['host', 'user', 'identity'].every((name) => typeof Reflect.get(value, name) === 'string');

/** What is known of a run's owner: an engine may serve several machines and users, whose processes cannot be seen. */
export function ownerState(owner: Owner | undefined): 'running' | 'gone' | 'elsewhere' {
  if (owner === undefined) return 'elsewhere';
  if (owner.host !== hostname() || owner.user !== userInfo().username) return 'elsewhere';
  return processIdentity(owner.pid) === owner.identity ? 'running' : 'gone';
}
