import { rows } from './row';

/** Blocks and private data. */
export const blocksInputs = rows({
  'BAD-42': {
    input: 'Block data_update with a data_msg lacking payload, PUT holding a block',
    reaction: 'Crash. Holding none: drop',
    destructive: true,
    evidence: 'live25',
    source: 'gossip/protoext/msgcomparator.go dataInvalidationPolicy',
    judgedBy: { clause: 'BLOCK-14' },
  },
  'BAD-76': {
    input: 'Block Hello, Digest or Request without StateInfo, or from a foreign org',
    reaction: 'Drop',
    evidence: 'live25',
    source: 'gossip/gossip/channel/channel.go HandleMessage',
    judgedBy: { clause: 'BLOCK-07' },
  },
  'BAD-77': {
    input: 'Block digest that is not a decimal number',
    reaction: 'That entry skipped',
    evidence: 'code',
    source: 'gossip/gossip/channel/channel.go createBlockPuller',
    judgedBy: { clause: 'BLOCK-10' },
  },
  'BAD-78': {
    input: "Block update with another channel's item, or a forged block",
    reaction: 'Whole update dropped',
    evidence: 'code',
    source: 'gossip/gossip/channel/channel.go HandleMessage',
    judgedBy: { clause: 'BLOCK-11' },
  },
  'BAD-79': {
    input: 'Forged block pushed',
    reaction: 'Drop, not relayed',
    evidence: 'code',
    source: 'gossip/gossip/channel/channel.go verifyBlock',
    judgedBy: { clause: 'BLOCK-04' },
  },
  'BAD-80': {
    input: 'data_msg pushed without payload',
    reaction: 'Drop',
    evidence: 'live25',
    source: 'gossip/gossip/channel/channel.go HandleMessage',
    judgedBy: { clause: 'BLOCK-14' },
  },
  'BAD-81': {
    input: 'Valid block 20 or more above the ledger height',
    reaction: 'Relayed and stored, not queued for commit',
    evidence: 'code',
    source: 'gossip/state/state.go addPayload',
    judgedBy: { clause: 'BLOCK-06' },
  },
  'BAD-87': {
    input: 'private_data without payload or rwset',
    reaction: 'Drop, no ack',
    evidence: 'live',
    source: 'gossip/state/state.go privateDataMessage',
    judgedBy: { clause: 'PVT-04', title: /without payload/ },
  },
  'BAD-88': {
    input: 'privateReq with another channel name',
    reaction: 'Drop',
    evidence: 'live',
    source: 'gossip/privdata/pull.go NewPuller',
    judgedBy: { clause: 'PVT-06', title: /channel/ },
  },
  'BAD-89': {
    input: 'privateRes with an element without digest',
    reaction: 'Elements after it ignored',
    evidence: 'code',
    source: 'gossip/privdata/pull.go handleResponse',
    level: 'impl',
    unobservable: 'It takes a peer that asks for private data, and hence what PVT-09 takes.',
  },
});
