import { identityFiles, type IssuedIdentity, type Organisation } from '../identity';
import type { Clock } from '../ports/clock';
import type { ChannelControl } from './channel-control';
import { coreYaml } from './core-yaml';
import type { FabricError } from './fabric-error';
import type { HostedNode } from './hosted-node';
import type { Hosting } from './hosting';
import { capabilitiesFor, planGenesisBlock, type NetworkPlan, type NodePlan } from './network-plan';
import { addressAt, type NodePlace } from './node-place';
import type { NetworkNode, Recruit, RecruitWish } from './running-network';

/** The parts of a running network that a recruit is made with. */
export interface Recruiting {
  readonly plan: NetworkPlan;
  readonly hosting: Hosting;
  readonly control: ChannelControl;
  readonly clock: Clock;
  /** Told of a recruit that ends though nobody asked it to. */
  readonly onDeath: (death: FabricError) => void;
}

/** A recruit of a network that runs somewhere. */
export class HostedRecruit implements Recruit {
  readonly name: string;
  readonly identity: IssuedIdentity;
  readonly place: NodePlace;
  readonly #like: NodePlan;
  readonly #with: Recruiting;
  #node: HostedNode | undefined;

  private constructor(
    name: string,
    identity: IssuedIdentity,
    place: NodePlace,
    like: NodePlan,
    recruiting: Recruiting,
  ) {
    this.name = name;
    this.identity = identity;
    this.place = place;
    this.#like = like;
    this.#with = recruiting;
  }

  /** The `number`-th recruit. Rejects with a FabricError NO_ADDRESS. */
  static async enlist(like: NodePlan, number: number, recruiting: Recruiting): Promise<HostedRecruit> {
    const [organisation = '', peer = ''] = like.name.split('.');
    // The end of the name tells which of several versions a node is of.
    const name = `${organisation}.recruit${number}.${peer}`;
    const place = await recruiting.hosting.newPlace(name);
    const identity = await like.organisation.issue({
      name: `recruit${number}`,
      role: 'peer',
      sans: [`recruit${number}.${like.organisation.domain}`, ...place.sans],
      separateClientTls: true,
    });
    return new HostedRecruit(name, identity, place, like, recruiting);
  }

  get organisation(): Organisation {
    return this.#like.organisation;
  }

  get address(): string {
    return addressAt(this.place.host, this.place, 'service');
  }

  async start(wish: RecruitWish): Promise<NetworkNode> {
    const { control, clock, plan, hosting } = this.#with;
    const died = new Promise<never>((_, reject) => {
      this.#node = this.#create(wish, reject);
    });
    died.catch(() => undefined);
    const node = this.#node;
    if (node === undefined) throw new TypeError('a recruit without a node');
    await node.launch();
    await Promise.race([died, control.awaitAnswer(node)]);
    if (wish.channel !== undefined) {
      const capabilities = capabilitiesFor(hosting.versions);
      const genesis = planGenesisBlock(plan, capabilities, clock.wallNanos(), wish.channel);
      await Promise.race([died, control.joinPeer(node, genesis)]);
    }
    return node;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#node !== undefined) await this.#with.hosting.discard(this.#node);
  }

  #create(
    { bootstrap, timers, overrides, msp }: RecruitWish,
    onDeath: (death: FabricError) => void,
  ): HostedNode {
    const { hosting, control, plan } = this.#with;
    const settings = { ...plan.settings, timers: { ...plan.settings.timers, ...timers } };
    const { organisation } = this.#like;
    const id = this.identity.name;
    return hosting.createNode({
      plan: {
        name: this.name,
        kind: 'peer',
        organisation,
        identity: this.identity,
        place: this.place,
        files: {
          ...identityFiles(organisation, this.identity, msp),
          'tls/roots.crt': plan.tlsRootsPem.join(''),
          'core.yaml': coreYaml({
            id,
            mspId: organisation.mspId,
            place: this.place,
            bootstrap,
            settings,
            ...(overrides && { overrides }),
          }),
        },
      },
      settings,
      onDeath: (death) => {
        onDeath(death);
        this.#with.onDeath(death);
      },
      awaitService: (node) => control.awaitAnswer(node),
    });
  }
}
