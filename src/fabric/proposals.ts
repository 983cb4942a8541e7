import { common, peer } from '@hyperledger/fabric-protos';
import { status as grpcStatus, type ServiceError } from '@grpc/grpc-js';
import { channelCredentials, channelOptions, deadlineOf, type Access, type Calling } from './access';
import { makeHeader, type Creator } from './envelope';
import { FabricError } from './fabric-error';

/** A call of a chaincode on one peer. */
interface Invocation {
  /** Empty for what concerns no channel. */
  readonly channel: string;
  readonly chaincode: string;
  readonly args: readonly (string | Uint8Array)[];
}

/** Statuses of chaincode answers from this one on are errors. Source: core/chaincode/shim, `ERRORTHRESHOLD`. */
const ERROR_THRESHOLD = 400;

/** Source: core/ledger/ledgermgmt/ledger_mgmt.go, `CreateLedger`. */
const ALREADY_JOINED = /ledger \[[^\]]*\] already exists/;

/** A signed proposal of `invocation`. Source: protoutil/proputils.go, `CreateChaincodeProposal`. */
function signedProposal(invocation: Invocation, creator: Creator, wallNanos: bigint): peer.SignedProposal {
  const chaincode = new peer.ChaincodeID();
  chaincode.setName(invocation.chaincode);
  const extension = new peer.ChaincodeHeaderExtension();
  extension.setChaincodeId(chaincode);
  const header = makeHeader({
    type: 'ENDORSER_TRANSACTION',
    channel: invocation.channel,
    wallNanos,
    creator,
    extension: extension.serializeBinary(),
  });

  const input = new peer.ChaincodeInput();
  input.setArgsList(invocation.args.map((arg) => (typeof arg === 'string' ? Buffer.from(arg) : arg)));
  const spec = new peer.ChaincodeSpec();
  spec.setType(peer.ChaincodeSpec.Type.GOLANG);
  spec.setChaincodeId(chaincode);
  spec.setInput(input);
  const invocationSpec = new peer.ChaincodeInvocationSpec();
  invocationSpec.setChaincodeSpec(spec);
  const payload = new peer.ChaincodeProposalPayload();
  payload.setInput(invocationSpec.serializeBinary());

  const proposal = new peer.Proposal();
  proposal.setHeader(header.serializeBinary());
  proposal.setPayload(payload.serializeBinary());
  const bytes = proposal.serializeBinary();
  const signed = new peer.SignedProposal();
  signed.setProposalBytes(bytes);
  signed.setSignature(creator.sign(bytes));
  return signed;
}

/**
 * Has a peer run a chaincode; the payload of its answer. Rejects with a FabricError: UNREACHABLE while nothing listens
 * yet, REFUSED with the peer's reason.
 */
async function invoke(
  access: Access,
  creator: Creator,
  invocation: Invocation,
  calling: Calling,
): Promise<Uint8Array> {
  const { node, endpoint } = access;
  const client = new peer.EndorserClient(endpoint, channelCredentials(access), channelOptions(access));
  const proposal = signedProposal(invocation, creator, calling.clock.wallNanos());
  try {
    const answer = await new Promise<peer.ProposalResponse>((resolve, reject) => {
      client.processProposal(proposal, { deadline: deadlineOf(calling) }, (error, response) => {
        if (response !== undefined) resolve(response);
        else reject(error === null ? silence(access) : failureOf(access, invocation, error));
      });
    });
    const response = answer.getResponse();
    const status = response?.getStatus() ?? 0;
    if (response === undefined || status >= ERROR_THRESHOLD) {
      const reason = response?.getMessage() ?? 'no response in the answer';
      throw new FabricError('REFUSED', `${node} refuses ${told(invocation)} (status ${status}): ${reason}`);
    }
    return response.getPayload_asU8();
  } finally {
    client.close();
  }
}

const silence = ({ node, endpoint }: Access): FabricError =>
  new FabricError('UNREACHABLE', `${node} answered nothing at ${endpoint}`);

const told = ({ chaincode, args }: Invocation): string => `${chaincode} ${String(args[0])}`;

/** No service yet, no connection, no time left: it may be there later. Anything else the peer said. */
function failureOf({ node, endpoint }: Access, invocation: Invocation, cause: ServiceError): FabricError {
  const { UNAVAILABLE, DEADLINE_EXCEEDED, UNIMPLEMENTED } = grpcStatus;
  return [UNAVAILABLE, DEADLINE_EXCEEDED, UNIMPLEMENTED].includes(cause.code)
    ? new FabricError('UNREACHABLE', `${node} does not answer at ${endpoint}: ${cause.details}`, { cause })
    : new FabricError('REFUSED', `${node} refuses ${told(invocation)}: ${cause.details}`, { cause });
}

/** Makes a peer a member of the channel of a configuration block, if it is none. Rejects as {@link invoke} does. */
export async function joinPeer(
  access: Access,
  admin: Creator,
  block: Uint8Array,
  calling: Calling,
): Promise<void> {
  try {
    await invoke(access, admin, { channel: '', chaincode: 'cscc', args: ['JoinChain', block] }, calling);
  } catch (error) {
    // A peer that died over its answer has joined all the same.
    if (error instanceof FabricError && error.code === 'REFUSED' && ALREADY_JOINED.test(error.message))
      return;
    throw error;
  }
}

/** The channels that a peer has joined. Rejects as {@link invoke} does. */
export async function joinedChannels(
  access: Access,
  member: Creator,
  calling: Calling,
): Promise<readonly string[]> {
  const payload = await invoke(
    access,
    member,
    { channel: '', chaincode: 'cscc', args: ['GetChannels'] },
    calling,
  );
  const { channelsList } = peer.ChannelQueryResponse.deserializeBinary(payload).toObject();
  return channelsList.map(({ channelId }) => channelId);
}

/** A peer's height on a channel: how many blocks it has committed. Rejects as {@link invoke} does. */
export async function ledgerHeight(
  access: Access,
  member: Creator,
  channel: string,
  calling: Calling,
): Promise<number> {
  const args = ['GetChainInfo', channel];
  const payload = await invoke(access, member, { channel, chaincode: 'qscc', args }, calling);
  return common.BlockchainInfo.deserializeBinary(payload).getHeight();
}

/** The last configuration block that a peer has committed. Rejects as {@link invoke} does. */
export async function configBlock(
  access: Access,
  member: Creator,
  channel: string,
  calling: Calling,
): Promise<common.Block> {
  const args = ['GetConfigBlock', channel];
  const payload = await invoke(access, member, { channel, chaincode: 'cscc', args }, calling);
  return common.Block.deserializeBinary(payload);
}
