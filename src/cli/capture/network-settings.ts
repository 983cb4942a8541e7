import type { NetworkSettings } from '../../fabric/network-settings';
import type { GossipTimers } from '../../fabric/gossip-profile';
import { formatGoDuration, settingsTable } from '../../node';

const PREFIX = 'peer.gossip.';

/** A network's settings as a recording tells them: keys below peer.gossip. */
export function recordedSettings(settings: NetworkSettings): Readonly<Record<string, string>> {
  const timers = new Map<string, number>(Object.entries(settings.timers satisfies GossipTimers));
  const told = Object.keys(settingsTable).flatMap((key) => {
    const name = key.startsWith(PREFIX) ? key.slice(PREFIX.length) : '';
    const camel = name.replace(/\.(\w)/g, (_, letter: string) => letter.toUpperCase());
    const value = timers.get(`${camel}Ms`);
    return value === undefined ? [] : [[name, formatGoDuration(value)] as const];
  });
  return {
    ...Object.fromEntries(told),
    useLeaderElection: String(settings.leaderElection),
    'state.enabled': String(settings.stateTransfer),
    propagatePeerNum: String(settings.attention),
    pullPeerNum: String(settings.attention),
  };
}
