import { startDockerNetwork } from '../../../docker';
import type { DockerTargetOptions } from '../../run-types';
import type { Lines } from '../lines';
import { isDialledBy } from '../survey';
import type { Need, PeerUnderTest, Target } from '../target';
import { checkListen } from './listen-host';
import { bringUpNetwork, targetOnNetwork, type NetworkTools } from './network-target';

export interface DockerTools extends NetworkTools {
  readonly lines: Lines;
}

/**
 * A network of Fabric's images on a Docker engine, brought up for the run. Rejects with a UsageError, a NetworkError that
 * has the end of a dead node's log, or the signal's reason.
 */
export async function docker(options: DockerTargetOptions, tools: DockerTools): Promise<Target> {
  const { versions, peerImage, ordererImage, keep, listen } = options;
  checkListen(listen);
  const images = { versions, peer: peerImage, orderer: ordererImage };
  const { network, ownHost, isDirect } = await bringUpNetwork(options, tools, (launch) =>
    startDockerNetwork({ ...launch, note: tools.note, images, keep }),
  );
  // What stands between containers is this machine’s, and in their certificates by its address there.
  const frontHostOf = isDirect && ownHost !== undefined ? (): string => ownHost : undefined;
  const lodging = { where: 'in containers', testerHost: listen ?? ownHost, frontHostOf };
  const target = await targetOnNetwork(network, options, tools, lodging);
  // Whoever names an address vouches for it.
  if (isDirect || listen !== undefined || ownHost === undefined) return target;
  try {
    return await withDialBackTried(target, ownHost, tools);
  } catch (error) {
    await target.close();
    throw error;
  }
}

/** The target without `dial-back` where a peer does not reach a tester: a firewall, or a virtual machine, is between. */
async function withDialBackTried(target: Target, ownHost: string, tools: DockerTools): Promise<Target> {
  const [peer] = target.peers;
  const papers = peer && target.own(peer).borrow();
  if (peer === undefined || papers === undefined) throw new TypeError('a target without peers or testers');
  const isDialled = await isDialledBy({ ...tools, timing: target.timing }, peer, papers);
  target.own(peer).giveBack(papers);
  if (isDialled) return target;
  tools.note(`the peers cannot dial ${ownHost}: name an address of this machine that they can with --listen`);
  const offers = (one: PeerUnderTest): ReadonlySet<Need> =>
    new Set([...target.offers(one)].filter((need) => need !== 'dial-back'));
  return { ...target, offers };
}
