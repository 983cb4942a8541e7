import type { NetworkPlan } from '../../../src/fabric/network-plan';
import { MspRegistry } from '../../../src/identity';
import { startGossipPeer, type RunningPeer } from '../../../src/node';

/** A peer of this process that waits to be called at `host`. */
export async function outsider(
  host: string,
  { peerOrganisations, tlsRootsPem }: NetworkPlan,
): Promise<RunningPeer> {
  const [organisation] = peerOrganisations.map((one) => one.organisation);
  const issued = await organisation?.issue({ name: 'outside', role: 'peer', sans: [host] });
  if (organisation === undefined || issued === undefined) throw new Error('no organisation');
  const { certificateChainPem: certificate, privateKeyPem: key } = issued.tls;
  return startGossipPeer({
    identity: issued.identity,
    validator: new MspRegistry([organisation.msp]),
    network: { listenAddress: `${host}:0`, tls: { server: { certificate, key }, serverRoots: tlsRootsPem } },
    settings: (address) => ({ aliveTimeIntervalMs: 500, externalEndpoint: address, endpoint: address }),
  });
}
