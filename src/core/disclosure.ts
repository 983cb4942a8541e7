/**
 * What membership requests and responses tell, and to whom.
 *
 *     entry \ requester   own organisation      foreign
 *     own organisation     all                   those with an external endpoint, if the requester has one too
 *     the requester's      (the same)            all of the requester's organisation
 *     a third one          nothing               nothing
 *
 * Secret envelopes go to the own organisation only. Source: gossip/gossip/gossip_impl.go, `disclosurePolicy`;
 * gossip/discovery/discovery_impl.go, `createMembershipResponse`.
 */
import { Tag, type Envelope, type MembershipRequest, type MembershipResponse } from '../wire';
import type { PeerContext } from './context';
import { seal, withoutSecret, type Opened } from './envelopes';
import type { IdentityStore } from './identity-store';
import type { Instant } from './instant';
import type { Member, Membership } from './membership';

/** A requester of membership, as its self_information tells. */
export interface Requester {
  readonly pkiId: Uint8Array;
  /** Its external endpoint; empty: none. */
  readonly endpoint: string;
  /** What it says it knows; never read (MEMB-08). */
  readonly known: readonly Uint8Array[];
}

export class Disclosure {
  readonly #context: PeerContext;
  readonly #identities: IdentityStore;
  readonly #membership: Membership;

  constructor(context: PeerContext, identities: IdentityStore, membership: Membership) {
    this.#context = context;
    this.#identities = identities;
    this.#membership = membership;
  }

  /** The response for a requester, ending with `own`; undefined if it may not even be told of us (MEMB-11). */
  response(requester: Requester, own: Opened, at: Instant): MembershipResponse | undefined {
    const { rules, self, settings } = this.#context;
    const requesterOrg = this.#identities.orgOf(requester.pkiId, at);
    const mayTell = (pkiId: Uint8Array, entryEndpoint: string): boolean =>
      rules.mayDisclose({
        selfOrg: self.mspId,
        entryOrg: this.#identities.orgOf(pkiId, at),
        entryEndpoint,
        requesterOrg,
        requesterEndpoint: requester.endpoint,
      });
    if (!mayTell(self.pkiId, settings.externalEndpoint)) {
      return undefined;
    }
    const entries = (members: readonly Member[]): Envelope[] =>
      members
        .filter(({ pkiId, endpoint }) => mayTell(pkiId, endpoint))
        .map(({ alive }) => this.#asToldTo(requesterOrg, alive));
    const listed = this.#membership
      .alive()
      .filter(({ pkiId }) => rules.lists(pkiId, requester.pkiId, requester.known));
    return {
      alive: [...entries(listed), ...(rules.listsSelf() ? [this.#asToldTo(requesterOrg, own)] : [])],
      dead: rules.listsDead() ? entries(this.#membership.dead()) : [],
    };
  }

  /** A membership request as a peer of this organisation is sent it, introduced by `own` (MEMB-01, BOOT-08). */
  request(own: Opened, org: string | undefined, nonce: bigint): Opened {
    const value: MembershipRequest = { selfInformation: this.#asToldTo(org, own), known: [] };
    return seal({ tag: Tag.EMPTY, nonce, content: { kind: 'memReq', value } });
  }

  #asToldTo(org: string | undefined, alive: Opened): Envelope {
    const { rules, self } = this.#context;
    return (rules.keepsSecretFor(org, self.mspId) ? alive : withoutSecret(alive)).envelope;
  }
}
