import { timingProfiles } from '../../../src/fabric/gossip-profile';
import type { CoreOverrides } from '../../../src/fabric/core-overrides';
import type { ChannelWish } from '../../../src/fabric/network-plan';
import type {
  NetworkNode,
  Recruit as NodeRecruit,
  RunningNetwork,
} from '../../../src/fabric/running-network';
import type { Recruit, Recruiter, RecruitSettings, RecruitWish } from '../recruit';
import type { PeerUnderTest } from '../target';
import { revoking } from './revocation';

/** A channel that no other peer is on. */
const CHANNEL = 'recruits';
/** gRPC for Go takes none that is shorter. Source: vendored google.golang.org/grpc/internal, `KeepaliveMinPingTime`. */
const SHORT_KEEPALIVE_MS = 10_000;

/** Where what stands between nodes listens, by a node's own address. */
export type FrontHostOf = (address: string) => string;

/** Recruits of a network of Fabric's programs. Their timers are the harness's to choose, and short. */
export class NetworkRecruiter implements Recruiter {
  readonly timing = timingProfiles.fast;
  readonly channel = CHANNEL;
  readonly #network: RunningNetwork;
  readonly #frontHostOf: FrontHostOf | undefined;
  readonly #enlisted: NetworkRecruit[] = [];

  constructor(network: RunningNetwork, frontHostOf: FrontHostOf | undefined) {
    this.#network = network;
    this.#frontHostOf = frontHostOf;
  }

  async enlist({ name }: PeerUnderTest, settings: RecruitSettings): Promise<Recruit> {
    const { tls } = this.#network.plan.settings;
    const recruit = new NetworkRecruit(await this.#network.recruit(name), settings, tls, this.#frontHostOf);
    this.#enlisted.push(recruit);
    return recruit;
  }

  /** The recruit of this name, if there is one that was started. */
  nodeOf(name: string): NetworkNode | undefined {
    return this.#enlisted.find(({ peer }) => peer.name === name)?.node;
  }
}

class NetworkRecruit implements Recruit {
  readonly peer: PeerUnderTest;
  readonly address: string;
  readonly frontHost: string | undefined;
  readonly tls: Recruit['tls'];
  readonly shortKeepaliveMs = SHORT_KEEPALIVE_MS;
  readonly #recruit: NodeRecruit;
  readonly #settings: RecruitSettings;
  #node: NetworkNode | undefined;

  constructor(
    recruit: NodeRecruit,
    settings: RecruitSettings,
    tls: boolean,
    frontHostOf: FrontHostOf | undefined,
  ) {
    const { name, address } = recruit;
    const { identity, tls: server, clientTls: client = server } = recruit.identity;
    const endpoint = (): string => this.#node?.access.endpoint ?? address;
    this.address = address;
    this.frontHost = frontHostOf?.(address);
    this.tls = tls ? { server, client } : undefined;
    this.peer = {
      name,
      get endpoint() {
        return endpoint();
      },
      mspId: identity.mspId,
      pkiId: identity.pkiId,
      identity: identity.serialized,
      externalEndpoint: address,
    };
    this.#recruit = recruit;
    this.#settings = settings;
  }

  get node(): NetworkNode | undefined {
    return this.#node;
  }

  async start(wish: RecruitWish): Promise<void> {
    const { bootstrap = [], anchors, revoked } = wish;
    const msp = await revoking(this.#recruit.organisation, revoked);
    this.#node = await this.#recruit.start({
      bootstrap,
      timers: { ...timingProfiles.fast, ...this.#settings.timing },
      overrides: overridesOf(this.#settings, wish),
      ...(msp && { msp }),
      ...(anchors && { channel: channelOf(anchors, this.peer.mspId) }),
    });
  }

  async restart(): Promise<void> {
    await this.#node?.restart();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#recruit[Symbol.asyncDispose]();
  }
}

const inMs = (value: number | undefined): string | undefined =>
  value === undefined ? undefined : `${value}ms`;

function overridesOf(settings: RecruitSettings, { endpoint, externalEndpoint }: RecruitWish): CoreOverrides {
  const gossip = (
    ['propagatePeerNum', 'pullPeerNum', 'maxConnectionAttempts', 'msgExpirationFactor'] as const
  ).map((key) => [`peer.gossip.${key}`, settings[key]] as const);
  const all: readonly (readonly [string, string | number | boolean | undefined])[] = [
    ...gossip,
    ['peer.gossip.endpoint', endpoint],
    ['peer.gossip.externalEndpoint', externalEndpoint],
    ['peer.gossip.state.enabled', settings.stateTransfer],
    ['peer.gossip.useLeaderElection', settings.leaderElection],
    ['peer.gossip.orgLeader', settings.leaderElection === undefined ? undefined : !settings.leaderElection],
    ['peer.deliveryclient.reconnectTotalTimeThreshold', inMs(settings.ordererPatienceMs)],
    ['peer.keepalive.client.interval', inMs(settings.pingsOften === true ? SHORT_KEEPALIVE_MS : undefined)],
  ];
  return Object.fromEntries(
    all.flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])),
  );
}

const channelOf = ({ own, foreign }: NonNullable<RecruitWish['anchors']>, mspId: string): ChannelWish => ({
  name: CHANNEL,
  anchorPeersOf: ({ mspId: of }) =>
    (of === mspId ? own : foreign).map((address) => {
      const colon = address.lastIndexOf(':');
      return { host: address.slice(0, colon), port: Number(address.slice(colon + 1)) };
    }),
});
