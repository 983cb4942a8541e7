import { rows } from './row';

/** Inputs before there is a GossipStream. */
export const transportInputs = rows({
  'BAD-01': {
    input: 'Plaintext HTTP/2 to a TLS PUT',
    reaction: 'TLS failure, TCP closed',
    evidence: 'live25',
    source: 'internal/pkg/comm',
    judgedBy: { clause: 'TLS-01', title: /client without TLS/ },
  },
  'BAD-02': {
    input: 'TLS without client certificate, then GossipStream',
    reaction: 'End UNKNOWN, nothing sent before',
    evidence: 'live',
    source: 'gossip/comm/comm_impl.go authenticateRemotePeer',
    judgedBy: { clause: 'TLS-02' },
  },
  'BAD-03': {
    input: 'Envelope above 100 MiB',
    reaction: 'End RESOURCE_EXHAUSTED',
    evidence: 'live25',
    source: 'internal/pkg/comm',
    judgedBy: { clause: 'RPC-04' },
  },
  'BAD-04': {
    input: 'gRPC message that is no Envelope',
    reaction: 'End INTERNAL',
    evidence: 'code',
    source: 'gRPC; gossip/comm/conn.go readFromStream',
    level: 'should',
  },
  'BAD-05': {
    input: 'Unknown method of the service',
    reaction: 'UNIMPLEMENTED',
    evidence: 'code',
    source: 'gRPC',
    judgedBy: { clause: 'RPC-01', title: /no other method/ },
  },
  'BAD-06': {
    input: 'HTTP/2 pings more often than every 60s',
    reaction: 'GOAWAY',
    evidence: 'code',
    source: 'internal/pkg/comm/config.go ServerKeepaliveOptions',
    judgedBy: { clause: 'RPC-05' },
  },
  'BAD-07': {
    input: 'Stream opened, silence',
    reaction: "PUT's ConnEstablish, then End UNKNOWN at 2s",
    evidence: 'live',
    source: 'gossip/comm/comm_impl.go readWithTimeout',
    judgedBy: { clause: 'CONN-05', title: /initiator stays silent/ },
  },
  'BAD-08': {
    input: 'Half-close before own ConnEstablish',
    reaction: 'As BAD-07, not sooner',
    evidence: 'live',
    source: 'gossip/comm/comm_impl.go readWithTimeout',
    judgedBy: { clause: 'CONN-18' },
  },
});
