import { family } from './clause';

export const emit = family('Relay, batching, memory', {
  'EMIT-01': {
    level: 'should',
    role: 'both',
    evidence: 'live25',
    text: 'Pushed and relayed messages wait up to maxPropagationBurstLatency [10ms] or until maxPropagationBurstSize [10] are waiting, then go out together.',
    source: 'gossip/gossip/batcher.go',
    observation: 'Relay delay under 50 ms.',
  },
  'EMIT-02': {
    level: 'impl',
    role: 'both',
    evidence: 'code',
    text: 'Each message is emitted propagateIterations [1] times. Zero cannot be configured (0 falls back to the default), so relaying cannot be turned off.',
    source: 'gossip/gossip/batcher.go; gossip/gossip/gossip_impl.go; gossip/util/misc.go GetIntOrDefault',
    observation: 'Each item once.',
  },
  'EMIT-03': {
    level: 'should',
    role: 'both',
    evidence: 'code',
    text: 'Each emission picks propagatePeerNum [3] random members that pass the routing rule; leadership messages go to all that pass.',
    source: 'gossip/gossip/gossip_impl.go gossipBatch, gossipInChan; gossip/filter/filter.go SelectPeers',
    observation: 'With 5 OPs only 3 get it.',
  },
  'EMIT-04': {
    level: 'should',
    role: 'both',
    evidence: 'code',
    text: 'A relayed message is never sent to the connection it came from, but may be sent to its author.',
    source:
      'gossip/gossip/gossip_impl.go forwardDiscoveryMsg, newDiscoveryAdapter; gossip/gossip/chanstate.go Forward',
    observation: "OP1 pushes OP2's alive: OP2 may receive it.",
  },
  'EMIT-05': {
    level: 'must',
    role: 'both',
    evidence: 'live',
    text: 'Relayed on: alive_msg pushes, state_info pushes, data_msg pushes. Not relayed: self_information of a request, membership entries, snapshot elements, pulled blocks and identities, leadership, private data.',
    source:
      'gossip/discovery/discovery_impl.go handleMsgFromComm; gossip/gossip/channel/channel.go HandleMessage',
    observation: 'Second OP watches.',
  },
  'EMIT-06': {
    level: 'should',
    role: 'both',
    evidence: 'live',
    text: "Routing rules (on top of EMIT-03 and EMIT-04). data_msg and leadership_msg: own-org members whose StateInfo for the channel PUT holds. state_info of a joined channel whose subject has an external endpoint: members whose org is in the channel; any other state_info: own-org members. Own-org alive without external endpoint: own-org members, secret kept; with one: all members, secret stripped for foreign ones. Foreign-org alive: members of own org and of the alive's org that have an external endpoint, secret stripped for foreign ones. Alive whose org PUT cannot tell: nobody.",
    source: 'gossip/gossip/gossip_impl.go gossipBatch, peersByOriginOrgPolicy, sendAndFilterSecrets',
    observation: 'One OP per class.',
  },
});
