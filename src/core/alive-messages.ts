/**
 * Alive messages of others: whether they have all their parts, and whether their author signed them.
 * Source: gossip/gossip/gossip_impl.go, `ValidateAliveMsg`.
 */
import type { PeerIdentity } from '../ports/identity';
import type { Envelope } from '../wire';
import { authenticityFault } from './authenticity';
import type { PeerContext } from './context';
import { openNested, type Opened } from './envelopes';
import type { IdentityStore } from './identity-store';
import type { Instant } from './instant';
import type { Alive } from './membership';
import { rejected, type Rejection } from './rejections';

export class AliveMessages {
  readonly #context: PeerContext;
  readonly #identities: IdentityStore;

  constructor(context: PeerContext, identities: IdentityStore) {
    this.#context = context;
    this.#identities = identities;
  }

  /** An alive message nested in a request or a response. */
  open(envelope: Envelope): Alive | Rejection {
    const opened = openNested(envelope);
    return opened.kind === 'rejected' ? opened : this.complete(opened);
  }

  /**
   * The alive message in an envelope, if it has a membership with a PKI-ID, and a timestamp (ALIVE-14). Fabric
   * peers do not survive their absence (BAD-36 to BAD-39).
   */
  complete(opened: Opened): Alive | Rejection {
    const { content } = opened.message;
    if (content?.kind !== 'aliveMsg') {
      return rejected('incomplete-alive', 'no alive message');
    }
    const { membership, timestamp } = content.value;
    if (
      membership === undefined ||
      timestamp === undefined ||
      !this.#context.rules.isComplete(content.value)
    ) {
      return rejected('incomplete-alive');
    }
    return { kind: 'alive', opened, message: content.value, membership, time: timestamp };
  }

  /**
   * What is wrong with an alive message's authenticity; undefined: nothing. It is verified by the identity that it
   * carries, else by the one on file of its own PKI-ID, never by that of the sender (ALIVE-05, ALIVE-06, SIGN-10).
   */
  fault(alive: Alive, sender: PeerIdentity, at: Instant): Rejection | undefined {
    const author = this.#authorOf(alive, at);
    if ('kind' in author) {
      return author;
    }
    const { rules } = this.#context;
    return authenticityFault(this.#context, alive.opened.envelope, rules.verifyingIdentity(author, sender));
  }

  #authorOf({ message, membership }: Alive, at: Instant): PeerIdentity | Rejection {
    const onFile = this.#identities.get(membership.pkiId, at);
    if (
      message.identity.length === 0 ||
      (onFile !== undefined && !this.#context.rules.checksCarriedIdentity())
    ) {
      return onFile ?? rejected('unknown-author');
    }
    const put = this.#identities.put(membership.pkiId, message.identity, at);
    return put.kind === 'rejected' ? put : put.identity;
  }
}
