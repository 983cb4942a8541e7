import type { Evidence } from './catalogue/clause';

/** A malformed or hostile input, and what a real peer does with it. */
export interface BadInput<Id extends string = string> {
  /** Permanent: `BAD-07`. */
  readonly id: Id;
  readonly input: string;
  /**
   * "Drop": ignored in silence; the stream stays open, nobody is banned. "End X": the stream ends with the gRPC status X.
   */
  readonly reaction: string;
  /** Whether it ends the process of some versions of Fabric; a conforming peer drops it. */
  readonly destructive: boolean;
  readonly evidence: Evidence;
  /** Fabric file and function. */
  readonly source: string;
}

interface BadInputData {
  readonly input: string;
  readonly reaction: string;
  readonly destructive?: true;
  readonly evidence: Evidence;
  readonly source: string;
}

function rows<const Id extends string>(data: Readonly<Record<Id, BadInputData>>): readonly BadInput<Id>[] {
  const ids = Object.keys(data) as Id[];
  return ids.map((id) => ({ destructive: false, ...data[id], id }));
}

const table = rows({
  'BAD-01': {
    input: 'Plaintext HTTP/2 to a TLS PUT',
    reaction: 'TLS failure, TCP closed',
    evidence: 'live25',
    source: 'internal/pkg/comm',
  },
  'BAD-02': {
    input: 'TLS without client certificate, then GossipStream',
    reaction: 'End UNKNOWN, nothing sent before',
    evidence: 'live',
    source: 'gossip/comm/comm_impl.go authenticateRemotePeer',
  },
  'BAD-03': {
    input: 'Envelope above 100 MiB',
    reaction: 'End RESOURCE_EXHAUSTED',
    evidence: 'live25',
    source: 'internal/pkg/comm',
  },
  'BAD-04': {
    input: 'gRPC message that is no Envelope',
    reaction: 'End INTERNAL',
    evidence: 'code',
    source: 'gRPC; gossip/comm/conn.go readFromStream',
  },
  'BAD-05': {
    input: 'Unknown method of the service',
    reaction: 'UNIMPLEMENTED',
    evidence: 'code',
    source: 'gRPC',
  },
  'BAD-06': {
    input: 'HTTP/2 pings more often than every 60s',
    reaction: 'GOAWAY',
    evidence: 'code',
    source: 'internal/pkg/comm/config.go ServerKeepaliveOptions',
  },
  'BAD-07': {
    input: 'Stream opened, silence',
    reaction: "PUT's ConnEstablish, then End UNKNOWN at 2s",
    evidence: 'live',
    source: 'gossip/comm/comm_impl.go readWithTimeout',
  },
  'BAD-08': {
    input: 'Half-close before own ConnEstablish',
    reaction: 'As BAD-07, not sooner',
    evidence: 'live',
    source: 'gossip/comm/comm_impl.go readWithTimeout',
  },
  'BAD-09': {
    input: 'First envelope empty, or any other content',
    reaction: 'End UNKNOWN at once',
    evidence: 'live',
    source: 'gossip/comm/comm_impl.go authenticateRemotePeer',
  },
  'BAD-10': {
    input: 'First payload unparseable',
    reaction: 'End UNKNOWN at once',
    evidence: 'live',
    source: 'gossip/comm/comm_impl.go readWithTimeout',
  },
  'BAD-11': {
    input: 'ConnEstablish with wrong tls_cert_hash',
    reaction: 'End UNKNOWN',
    evidence: 'live',
    source: 'gossip/comm/comm_impl.go authenticateRemotePeer',
  },
  'BAD-12': {
    input: 'ConnEstablish with empty tls_cert_hash, TLS on',
    reaction: 'End UNKNOWN',
    evidence: 'live',
    source: 'gossip/comm/comm_impl.go authenticateRemotePeer',
  },
  'BAD-13': {
    input: 'ConnEstablish without pki_id',
    reaction: 'End UNKNOWN',
    evidence: 'live',
    source: 'gossip/comm/comm_impl.go authenticateRemotePeer',
  },
  'BAD-14': {
    input: "ConnEstablish with another peer's pki_id",
    reaction: 'End UNKNOWN',
    evidence: 'live',
    source: 'gossip/identity/identity.go Put',
  },
  'BAD-15': {
    input: 'ConnEstablish without identity',
    reaction: 'End UNKNOWN',
    evidence: 'live',
    source: 'gossip/identity/identity.go Put',
  },
  'BAD-16': {
    input: 'ConnEstablish with an identity that is no SerializedIdentity',
    reaction: 'End UNKNOWN',
    evidence: 'live',
    source: 'internal/peer/gossip/mcs.go getValidatedIdentity',
  },
  'BAD-17': {
    input: 'ConnEstablish with an identity of an MSP PUT does not know',
    reaction: 'End UNKNOWN',
    evidence: 'live',
    source: 'internal/peer/gossip/mcs.go',
  },
  'BAD-18': {
    input: 'ConnEstablish with an identity whose PEM has one extra trailing newline',
    reaction: 'End UNKNOWN',
    evidence: 'live',
    source: 'msp/mspimpl.go IsWellFormed',
  },
  'BAD-19': {
    input: 'ConnEstablish with an expired identity',
    reaction: 'End UNKNOWN',
    evidence: 'live',
    source: 'gossip/identity/identity.go Put',
  },
  'BAD-20': {
    input: 'ConnEstablish with a revoked identity (CRL)',
    reaction: 'End UNKNOWN',
    evidence: 'code',
    source: 'msp/mspimplvalidate.go validateCertAgainstChain',
  },
  'BAD-21': {
    input: 'ConnEstablish without signature',
    reaction: 'End UNKNOWN',
    evidence: 'live',
    source: 'gossip/protoext/signing.go Verify',
  },
  'BAD-22': {
    input: 'ConnEstablish with a corrupted signature',
    reaction: 'End UNKNOWN',
    evidence: 'live',
    source: 'gossip/protoext/signing.go Verify',
  },
  'BAD-23': {
    input: 'ConnEstablish with a high-s signature',
    reaction: 'End UNKNOWN',
    evidence: 'live',
    source: 'bccsp',
  },
  'BAD-24': {
    input: 'ConnEstablish with a secret envelope whose signature is empty',
    reaction: 'End UNKNOWN',
    evidence: 'live',
    source: 'gossip/protoext/signing.go Verify',
  },
  'BAD-25': {
    input: "ConnEstablish with a valid identity of someone else, signed with OP's key",
    reaction: 'End UNKNOWN',
    evidence: 'code',
    source: 'gossip/comm/comm_impl.go authenticateRemotePeer',
  },
  'BAD-26': {
    input: 'ConnEstablish with tag UNDEFINED, a nonce and a channel',
    reaction: 'Accepted',
    evidence: 'live',
    source: 'gossip/comm/comm_impl.go authenticateRemotePeer',
  },
  'BAD-27': {
    input: 'As responder: probe = true',
    reaction: 'PUT drops the connection, retries after 25s',
    evidence: 'live25',
    source: 'gossip/comm/comm_impl.go',
  },
  'BAD-28': {
    input: 'As responder: no ConnEstablish',
    reaction: 'PUT closes after 2s; bootstrap retry 25s later; a member turns dead',
    evidence: 'live25',
    source: 'gossip/comm/comm_impl.go',
  },
  'BAD-29': {
    input: 'As responder: other PKI-ID, other org than expected',
    reaction: 'Connection closed, member dead',
    evidence: 'code',
    source: 'gossip/comm/comm_impl.go createConnection',
  },
  'BAD-30': {
    input: 'Second inbound stream, same PKI-ID',
    reaction: 'Both streams end, OK',
    evidence: 'live',
    source: 'gossip/comm/conn.go onConnected; gossip/comm/comm_impl.go GossipStream',
  },
  'BAD-31': {
    input: "Handshake with PUT's own identity",
    reaction: 'Accepted',
    evidence: 'live25',
    source: 'gossip/comm/comm_impl.go',
  },
  'BAD-32': {
    input: 'Half-close after the handshake',
    reaction: 'End UNKNOWN (EOF) at once',
    evidence: 'live',
    source: 'gossip/comm/conn.go',
  },
  'BAD-33': {
    input: 'Unparseable payload on an inbound stream',
    reaction: 'End UNKNOWN',
    evidence: 'live',
    source: 'gossip/comm/conn.go readFromStream',
  },
  'BAD-34': {
    input: 'Invalid UTF-8 in a string field (for example endpoint)',
    reaction: 'As BAD-33',
    evidence: 'live',
    source: 'proto3 decoding',
  },
  'BAD-35': {
    input: 'Alive or identity item whose identity does not match its pki_id',
    reaction: 'Drop',
    evidence: 'live',
    source: 'gossip/identity/identity.go; gossip/gossip/certstore.go',
  },
  'BAD-36': {
    input: 'Pushed alive without membership, once PUT stores any alive',
    reaction: 'Crash. With an empty store: drop',
    destructive: true,
    evidence: 'live',
    source: 'gossip/protoext/msgcomparator.go aliveInvalidationPolicy',
  },
  'BAD-37': {
    input: 'Validly signed alive without timestamp',
    reaction: 'Crash',
    destructive: true,
    evidence: 'live',
    source: 'gossip/discovery/discovery_impl.go learnNewMembers; gossip/protoext/msgcomparator.go',
  },
  'BAD-38': {
    input: 'mem_req whose self_information is an alive without membership',
    reaction: 'Crash',
    destructive: true,
    evidence: 'live',
    source: 'gossip/gossip/gossip_impl.go handleMessage',
  },
  'BAD-39': {
    input: 'mem_res with a dead entry that is no alive; or an alive entry without membership',
    reaction: 'Crash',
    destructive: true,
    evidence: 'live',
    source: 'gossip/discovery/discovery_impl.go CheckValid; gossip/protoext/msgcomparator.go',
  },
  'BAD-40': {
    input: 'Two state_info of one author without timestamp, joined channel',
    reaction: 'Crash on the second',
    destructive: true,
    evidence: 'live25',
    source: 'gossip/protoext/msgcomparator.go compareTimestamps',
  },
  'BAD-41': {
    input: 'Two leadership_msg of one author without timestamp',
    reaction: 'Crash on the second',
    destructive: true,
    evidence: 'live25',
    source: 'gossip/protoext/msgcomparator.go compareTimestamps',
  },
  'BAD-42': {
    input: 'Block data_update with a data_msg lacking payload, PUT holding a block',
    reaction: 'Crash. Holding none: drop',
    destructive: true,
    evidence: 'live25',
    source: 'gossip/protoext/msgcomparator.go dataInvalidationPolicy',
  },
  'BAD-43': {
    input: 'Unparseable payload on a stream PUT opened',
    reaction: 'PUT stops reading, keeps writing until expiry',
    evidence: 'live25',
    source: 'gossip/comm/conn.go',
  },
  'BAD-44': {
    input: 'Empty envelope or empty payload after the handshake',
    reaction: 'Drop (tag UNDEFINED)',
    evidence: 'live',
    source: 'gossip/protoext/message.go IsTagLegal',
  },
  'BAD-45': {
    input: 'Unknown fields in a payload',
    reaction: 'Ignored, covered by the signature',
    evidence: 'live',
    source: 'proto3',
  },
  'BAD-46': {
    input: 'Wrong tag for the content',
    reaction: 'Drop (exceptions: TAG-03)',
    evidence: 'live',
    source: 'gossip/gossip/gossip_impl.go validateMsg',
  },
  'BAD-47': {
    input: 'Valid tag, no content',
    reaction: 'Drop',
    evidence: 'code',
    source: 'gossip/protoext/message.go IsTagLegal',
  },
  'BAD-48': {
    input: 'Further ConnEstablish, probe or not',
    reaction: 'Drop',
    evidence: 'live',
    source: 'gossip/gossip/gossip_impl.go start',
  },
  'BAD-49': {
    input: 'Stray ack; content empty',
    reaction: 'Drop',
    evidence: 'live',
    source: 'gossip/comm/ack.go; gossip/gossip/gossip_impl.go start',
  },
  'BAD-50': {
    input: 'Top-level peer_identity',
    reaction: 'Drop',
    evidence: 'live',
    source: 'gossip/gossip/gossip_impl.go handleMessage',
  },
  'BAD-51': {
    input: 'Alive without signature',
    reaction: 'Drop',
    evidence: 'code',
    source: 'gossip/gossip/gossip_impl.go ValidateAliveMsg',
  },
  'BAD-52': {
    input: 'Alive with a secret signed by another key',
    reaction: 'Drop, whole message',
    evidence: 'live',
    source: 'gossip/protoext/signing.go Verify',
  },
  'BAD-53': {
    input: 'Alive of an unknown author without identity',
    reaction: 'Drop',
    evidence: 'live',
    source: 'gossip/gossip/gossip_impl.go ValidateAliveMsg',
  },
  'BAD-54': {
    input: 'Replayed or older alive',
    reaction: 'Drop, before any check',
    evidence: 'live',
    source: 'gossip/discovery/discovery_impl.go; gossip/gossip/msgstore/msgs.go',
  },
  'BAD-55': {
    input: "Alive with PUT's own PKI-ID",
    reaction: 'Drop, error log',
    evidence: 'code',
    source: 'gossip/discovery/discovery_impl.go isSentByMe',
  },
  'BAD-56': {
    input: 'Alive with inc_num far in the future',
    reaction: "Accepted; that author's honest alives are then ignored until forgotten",
    evidence: 'code',
    source: 'gossip/protoext/msgcomparator.go',
  },
  'BAD-57': {
    input: 'Alive with an unreachable or senseless endpoint',
    reaction: 'Accepted; dialled only without inbound stream, then dead',
    evidence: 'live25',
    source: 'gossip/comm/comm_impl.go sendToEndpoint',
  },
  'BAD-58': {
    input: 'mem_req with self_information absent, not an alive, or unsigned',
    reaction: 'Drop, no response',
    evidence: 'live',
    source: 'gossip/gossip/gossip_impl.go handleMessage; gossip/discovery/discovery_impl.go',
  },
  'BAD-59': {
    input: "mem_req with another peer's alive",
    reaction: 'Drop, no response',
    evidence: 'live',
    source: 'gossip/gossip/gossip_impl.go handleMessage',
  },
  'BAD-60': {
    input: 'Foreign mem_req, external endpoint missing on either side',
    reaction: 'Connection closed, OK; the alive was learned',
    evidence: 'live',
    source: 'gossip/discovery/discovery_impl.go sendMemResponse',
  },
  'BAD-61': {
    input: 'mem_res unasked or with a wrong nonce',
    reaction: 'Processed',
    evidence: 'live25',
    source: 'gossip/discovery/discovery_impl.go',
  },
  'BAD-62': {
    input: 'mem_res with an undecodable or non-alive entry among alive',
    reaction: 'Rest of the message ignored, dead list too',
    evidence: 'code',
    source: 'gossip/discovery/discovery_impl.go handleMsgFromComm',
  },
  'BAD-63': {
    input: 'Pull message with msg_type UNDEFINED',
    reaction: 'Drop',
    evidence: 'live',
    source: 'gossip/protoext/message.go',
  },
  'BAD-64': {
    input: 'DataRequest with an unknown nonce, or 1.5s after its Hello',
    reaction: 'Drop',
    evidence: 'live25',
    source: 'gossip/gossip/algo/pull.go OnReq',
  },
  'BAD-65': {
    input: 'DataRequest for items not held',
    reaction: 'No reply',
    evidence: 'live',
    source: 'gossip/gossip/algo/pull.go OnReq',
  },
  'BAD-66': {
    input: 'DataDigest with an unknown nonce, or later than 1s',
    reaction: 'Drop',
    evidence: 'live25',
    source: 'gossip/gossip/algo/pull.go OnDigest',
  },
  'BAD-67': {
    input: 'Identity update with one bad item among good ones',
    reaction: 'Whole update dropped, stream open',
    evidence: 'code',
    source: 'gossip/gossip/certstore.go handleMessage',
  },
  'BAD-68': {
    input: 'Identity update with an unparseable, foreign-typed or mismatched item',
    reaction: 'As BAD-67',
    evidence: 'live',
    source: 'gossip/gossip/certstore.go',
  },
  'BAD-69': {
    input: 'Unasked identity update, good items',
    reaction: 'Identities learned, not offered',
    evidence: 'live',
    source: 'gossip/gossip/pull/pullstore.go HandleMessage',
  },
  'BAD-70': {
    input: 'Channel message for a channel PUT is not in',
    reaction: 'Drop',
    evidence: 'live',
    source: 'gossip/gossip/gossip_impl.go',
  },
  'BAD-71': {
    input: 'state_info_pull_req with a wrong MAC',
    reaction: 'Drop',
    evidence: 'live',
    source: 'gossip/gossip/chanstate.go',
  },
  'BAD-72': {
    input: 'Valid state_info with an unknown MAC, own-org connection',
    reaction: 'Relayed to own-org members',
    evidence: 'live',
    source: 'gossip/gossip/gossip_impl.go handleMessage',
  },
  'BAD-73': {
    input: 'Valid state_info with an unknown MAC, foreign-org connection',
    reaction: 'Drop',
    evidence: 'live',
    source: 'gossip/gossip/gossip_impl.go',
  },
  'BAD-74': {
    input: 'state_info of an unknown author or with a bad signature',
    reaction: 'Drop',
    evidence: 'code',
    source: 'gossip/gossip/gossip_impl.go validateStateInfoMsg',
  },
  'BAD-75': {
    input: 'Snapshot with one bad element',
    reaction: 'Elements after it ignored',
    evidence: 'code',
    source: 'gossip/gossip/channel/channel.go handleStateInfSnapshot',
  },
  'BAD-76': {
    input: 'Block Hello, Digest or Request without StateInfo, or from a foreign org',
    reaction: 'Drop',
    evidence: 'live25',
    source: 'gossip/gossip/channel/channel.go HandleMessage',
  },
  'BAD-77': {
    input: 'Block digest that is not a decimal number',
    reaction: 'That entry skipped',
    evidence: 'code',
    source: 'gossip/gossip/channel/channel.go createBlockPuller',
  },
  'BAD-78': {
    input: "Block update with another channel's item, or a forged block",
    reaction: 'Whole update dropped',
    evidence: 'code',
    source: 'gossip/gossip/channel/channel.go HandleMessage',
  },
  'BAD-79': {
    input: 'Forged block pushed',
    reaction: 'Drop, not relayed',
    evidence: 'code',
    source: 'gossip/gossip/channel/channel.go verifyBlock',
  },
  'BAD-80': {
    input: 'data_msg pushed without payload',
    reaction: 'Drop',
    evidence: 'live25',
    source: 'gossip/gossip/channel/channel.go HandleMessage',
  },
  'BAD-81': {
    input: 'Valid block 20 or more above the ledger height',
    reaction: 'Relayed and stored, not queued for commit',
    evidence: 'code',
    source: 'gossip/state/state.go addPayload',
  },
  'BAD-82': {
    input: 'state_request with start > end or end − start > batchSize',
    reaction: 'Drop',
    evidence: 'live',
    source: 'gossip/state/state.go validate',
  },
  'BAD-83': {
    input: 'state_request beyond the ledger',
    reaction: 'Partial or empty response',
    evidence: 'live',
    source: 'gossip/state/state.go handleStateRequest',
  },
  'BAD-84': {
    input: 'state_response unasked or with a wrong nonce',
    reaction: 'Drop; if a transfer runs, a wrong nonce costs it one try',
    evidence: 'code',
    source: 'gossip/state/state.go',
  },
  'BAD-85': {
    input: 'More than 100 waiting state_requests',
    reaction: 'Excess dropped',
    evidence: 'code',
    source: 'gossip/state/state.go directMessage',
  },
  'BAD-86': {
    input: 'leadership_msg: foreign connection, foreign or unknown author, bad signature',
    reaction: 'Drop',
    evidence: 'code',
    source: 'gossip/gossip/gossip_impl.go; gossip/gossip/channel/channel.go',
  },
  'BAD-87': {
    input: 'private_data without payload or rwset',
    reaction: 'Drop, no ack',
    evidence: 'live',
    source: 'gossip/state/state.go privateDataMessage',
  },
  'BAD-88': {
    input: 'privateReq with another channel name',
    reaction: 'Drop',
    evidence: 'live',
    source: 'gossip/privdata/pull.go NewPuller',
  },
  'BAD-89': {
    input: 'privateRes with an element without digest',
    reaction: 'Elements after it ignored',
    evidence: 'code',
    source: 'gossip/privdata/pull.go handleResponse',
  },
  'BAD-90': {
    input: 'Flood of valid messages',
    reaction: 'No drop: reading stalls, HTTP/2 flow control',
    evidence: 'code',
    source: 'gossip/comm/conn.go; gossip/comm/demux.go',
  },
});

export type BadInputId = (typeof table)[number]['id'];

/** Every bad input by its id. PUT is the peer under test, OP the outside peer that judges it. */
export const badInputs: ReadonlyMap<BadInputId, BadInput<BadInputId>> = new Map(
  table.map((row) => [row.id, row]),
);
