import type { NetworkSettings } from '../../fabric/network-settings';
import type { GossipTimers } from '../../fabric/gossip-profile';
import { toldTimers } from '../../node';

/** A network's settings as a recording tells them: keys below peer.gossip. */
export function recordedSettings(settings: NetworkSettings): Readonly<Record<string, string>> {
  return {
    ...toldTimers(settings.timers satisfies GossipTimers),
    useLeaderElection: String(settings.leaderElection),
    'state.enabled': String(settings.stateTransfer),
    propagatePeerNum: String(settings.attention),
    pullPeerNum: String(settings.attention),
  };
}
