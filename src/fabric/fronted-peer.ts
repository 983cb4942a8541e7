import type { FrontedPeer } from '../ports/between';
import type { NodePlan } from './network-plan';
import { advertisedAddress } from './node-place';

/** A peer of a network as whatever stands in front of it needs it. `service`: host:port at which it is reached from here. */
export function frontedPeer(
  { name, identity, place, organisation }: NodePlan,
  service: () => string,
  isTls: boolean,
): FrontedPeer {
  const { tls: server, clientTls: client = server, identity: own } = identity;
  return {
    name,
    mspId: organisation.mspId,
    pkiId: own.pkiId,
    identity: own.serialized,
    front: advertisedAddress(place),
    service,
    tls: isTls ? { server, client } : undefined,
  };
}
