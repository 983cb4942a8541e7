import { hasPrograms } from '../../../src/fabric/native-programs';
import type { AtHand } from '../../run-types';

/** What there is on this machine to bring up a Fabric network with. */
export const atHand = (): Promise<AtHand> =>
  Promise.resolve({ docker: false, native: hasPrograms(undefined) });
