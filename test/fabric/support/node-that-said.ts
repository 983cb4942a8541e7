import type { NetworkNode } from '../../../src/fabric/running-network';

const cannot = (): never => {
  throw new Error('this must not be called');
};

/** A node that has nothing but a name and a log, which cannot be had if it is an error. */
export const nodeThatSaid = (name: string, log: string | Error): NetworkNode => ({
  name,
  state: 'running',
  get plan() {
    return cannot();
  },
  get access() {
    return cannot();
  },
  logs: () => (log instanceof Error ? Promise.reject(log) : Promise.resolve(log)),
  stop: cannot,
  kill: cannot,
  start: cannot,
  restart: cannot,
  pause: cannot,
  resume: cannot,
  metrics: cannot,
});
