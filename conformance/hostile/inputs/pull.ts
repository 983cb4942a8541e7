import { rows } from './row';

/** The identity pull. */
export const pullInputs = rows({
  'BAD-63': {
    input: 'Pull message with msg_type UNDEFINED',
    reaction: 'Drop',
    evidence: 'live',
    source: 'gossip/protoext/message.go',
    judgedBy: { clause: 'TAG-02' },
  },
  'BAD-64': {
    input: 'DataRequest with an unknown nonce, or 1.5s after its Hello',
    reaction: 'Drop',
    evidence: 'live25',
    source: 'gossip/gossip/algo/pull.go OnReq',
    judgedBy: { clause: 'PULL-04' },
  },
  'BAD-65': {
    input: 'DataRequest for items not held',
    reaction: 'No reply',
    evidence: 'live',
    source: 'gossip/gossip/algo/pull.go OnReq',
    judgedBy: { clause: 'PULL-06', title: /nothing of what is asked/ },
  },
  'BAD-66': {
    input: 'DataDigest with an unknown nonce, or later than 1s',
    reaction: 'Drop',
    evidence: 'live25',
    source: 'gossip/gossip/algo/pull.go OnDigest',
    judgedBy: { clause: 'PULL-10' },
  },
  'BAD-67': {
    input: 'Identity update with one bad item among good ones',
    reaction: 'Whole update dropped, stream open',
    evidence: 'code',
    source: 'gossip/gossip/certstore.go handleMessage',
    judgedBy: { clause: 'CERT-06' },
  },
  'BAD-68': {
    input: 'Identity update with an unparseable, foreign-typed or mismatched item',
    reaction: 'As BAD-67',
    evidence: 'live',
    source: 'gossip/gossip/certstore.go',
    judgedBy: { clause: 'CERT-06' },
  },
  'BAD-69': {
    input: 'Unasked identity update, good items',
    reaction: 'Identities learned, not offered',
    evidence: 'live',
    source: 'gossip/gossip/pull/pullstore.go HandleMessage',
    judgedBy: { clause: 'CERT-08' },
  },
});
