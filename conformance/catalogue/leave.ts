import { family } from './clause';

export const leave = family('Stopping and leaving', {
  'LEAVE-01': {
    level: 'must',
    role: 'both',
    evidence: 'live25',
    text: "There is no goodbye message. On SIGTERM PUT's connections just drop: inbound streams end as UNAVAILABLE or OK, outbound ones as CANCELLED.",
    source: 'gossip/gossip/gossip_impl.go Stop; gossip/comm/comm_impl.go Stop',
    observation: 'Terminate PUT.',
  },
  'LEAVE-02': {
    level: 'should',
    role: 'both',
    evidence: 'code',
    text: 'To leave a channel a peer publishes StateInfo with left_channel = true and otherwise unchanged properties, stops pulling and answering block pulls, yet still answers state_info_pull_req.',
    source: 'gossip/gossip/channel/channel.go LeaveChannel, HandleMessage',
    observation:
      'Not reachable: nothing in the peer binary of either version calls it (peer node unjoin works offline).',
    unobservable: 'Nothing in the peer program of either version leaves a channel while it runs.',
  },
  'LEAVE-03': {
    level: 'must',
    role: 'both',
    evidence: 'code',
    text: 'A member whose StateInfo says left_channel is out of the channel view: not used for state transfer, election or private data.',
    source: 'gossip/gossip/channel/channel.go GetPeers',
    observation: 'left_channel with a high ledger_height: no state_request comes.',
  },
  'LEAVE-04': {
    level: 'impl',
    role: 'both',
    evidence: 'live25',
    text: 'left_channel does not stop block push, block Hello or block pull service to that member; only the existence of its StateInfo is checked.',
    source: 'gossip/gossip/channel/channel.go EligibleForChannel',
    observation: 'Send left_channel, broadcast a block: data_msg still arrives.',
  },
});
