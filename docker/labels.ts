import { userInfo } from 'node:os';
import { fateOf, isMark, markOf, type ProcessMark } from '../src/fabric/process-identity';

/** Everything of a run bears its id under this name; nothing without it is ever touched. */
export const RUN_LABEL = 'io.gossipspec.run';
/** Who started it, in JSON. */
export const OWNER_LABEL = 'io.gossipspec.owner';
/** Set on what is meant to outlive its run. */
export const KEEP_LABEL = 'io.gossipspec.keep';
/** The node that a container is. */
export const NODE_LABEL = 'io.gossipspec.node';

/** The process that a run belongs to. */
export interface Owner extends ProcessMark {
  readonly user: string;
}

/** This process; undefined where it could not be told from others. */
export function thisOwner(): Owner | undefined {
  const mark = markOf(process.pid);
  return mark && { ...mark, user: userInfo().username };
}

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
  isMark(value) && typeof Reflect.get(value, 'user') === 'string';

/** What is known of a run's owner: an engine may serve several machines and users, whose processes cannot be seen. */
export function ownerState(owner: Owner | undefined): ReturnType<typeof fateOf> {
  if (owner === undefined) return 'elsewhere';
  return owner.user === userInfo().username ? fateOf(owner) : 'elsewhere';
}
