import { family } from './clause';

export const store = family('Relay, batching, memory', {
  'STORE-01': {
    level: 'must',
    role: 'both',
    evidence: 'live',
    text: 'Freshness order for alive, state_info and leadership of one PKI-ID: higher inc_num wins; on equal inc_num higher seq_num wins; equal or lower is a duplicate and dropped silently.',
    source: 'gossip/protoext/msgcomparator.go compareTimestamps; gossip/gossip/msgstore/msgs.go',
    observation: 'Replay: not relayed.',
  },
  'STORE-02': {
    level: 'should',
    role: 'both',
    evidence: 'code',
    text: 'Blocks: same seq_num is a duplicate; one more than maxBlockCountToStore [10] below a held block is refused; a new one evicts those more than 10 below it. So at most 11 consecutive are held.',
    source: 'gossip/protoext/msgcomparator.go dataInvalidationPolicy',
    observation: 'BLOCK-05.',
  },
  'STORE-03': {
    level: 'impl',
    role: 'both',
    evidence: 'code',
    text: 'A stored item expires at its lifetime, yet still blocks equal or older ones until twice its lifetime. Lifetimes: alive aliveExpirationTimeout × msgExpirationFactor [500s]; block 100 × pullInterval [400s]; leadership 10 × leaderAliveThreshold [100s]; node-level state_info 100 × publishStateInfoInterval [400s]. Checked every 1/100 of it.',
    source:
      'gossip/gossip/msgstore/msgs.go expireMessages; gossip/discovery/discovery_impl.go newAliveMsgStore; gossip/gossip/chanstate.go GetConf',
    observation: 'Shorten the keys, replay after 1.5 lifetimes: still refused.',
  },
  'STORE-04': {
    level: 'impl',
    role: 'both',
    evidence: 'code',
    text: 'There is no hop count or TTL field; duplicates suppression alone stops loops.',
    source: 'fabric-protos gossip/message.proto; gossip/gossip/msgstore/msgs.go',
    observation: 'None.',
    unobservable: 'It says what the message format lacks, not what a peer does.',
  },
});
