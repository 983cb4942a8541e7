import { family } from './clause';

export const cfg = family('Configuration', {
  'CFG-01': {
    level: 'impl',
    role: 'both',
    evidence: 'live',
    text: 'Every key is overridden by an environment variable: CORE_ plus the key in upper case with dots as underscores. An empty variable is ignored.',
    source: 'cmd/peer/main.go',
    observation: 'Shorten an interval by its variable: PUT follows it.',
    unobservable: 'It says how PUT reads its settings; outside shows alone what came of them.',
  },
  'CFG-02': {
    level: 'impl',
    role: 'both',
    evidence: 'code',
    text: 'Most numbers and durations under peer.gossip fall back to the code default when the value is zero, so zero cannot be chosen. Not so: state.*, pvtData.pullRetryThreshold, pvtData.pushAckTimeout, pvtData.btlPullMargin and the peer counts of the implicit collection dissemination policy.',
    source: 'gossip/util/misc.go GetIntOrDefault, GetDurationOrDefault',
    observation: 'PROPAGATEITERATIONS 0: relaying goes on.',
    unobservable: 'It says how PUT reads its settings; outside shows alone what came of them.',
  },
  'CFG-03': {
    level: 'impl',
    role: 'both',
    evidence: 'code',
    text: 'Durations need a unit; a bare number is nanoseconds (4 is 4 ns). Lists (bootstrap) are separated by spaces in a variable.',
    source: 'vendored github.com/spf13/cast',
    observation: 'PULLINTERVAL 4: a storm of Hellos.',
    unobservable: 'It says how PUT reads its settings; outside shows alone what came of them.',
  },
  'CFG-04': {
    level: 'impl',
    role: 'both',
    evidence: 'code',
    text: 'With no value in core.yaml the code default holds; the sample core.yaml sets nearly all keys, so scaling aliveTimeInterval alone does not scale the expiry.',
    source: 'gossip/gossip/config.go loadConfig; sampleconfig/core.yaml',
    observation: 'ALIVETIMEINTERVAL 1s alone: expiry still at 25s.',
    unobservable: 'It says how PUT reads its settings; outside shows alone what came of them.',
  },
});
