import { rows } from './row';

/** Inputs on a stream whose handshake is done. */
export const streamsInputs = rows({
  'BAD-32': {
    input: 'Half-close after the handshake',
    reaction: 'End UNKNOWN (EOF) at once',
    evidence: 'live',
    source: 'gossip/comm/conn.go',
    judgedBy: { clause: 'RPC-10', title: /half-closes it/ },
  },
  'BAD-33': {
    input: 'Unparseable payload on an inbound stream',
    reaction: 'End UNKNOWN',
    evidence: 'live',
    source: 'gossip/comm/conn.go readFromStream',
    judgedBy: { clause: 'LIFE-11' },
  },
  'BAD-34': {
    input: 'Invalid UTF-8 in a string field (for example endpoint)',
    reaction: 'As BAD-33',
    evidence: 'live',
    source: 'proto3 decoding',
    level: 'must',
  },
  'BAD-43': {
    input: 'Unparseable payload on a stream PUT opened',
    reaction: 'PUT stops reading, keeps writing until expiry',
    evidence: 'live25',
    source: 'gossip/comm/conn.go',
    judgedBy: { clause: 'LIFE-12' },
  },
  'BAD-44': {
    input: 'Empty envelope or empty payload after the handshake',
    reaction: 'Drop (tag UNDEFINED)',
    evidence: 'live',
    source: 'gossip/protoext/message.go IsTagLegal',
    level: 'must',
  },
  'BAD-45': {
    input: 'Unknown fields in a payload',
    reaction: 'Ignored, covered by the signature',
    evidence: 'live',
    source: 'proto3',
    judgedBy: { clause: 'SIGN-02', title: /does not know/ },
  },
  'BAD-46': {
    input: 'Wrong tag for the content',
    reaction: 'Drop (exceptions: TAG-03)',
    evidence: 'live',
    source: 'gossip/gossip/gossip_impl.go validateMsg',
    judgedBy: { clause: 'TAG-01' },
  },
  'BAD-47': {
    input: 'Valid tag, no content',
    reaction: 'Drop',
    evidence: 'code',
    source: 'gossip/protoext/message.go IsTagLegal',
    level: 'should',
  },
  'BAD-48': {
    input: 'Further ConnEstablish, probe or not',
    reaction: 'Drop',
    evidence: 'live',
    source: 'gossip/gossip/gossip_impl.go start',
    judgedBy: { clause: 'CONN-16' },
  },
  'BAD-49': {
    input: 'Stray ack; content empty',
    reaction: 'Drop',
    evidence: 'live',
    source: 'gossip/comm/ack.go; gossip/gossip/gossip_impl.go start',
    judgedBy: { clause: 'ACK-02' },
  },
  'BAD-50': {
    input: 'Top-level peer_identity',
    reaction: 'Drop',
    evidence: 'live',
    source: 'gossip/gossip/gossip_impl.go handleMessage',
    judgedBy: { clause: 'CERT-09' },
  },
  'BAD-90': {
    input: 'Flood of valid messages',
    reaction: 'No drop: reading stalls, HTTP/2 flow control',
    evidence: 'code',
    source: 'gossip/comm/conn.go; gossip/comm/demux.go',
    judgedBy: { clause: 'LIFE-14' },
  },
});
