import { family } from './clause';

export const tag = family('Tags, channel MAC, routing gates', {
  'TAG-01': {
    level: 'must',
    role: 'both',
    evidence: 'live',
    text: 'A message at the node router whose tag is not the one of its content is dropped silently; the stream stays open. EMPTY: alive_msg, mem_req, mem_res, identity pull. CHAN_AND_ORG: data_msg, block pull, leadership_msg. CHAN_OR_ORG: state_info, state_info_pull_req, state_snapshot, state_request, state_response. ORG_ONLY: peer_identity.',
    source: 'gossip/protoext/message.go IsTagLegal; gossip/gossip/gossip_impl.go validateMsg',
    observation: 'Identity Hello with tag ORG_ONLY: no digest; then with EMPTY: digest.',
  },
  'TAG-02': {
    level: 'must',
    role: 'both',
    evidence: 'live',
    text: 'A pull message whose msg_type is UNDEFINED is dropped whatever its tag.',
    source: 'gossip/protoext/message.go IsTagLegal',
    observation: 'Hello with msg_type 0: silence.',
  },
  'TAG-03': {
    level: 'impl',
    role: 'both',
    evidence: 'live',
    text: 'The tag is not enforced for state_request, state_response, private_data, privateReq, privateRes (their handlers read the stream directly), for conn and ack, and for any message nested in another.',
    source:
      'gossip/state/state.go NewGossipStateProvider; gossip/privdata/pull.go NewPuller; gossip/comm/ack.go interceptAcks',
    observation: 'state_request with tags 0 to 6 is answered each time.',
  },
  'TAG-04': {
    level: 'must',
    role: 'both',
    evidence: 'live',
    text: "Channel MAC = SHA-256(PKI-ID bytes ‖ channel name bytes). In state_info the PKI-ID is the message's pki_id; in state_info_pull_req it is the PKI-ID of the requester, taken from the handshake.",
    source:
      'gossip/gossip/channel/channel.go GenerateMAC, verifyMsg; gossip/gossip/chanstate.go lookupChannelForMsg',
    observation: 'MAC built with another PKI-ID: silence.',
  },
  'TAG-05': {
    level: 'must',
    role: 'both',
    evidence: 'live',
    text: 'state_info and state_info_pull_req name their channel only by MAC; their channel field is ignored and sent empty. All other channel messages use the exact channel name bytes.',
    source: 'gossip/gossip/chanstate.go; gossip/gossip/channel/channel.go verifyMsg',
    observation: 'The channel field of each message that PUT sends.',
  },
  'TAG-06': {
    level: 'must',
    role: 'both',
    evidence: 'live',
    text: 'A channel-tagged message for a channel PUT has not joined is dropped silently, except TAG-07.',
    source: 'gossip/gossip/gossip_impl.go handleMessage',
    observation: 'Block Hello for an unknown channel: silence, stream open.',
  },
  'TAG-07': {
    level: 'should',
    role: 'both',
    evidence: 'live',
    text: 'A valid state_info with an unknown MAC, received from an own-org connection, is relayed to own-org members (not to its sender) though PUT is not in that channel; from a foreign-org connection it is dropped.',
    source: 'gossip/gossip/gossip_impl.go handleMessage',
    observation: 'Two own-org OPs: state_info of channel X reaches the other.',
  },
  'TAG-08': {
    level: 'must',
    role: 'both',
    evidence: 'code',
    text: 'For a joined channel, the org of the connection must be a channel org, else dropped.',
    source: 'gossip/gossip/channel/channel.go HandleMessage',
    observation: 'Peer of an org in another shared channel only: no snapshot.',
  },
  'TAG-09': {
    level: 'impl',
    role: 'both',
    evidence: 'live',
    text: 'For identity pull the channel field is ignored on input; replies have it empty.',
    source: 'gossip/gossip/pull/pullstore.go HandleMessage',
    observation: 'Identity Hello with a channel: digest without channel.',
  },
  'TAG-10': {
    level: 'impl',
    role: 'both',
    evidence: 'code',
    text: 'Inner messages (self_information, membership entries, update items, snapshot elements) are not checked for tag.',
    source:
      'gossip/discovery/discovery_impl.go handleMsgFromComm; gossip/gossip/channel/channel.go handleStateInfSnapshot',
    observation: 'Alive with tag CHAN_ONLY inside mem_res is learned.',
  },
});
