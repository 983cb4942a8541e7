import { hostOf } from '../../../src/fabric/node-place';
import { startNativeNetwork } from '../../../src/fabric/native-network';
import type { NativeTargetOptions } from '../../run-types';
import type { Target } from '../target';
import { bringUpNetwork, targetOnNetwork, type NetworkTools } from './network-target';

/** Where testers listen; in the certificate of each. */
const TESTER_HOST = '127.0.0.1';

/**
 * A network of Fabric's own programs on this machine, brought up for the run. Rejects with a UsageError, a NetworkError
 * that has the end of a dead node's log, or the signal's reason.
 */
export async function native(options: NativeTargetOptions, tools: NetworkTools): Promise<Target> {
  const { binaries } = options;
  const { random } = tools;
  const network = await bringUpNetwork(options, tools, (launch) =>
    startNativeNetwork({ ...launch, binaries, random }),
  );
  return targetOnNetwork(network, options, tools, {
    where: 'as processes on loopback',
    testerHost: TESTER_HOST,
    frontHostOf: hostOf,
  });
}
