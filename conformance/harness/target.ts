import type { SigningIdentity } from '../../src/ports/identity';
import type { TlsCredentials } from '../../src/identity';
import type { OrganisationCas } from '../../src/capture';
import type { TargetInfo } from '../../src/report/model';
import type { PeerUnderTest } from './peer-under-test';
import type { Recruiter } from './recruit';
import type { GossipTiming } from './timing';

export type { PeerUnderTest } from './peer-under-test';

/**
 * What a check may need of a target, beyond one tester of the peer's own organisation that it can reach.
 * A target that lacks one makes the check *not run*, with `describeNeed` as the reason.
 */
export type Need =
  | 'tls' // the peers have TLS on
  | 'tls-off' // the peers have TLS off
  | 'dial-back' // testers can listen where the peers can dial them, by an address in their TLS certificate
  | 'foreign' // a tester of another organisation that the peers know
  | 'fresh' // identities that the peers have never met, issued on demand with chosen properties
  | 'foreign-fresh' // the same of another organisation
  | 'external-endpoint' // the peer tells other organisations about itself
  | 'external-endpoint-here' // and this machine reaches it there
  | 'hidden' // it does not
  | 'separate-client-certificate' // the peer dials with another TLS certificate than the one it serves with
  | 'non-reader' // an orderer of any organisation can be issued, and is no reader of any channel
  | 'channel' // the peer has joined a channel whose name is known
  | 'block-pull' // the peer has joined a channel and holds no block for us
  | 'block-gossip' // the peer passes on the blocks that it has from an orderer
  | 'state-transfer' // the peer asks others for the blocks that it lacks
  | 'leader-election' // own-org peers elect who talks to the orderer, and testers may take part
  | 'add-block' // blocks can be added to the channel
  | 'recruit' // one peer more like it can be started, with settings of the check's choice
  | 'between-peers' // two such peers can be started, with something of ours between them
  | 'own-channel' // the peer can be made a member of further channels, whose blocks are made here
  | 'bft' // such a channel may have orderers that agree by BFT
  | 'disposable'; // the peer may be brought down: it is the harness's own, and --destructive was said

const needs: Readonly<Record<Need, string>> = {
  tls: 'TLS is off on this network',
  'tls-off': 'TLS is on on this network',
  'dial-back':
    'the peers cannot dial the testers: no address of this machine is among the SANs of the tester’s TLS certificate (see --listen)',
  foreign: 'no tester of another organisation that the peer knows (see --tester)',
  fresh: 'testers cannot be issued: the organisation’s CA key is not at hand (see --issuer)',
  'foreign-fresh': 'foreign testers cannot be issued: their CA key is not at hand (see --issuer)',
  'external-endpoint': 'the peer has no peer.gossip.externalEndpoint',
  'external-endpoint-here':
    'this machine reaches nobody at the peer’s peer.gossip.externalEndpoint, a name that means nothing to it perhaps',
  hidden: 'the peer has a peer.gossip.externalEndpoint',
  'separate-client-certificate':
    'the peer has no TLS client certificate of its own (peer.tls.clientCert.file)',
  'non-reader':
    'needs a channel that not all members of its organisations may read: only on networks of the harness',
  channel: 'needs a channel that the peers have joined (see --channel)',
  'block-pull': 'needs a channel of which the peer holds no block in memory (see --channel)',
  'block-gossip': 'needs peers that pass on blocks (peer.deliveryclient.blockGossipEnabled)',
  'state-transfer': 'needs peers that ask for missing blocks (peer.gossip.state.enabled)',
  'leader-election':
    'takes part in the election of leaders: only on networks of the harness (peer.gossip.useLeaderElection)',
  'add-block': 'adds blocks to the channel: only on networks of the harness',
  recruit: 'needs a peer that is started for the check: only on networks of the harness',
  'between-peers':
    'stands between two peers that are started for the check: only on networks of the harness on this machine',
  'own-channel': 'needs a channel of its own, whose blocks the suite makes: only on networks of the harness',
  bft: 'needs a channel whose orderers agree by BFT, which peers of Fabric 3 alone join: only on networks of the harness',
  disposable: 'brings some versions of Fabric down: only with --destructive, on networks of the harness',
};

/** Why a check that has this need cannot run. */
export const describeNeed = (need: Need): string => needs[need];

/** An outside peer's papers. */
export interface Papers {
  readonly name: string;
  readonly identity: SigningIdentity;
  /** Undefined where TLS is off. */
  readonly tls: TlsCredentials | undefined;
  /** The address that its TLS certificate names and this machine has; undefined: it cannot be dialled. */
  readonly listenHost: string | undefined;
}

/** The testers that a case was given. */
export interface Lease {
  readonly own: readonly Papers[];
  readonly foreign: readonly Papers[];
}

/** What to issue, where something particular is needed. */
export interface PapersRequest {
  /** NodeOU of the identity; `peer` by default. */
  readonly role?: 'peer' | 'client' | 'admin' | 'orderer';
  /** Validity relative to now, in seconds; valid for long by default. */
  readonly validFromSeconds?: number;
  readonly validForSeconds?: number;
  /** SANs of the TLS certificate; the address it listens on by default. */
  readonly tlsSans?: readonly string[];
}

/** Testers of one organisation. */
export interface PapersSource {
  readonly mspId: string;
  /** How many testers can be out at once. */
  readonly capacity: number;
  /** Takes papers that nobody else holds; undefined if all that were issued are out. */
  borrow(): Papers | undefined;
  giveBack(papers: Papers): void;
  /** Has up to `count` more issued, as far as the capacity allows; calls `onMore` when each can be borrowed. */
  replenish(count: number, onMore: () => void): void;
  /** Issues papers that no peer has ever seen; undefined where the CA is not at hand. */
  readonly issue?: (request?: PapersRequest) => Promise<Papers>;
}

/** How many checks may run at once on a network. */
export interface Lanes {
  readonly all: number;
  /** Of these, how many may show themselves in a peer's membership view. */
  readonly view: number;
  /** However busy this process is, of all those that it judges with the network's twins; `all` of them by default. */
  readonly least?: number;
}

/** What is wrong with a block that is as it should be otherwise, the signature over it included. */
export interface BlockChange {
  /** The channel that its transactions name. */
  readonly channel?: string;
  /** Spoils its transaction. */
  readonly damage?: (transaction: Uint8Array) => Uint8Array;
  /** Who signs it, in place of an orderer. */
  readonly signer?: SigningIdentity;
  /** Whether one of the signatures is missing that the channel asks for. */
  readonly isShort?: boolean;
}

/** What a new channel is to be like. */
export interface ChannelWish {
  /** Whether the peer's organisation is on it alone, and not all of the network; not by default. */
  readonly ownOrganisationOnly?: boolean;
  /** Whether a quorum of orderers that agree by BFT signs its blocks (need `bft`); not by default. */
  readonly isBft?: boolean;
}

/** A channel that one peer has joined, besides testers, and where nobody orders: its blocks are made here. */
export interface OwnChannel {
  readonly name: string;
  /** The serialized `common.Block` of this number, the same each time; each can be committed on the one before. */
  block(number: bigint): Uint8Array;
  /** Another of this number, with something wrong. */
  wrongBlock(number: bigint, change: BlockChange): Uint8Array;
  /** The next block, which takes an organisation off the channel; the first change of its configuration. */
  removal(mspId: string): Uint8Array;
}

/** The logs of a network's nodes. */
export interface NodeLogs {
  /** Whether a node ended though nobody asked it to. */
  nodeDied(): boolean;
  /** Keeps them, in full, in a folder of their own; resolves to it, undefined where that cannot be. */
  save(): Promise<string | undefined>;
}

/** The network under test. */
export interface Target {
  readonly info: TargetInfo;
  readonly tls: boolean;
  readonly timing: GossipTiming;
  /** Whether its peers turn to every member each time, and not to a few that chance picks. */
  readonly turnsToAll?: boolean;
  /** A channel that the peers have joined, where one is known. */
  readonly channel?: string | undefined;
  readonly peers: readonly PeerUnderTest[];
  /** The organisations of the network whose CAs are known. */
  readonly organisations: readonly OrganisationCas[];
  /** What this target can do for checks of `peer`. */
  offers(peer: PeerUnderTest): ReadonlySet<Need>;
  /** Testers of the peer's own organisation. */
  own(peer: PeerUnderTest): PapersSource;
  /** Testers of another organisation, if `foreign` is offered. */
  foreign(peer: PeerUnderTest): PapersSource | undefined;
  /** Testers for checks aside, who never come into view and so need no rest; the same ones by default. */
  readonly apart?: Pick<Target, 'own' | 'foreign'> | undefined;
  /** Has one more block ordered, if `add-block` is offered; resolves to the channel's height. */
  readonly addBlock?: (() => Promise<number>) | undefined;
  readonly lanes: Lanes;
  /** Networks that are the same in all but addresses: a case may be judged on any of them. */
  readonly twins?: readonly Target[] | undefined;
  /** Has the peer join a channel that there was not before, if `own-channel` is offered. */
  readonly newChannel?: ((peer: PeerUnderTest, wish: ChannelWish) => Promise<OwnChannel>) | undefined;
  /** Peers to be started for a check, if `recruit` is offered. */
  readonly recruiter?: Recruiter | undefined;
  /** What the nodes of a network that was started for the run have to say; undefined where there is none. */
  readonly logs?: NodeLogs | undefined;
  /** Stops everything that the target started. */
  close(): Promise<void>;
  /**
   * In place of `close`: leaves the network up. Resolves to how it is reached and judged again, a line each. Undefined
   * where there is nothing to be kept.
   */
  readonly keep?: (() => Promise<readonly string[]>) | undefined;
}
