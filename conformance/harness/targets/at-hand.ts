import { Engine } from '../../../docker';
import { hasPrograms } from '../../../src/fabric/native-programs';
import type { AtHand } from '../../run-types';

/** An engine of this machine answers at once, one elsewhere soon. */
const ENGINE_TIMEOUT_MS = 1_500;

/** What there is to bring up a Fabric network with. */
export const atHand = async (): Promise<AtHand> => ({
  docker: await Engine.answers(ENGINE_TIMEOUT_MS),
  native: hasPrograms(undefined),
});
