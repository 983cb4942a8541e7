import { family } from './clause';

export const ack = family('Acknowledgement, Empty, private data', {
  'ACK-01': {
    level: 'must',
    role: 'both',
    evidence: 'live',
    text: 'Acknowledgement: nonce of the acked message, tag UNDEFINED, channel empty, unsigned, on the same stream; error empty for success.',
    source: 'gossip/comm/msg.go Ack',
    observation: 'PVT-02.',
  },
  'ACK-02': {
    level: 'must',
    role: 'both',
    evidence: 'live',
    text: "Acks are matched by nonce and the connection's PKI-ID. Unmatched ones vanish silently.",
    source: 'gossip/comm/ack.go interceptAcks; gossip/comm/comm_impl.go topicForAck',
    observation: 'Stray ack: nothing, stream open.',
  },
  'ACK-03': {
    level: 'should',
    role: 'both',
    evidence: 'code',
    text: 'Only private data pushes are acked. No other message has an ack.',
    source: 'gossip/comm/comm_impl.go SendWithAck callers',
    observation: 'None.',
  },
  'ACK-04': {
    level: 'should',
    role: 'both',
    evidence: 'live',
    text: 'A GossipMessage with content empty is never sent by PUT and is ignored on receipt; it is no keepalive.',
    source: 'gossip/gossip/gossip_impl.go start',
    observation: 'Send it: nothing.',
  },
});
