import type { Millis } from '../ports/clock';
import type { Signer } from '../ports/identity';
import type { Envelope } from '../wire';
import type { LinkId } from './effects';
import type { Opened } from './envelopes';

/** An envelope that takes the place of one on its way out, at once or later. */
export interface Tampered {
  readonly envelope: Envelope;
  readonly delayMs?: Millis;
}

/** What is known of a message where bytes leave and enter. */
export interface TamperContext {
  readonly link: LinkId;
  /** The PKI-ID of the other side; undefined during the handshake. */
  readonly peer: Uint8Array | undefined;
  /** The peer's own identity, to sign anew. */
  readonly signer: Signer;
}

/** Changes messages at the border, to make a peer wrong on purpose. An honest peer has none. */
export interface Tamper {
  /** What is sent instead of a message: nothing, one envelope or several. */
  outgoing?(message: Opened, context: TamperContext): readonly Tampered[];
  /** What is received instead of an envelope's bytes. */
  incoming?(bytes: Uint8Array, context: TamperContext): readonly Uint8Array[];
}
