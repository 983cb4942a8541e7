import { acceptanceChecks } from './alive/acceptance';
import { ownCountChecks } from './alive/own-counts';
import { ownEchoChecks } from './alive/own-echoes';
import { ownMessageChecks } from './alive/own-messages';
import { peerTimeChecks } from './alive/peer-time';
import { updateChecks } from './alive/updates';
import { faultChecks } from './between/faults';
import { anchorChecks } from './bootstrap/anchor-peers';
import { bootstrapChecks } from './bootstrap/bootstrap-peers';
import { joinRequestChecks } from './bootstrap/join-requests';
import { outboundHandshakeChecks } from './bootstrap/outbound-handshake';
import { acknowledgementChecks } from './channel/acknowledgements';
import { askedMemberChecks } from './channel/asked-members';
import { blockPullChecks } from './channel/block-pull';
import { blockPullPaceChecks } from './channel/block-pull-pace';
import { blockRoundChecks } from './channel/block-rounds';
import { deadChannelMemberChecks } from './channel/dead-members';
import { electionChecks } from './channel/election';
import { electionTimeChecks } from './channel/election-times';
import { leadershipChecks } from './channel/leadership';
import { leavingChecks } from './channel/leaving';
import { manyChannelMemberChecks } from './channel/many-members';
import { channelNameChecks } from './channel/names';
import { orderedBlockChecks } from './channel/ordered-blocks';
import { otherOrganisationChecks } from './channel/other-organisations';
import { ownStateInfoChecks } from './channel/own-state-info';
import { passedOnChecks } from './channel/passed-on';
import { privateDataChecks } from './channel/private-data';
import { pushedBlockChecks } from './channel/pushed-blocks';
import { quorumBlockChecks } from './channel/quorum-blocks';
import { snapshotChecks } from './channel/snapshots';
import { stateInfoChecks } from './channel/state-info';
import { stateInfoPaceChecks } from './channel/state-info-pace';
import { stateServiceChecks } from './channel/state-service';
import { stateTransferChecks } from './channel/state-transfer';
import { sweptStateInfoChecks } from './channel/swept-state-info';
import { toldSnapshotChecks } from './channel/told-snapshots';
import { channelMacChecks } from './connection/channel-macs';
import { expectedPeerChecks } from './connection/expected-peer';
import { expiredMemberChecks } from './connection/expired-members';
import { handshakeChecks } from './connection/handshake';
import { identityChecks } from './connection/identity';
import { lifeChecks } from './connection/life';
import { organisationChecks } from './connection/organisation';
import { probeChecks } from './connection/probes';
import { readerProofChecks } from './connection/reader-proof';
import { refusalChecks } from './connection/refusals';
import { rpcChecks } from './connection/rpc';
import { rpcInitiatorChecks } from './connection/rpc-initiator';
import { sentMessageChecks } from './connection/sent-messages';
import { signatureChecks } from './connection/signatures';
import { tagChecks } from './connection/tags';
import { tlsChecks } from './connection/tls';
import { tlsInitiatorChecks } from './connection/tls-initiator';
import { unparseableChecks } from './connection/unparseable';
import type { Check } from './harness/check';
import { hostileAliveChecks } from './hostile/alive';
import { referencesTo } from './hostile/references';
import { hostileStreamChecks } from './hostile/streams';
import { burstChecks } from './membership/bursts';
import { deathChecks } from './membership/death';
import { dialledMemberChecks } from './membership/dialled-members';
import { disseminationChecks } from './membership/dissemination';
import { fanOutChecks } from './membership/fan-out';
import { forgettingChecks } from './membership/forgetting';
import { freshnessChecks } from './membership/freshness';
import { learningChecks } from './membership/learning';
import { manyMemberChecks } from './membership/many-members';
import { reconnectionChecks } from './membership/reconnection';
import { requestChecks } from './membership/requests';
import { responseChecks } from './membership/responses';
import { silentMemberChecks } from './membership/silent-members';
import { toldOfTheDeadChecks } from './membership/told-of-the-dead';
import { helloAnswerChecks } from './pull/hello-answers';
import { identityItemChecks } from './pull/identity-items';
import { identityUpdateChecks } from './pull/identity-updates';
import { itemsAsSignedChecks } from './pull/items-as-signed';
import { offeredDigestChecks } from './pull/offered-digests';
import { requestAnswerChecks } from './pull/request-answers';
import { requestWindowChecks } from './pull/request-window';
import { roundChecks } from './pull/rounds';
import { silenceChecks } from './pull/silence';
import { under } from './references';

/** The checks of the clauses that the specification numbers. */
const clauseChecks: readonly Check[] = [
  ...rpcChecks,
  ...rpcInitiatorChecks,
  ...tlsChecks,
  ...tlsInitiatorChecks,
  ...identityChecks,
  ...organisationChecks,
  ...expiredMemberChecks,
  ...signatureChecks,
  ...sentMessageChecks,
  ...handshakeChecks,
  ...refusalChecks,
  ...probeChecks,
  ...lifeChecks,
  ...unparseableChecks,
  ...tagChecks,
  ...channelMacChecks,
  ...ownStateInfoChecks,
  ...stateInfoChecks,
  ...snapshotChecks,
  ...sweptStateInfoChecks,
  ...deadChannelMemberChecks,
  ...manyChannelMemberChecks,
  ...stateInfoPaceChecks,
  ...toldSnapshotChecks,
  ...channelNameChecks,
  ...leavingChecks,
  ...acknowledgementChecks,
  ...privateDataChecks,
  ...otherOrganisationChecks,
  ...leadershipChecks,
  ...electionChecks,
  ...electionTimeChecks,
  ...helloAnswerChecks,
  ...requestAnswerChecks,
  ...itemsAsSignedChecks,
  ...requestWindowChecks,
  ...silenceChecks,
  ...roundChecks,
  ...offeredDigestChecks,
  ...identityItemChecks,
  ...identityUpdateChecks,
  ...ownMessageChecks,
  ...ownCountChecks,
  ...peerTimeChecks,
  ...acceptanceChecks,
  ...updateChecks,
  ...ownEchoChecks,
  ...requestChecks,
  ...responseChecks,
  ...manyMemberChecks,
  ...toldOfTheDeadChecks,
  ...learningChecks,
  ...freshnessChecks,
  ...disseminationChecks,
  ...burstChecks,
  ...passedOnChecks,
  ...deathChecks,
  ...silentMemberChecks,
  ...dialledMemberChecks,
  ...reconnectionChecks,
  ...bootstrapChecks,
  ...outboundHandshakeChecks,
  ...anchorChecks,
  ...joinRequestChecks,
  ...expectedPeerChecks,
  ...readerProofChecks,
  ...fanOutChecks,
  ...forgettingChecks,
  ...orderedBlockChecks,
  ...pushedBlockChecks,
  ...quorumBlockChecks,
  ...blockPullChecks,
  ...blockPullPaceChecks,
  ...blockRoundChecks,
  ...stateServiceChecks,
  ...stateTransferChecks,
  ...askedMemberChecks,
  ...faultChecks,
];

/** The checks of inputs that no clause's own checks send. */
const hostileChecks: readonly Check[] = [...hostileStreamChecks, ...hostileAliveChecks];

const ownNamed: readonly Check[] = [...clauseChecks, ...hostileChecks];

/** Every check of the suite. */
export const checks: readonly Check[] = [
  ...ownNamed,
  // An organisation leaves a channel by a change of its configuration, and in no other way.
  ...under(
    'BOOT-12',
    ownNamed.filter(({ clause }) => clause === 'SINF-15'),
  ),
  ...referencesTo(ownNamed),
];
