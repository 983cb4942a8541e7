import { networkInterfaces } from 'node:os';
import { startDockerNetwork } from '../../../docker';
import { UsageError, type DockerTargetOptions } from '../../run-types';
import type { Target } from '../target';
import { bringUpNetwork, targetOnNetwork, type NetworkTools } from './network-target';

/**
 * A network of Fabric's images on a Docker engine, brought up for the run. Rejects with a UsageError, a NetworkError that
 * has the end of a dead node's log, or the signal's reason.
 */
export async function docker(options: DockerTargetOptions, tools: NetworkTools): Promise<Target> {
  const { version, peerImage, ordererImage, keep, listen } = options;
  if (listen !== undefined && !isOwn(listen)) {
    throw new UsageError(`--listen ${listen} is no address of this machine`);
  }
  const images = { version, peer: peerImage, orderer: ordererImage };
  const { network, ownHost } = await bringUpNetwork(options, tools, (launch) =>
    startDockerNetwork({ ...launch, note: tools.note, images, keep }),
  );
  return targetOnNetwork(network, options, tools, { where: 'in containers', testerHost: listen ?? ownHost });
}

const isOwn = (address: string): boolean =>
  Object.values(networkInterfaces()).some((several) => several?.some((one) => one.address === address));
