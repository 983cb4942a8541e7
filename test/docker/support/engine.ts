import { Engine } from '../../../docker/engine';
import { FabricError } from '../../../src/fabric/fabric-error';

/** The engine that DOCKER_HOST names, or the usual one. Undefined if none answers: its tests are not run then. */
export async function engineOrNone(): Promise<Engine | undefined> {
  try {
    return await Engine.connect();
  } catch (error) {
    if (error instanceof FabricError && error.code === 'NO_ENGINE') return undefined;
    throw error;
  }
}

/** Leaves out all tests of a suite, and says why in their titles. For a `before` hook. */
export function notRun(context: Mocha.Context, why: string): never {
  context.test?.parent?.eachTest((test) => {
    test.title += ` (not run: ${why})`;
  });
  return context.skip();
}
