/**
 * One channel as its machines see it: its name, who may be in it, and the peer that joined it.
 */
import type { PeerIdentity, Signer } from '../../ports/identity';
import type { Connections, Target } from '../connections';
import type { PeerContext } from '../context';
import type { Dissemination, Route } from '../dissemination';
import { seal, type MessageParts, type Opened } from '../envelopes';
import type { IdentityStore } from '../identity-store';
import { preferredEndpoint, type Member, type Membership } from '../membership';
import type { Org } from '../org';
import type { ChannelMembership } from './channel-options';

/** What the machines of all channels share. */
export interface PeerParts {
  readonly identities: IdentityStore;
  readonly membership: Membership;
  readonly connections: Connections;
  readonly dissemination: Dissemination;
}

export class ChannelScope {
  readonly name: string;
  /** The name as it travels: UTF-8. */
  readonly nameBytes: Uint8Array;
  readonly context: PeerContext;
  readonly identities: IdentityStore;
  readonly membership: Membership;
  readonly connections: Connections;
  readonly dissemination: Dissemination;
  #orgs: ReadonlySet<string> = new Set();
  #isReader: (identity: PeerIdentity) => boolean = () => true;

  constructor(name: string, members: ChannelMembership, context: PeerContext, parts: PeerParts) {
    this.name = name;
    this.nameBytes = encoder.encode(name);
    this.context = context;
    this.identities = parts.identities;
    this.membership = parts.membership;
    this.connections = parts.connections;
    this.dissemination = parts.dissemination;
    this.configure(members);
  }

  configure({ orgs, isReader = () => true }: ChannelMembership): void {
    this.#orgs = new Set(orgs);
    this.#isReader = isReader;
  }

  hasOrg(org: Org): boolean {
    return org !== undefined && this.#orgs.has(org);
  }

  /**
   * Whether an identity satisfies the channel's Readers policy. What it signed to prove itself was verified when it
   * connected (CONN-17), or is verified by the caller.
   */
  isReader(identity: PeerIdentity): boolean {
    return this.hasOrg(identity.mspId) && this.#isReader(identity);
  }

  /** Whether a MAC names this channel in a message of `pkiId` (TAG-04). */
  isMac(claimed: Uint8Array, pkiId: Uint8Array): boolean {
    return this.context.rules.macMatches(claimed, this.mac(pkiId));
  }

  mac(pkiId: Uint8Array): Uint8Array {
    return this.context.rules.channelMac(pkiId, this.nameBytes, this.context.sha256);
  }

  /** A message that carries the channel's name. */
  seal(parts: Omit<MessageParts, 'channel'>, signer?: Signer): Opened {
    return seal({ ...parts, channel: this.nameBytes }, signer);
  }

  /** The name of a timer of this channel. */
  timer(name: string): string {
    return `channel ${this.name} ${name}`;
  }

  /** Whether a peer is ourselves or a member with an external endpoint. */
  hasExternalEndpoint(pkiId: Uint8Array): boolean {
    const { rules, self, settings } = this.context;
    const endpoint = rules.isOwn(pkiId, self.pkiId)
      ? settings.externalEndpoint
      : this.membership.lookup(pkiId)?.endpoint;
    return endpoint !== undefined && endpoint !== '';
  }

  /** The route of a state info (EMIT-06). */
  stateInfoRoute(author: Uint8Array): Route {
    const { rules, self } = this.context;
    return (member, at) => {
      const memberOrg = this.identities.orgOf(member.pkiId, at);
      return rules.mayRelayStateInfo({
        selfOrg: self.mspId,
        authorHasExternalEndpoint: this.hasExternalEndpoint(author),
        memberOrg,
        memberOrgInChannel: this.hasOrg(memberOrg),
      });
    };
  }
}

export const targetOf = (member: Member): Target => ({
  pkiId: member.pkiId,
  endpoint: preferredEndpoint(member),
});

const encoder = new TextEncoder();
