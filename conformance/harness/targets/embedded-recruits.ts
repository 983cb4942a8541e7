import { allocatePlace } from '../../../src/fabric/native-addresses';
import { addressAt, hostOf } from '../../../src/fabric/node-place';
import type { RunningPeer } from '../../../src/node';
import type { Random } from '../../../src/ports/random';
import type { Recruit, Recruiter, RecruitSettings, RecruitWish } from '../recruit';
import type { PeerUnderTest } from '../target';
import type { Deviation, Part } from './embedded-part';
import type { OrganisationPapers } from './embedded-papers';
import type { ChannelGuest } from './embedded-channel';
import { ATTENTION, embeddedTiming } from './embedded-timing';
import { revoking } from './revocation';

export interface EmbeddedRecruiting {
  /** The organisation of the peer under test. */
  readonly own: OrganisationPapers;
  readonly foreignMspId: string;
  /** How the peer under test differs from an honest one. */
  readonly deviation: Deviation;
  readonly tls: boolean;
  readonly begin: (part: Part) => Promise<RunningPeer>;
  readonly random: Random;
}

/** Recruits, and the peers that they have become. */
export interface EmbeddedRecruiter extends Recruiter {
  /** The recruit of this name, if there is one that runs, as it joins channels. */
  memberOf(name: string): ChannelGuest | undefined;
}

/** Recruits that are our own peers, with the faults that the one under test has. */
export function embeddedRecruiter(recruiting: EmbeddedRecruiting): EmbeddedRecruiter {
  const { own, random } = recruiting;
  const recruits: EmbeddedRecruit[] = [];
  let enlisted = 0;
  return {
    timing: embeddedTiming,
    memberOf: (name) => recruits.find(({ peer }) => peer.name === name)?.guest,
    enlist: async (_like, settings) => {
      const number = ++enlisted;
      const place = await allocatePlace(random);
      const papers = await own.organisation.issue({
        name: `recruit${number}`,
        role: 'peer',
        sans: place.sans,
        separateClientTls: true,
      });
      const address = addressAt(place.host, place, 'service');
      const recruit = new EmbeddedRecruit(recruiting, settings, papers, address);
      recruits.push(recruit);
      return recruit;
    },
  };
}

class EmbeddedRecruit implements Recruit {
  readonly peer: PeerUnderTest;
  readonly address: string;
  readonly frontHost: string;
  readonly tls: Recruit['tls'];
  readonly shortKeepaliveMs = 1_500;
  readonly #recruiting: EmbeddedRecruiting;
  readonly #settings: RecruitSettings;
  readonly #papers: Part['papers'];
  #start: () => Promise<RunningPeer> = () => Promise.reject(new TypeError('it was never started'));
  #running: RunningPeer | undefined;

  constructor(
    recruiting: EmbeddedRecruiting,
    settings: RecruitSettings,
    papers: Part['papers'],
    address: string,
  ) {
    const { identity, name, tls: server, clientTls: client = server } = papers;
    this.peer = {
      name,
      endpoint: address,
      mspId: identity.mspId,
      pkiId: identity.pkiId,
      identity: identity.serialized,
      externalEndpoint: address,
    };
    this.address = address;
    this.frontHost = hostOf(address);
    this.tls = recruiting.tls ? { server, client } : undefined;
    this.#recruiting = recruiting;
    this.#settings = settings;
    this.#papers = papers;
  }

  get guest(): ChannelGuest | undefined {
    const { ordererPatienceMs } = this.#settings;
    return this.#running && { peer: this.#running, ordererPatienceMs };
  }

  async start({ bootstrap = [], endpoint, externalEndpoint, anchors, revoked }: RecruitWish): Promise<void> {
    const { own, begin, foreignMspId, deviation } = this.#recruiting;
    const msp = await revoking(own.organisation, revoked);
    const { timing, pingsOften = false, stateTransfer, leaderElection, ...numbers } = this.#settings;
    this.#start = async () => {
      const peer = await begin({
        papers: this.#papers,
        deviation,
        listenAddress: this.address,
        ...(msp && { msp }),
        grpc: pingsOften ? { clientKeepaliveIntervalMs: this.shortKeepaliveMs } : undefined,
        settings: (address) => ({
          ...ATTENTION,
          ...timing,
          ...numbers,
          stateEnabled: stateTransfer ?? true,
          useLeaderElection: leaderElection ?? true,
          bootstrap,
          internalEndpoint: endpoint ?? address,
          externalEndpoint: externalEndpoint ?? address,
        }),
      });
      for (const one of anchors?.own ?? []) peer.joinAnchor(one, this.peer.mspId);
      for (const one of anchors?.foreign ?? []) peer.joinAnchor(one, foreignMspId);
      return peer;
    };
    this.#running = await this.#start();
  }

  async restart(): Promise<void> {
    await this.#running?.stop();
    this.#running = await this.#start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running?.stop();
  }
}
