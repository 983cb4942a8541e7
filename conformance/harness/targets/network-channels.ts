import { capabilitiesFor, planGenesisBlock } from '../../../src/fabric/network-plan';
import { advertisedAt } from '../../../src/fabric/node-place';
import type { NetworkNode, RunningNetwork } from '../../../src/fabric/running-network';
import type { Clock } from '../../../src/ports/clock';
import type { PeerUnderTest, Target } from '../target';
import { issueBftOrderers } from './bft-orderers';
import { MadeChannel } from './made-channel';

/** Makes channels of the network's organisations, each joined by one peer alone. */
export function channelMaker(
  network: RunningNetwork,
  clock: Clock,
  nodeOf: (peer: PeerUnderTest) => NetworkNode,
): NonNullable<Target['newChannel']> {
  const { plan, versions } = network;
  const [first] = plan.peerOrganisations;
  if (first === undefined) throw new TypeError('a network without organisations');
  let made = 0;
  return async (peer, { ownOrganisationOnly = false, isBft = false }) => {
    made += 1;
    const name = `${plan.settings.channel}-${made}`;
    const peerOrganisations = plan.peerOrganisations.filter(
      ({ organisation }) => !ownOrganisationOnly || organisation.mspId === peer.mspId,
    );
    const { place, identity } = plan.orderer;
    const bft = isBft
      ? await issueBftOrderers(plan.ordererOrganisation.organisation, advertisedAt(place))
      : undefined;
    const firstBlock = planGenesisBlock(
      { ...plan, peerOrganisations },
      capabilitiesFor(versions),
      clock.wallNanos(),
      // A recruit would call them, and be known to all.
      { name, anchorPeersOf: () => [], bft: bft?.consenters, hasNoTlsRoots: true },
    );
    await network.joinChannel(nodeOf(peer), firstBlock);
    const client = first.admin.identity;
    const administrators = peerOrganisations.map(({ admin }) => admin.identity);
    return new MadeChannel({
      name,
      firstBlock,
      orderers: bft?.quorum ?? [identity.identity],
      client,
      administrators: [client, ...administrators.filter((one) => one !== client)],
      clock,
    });
  };
}
