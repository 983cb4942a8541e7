import { decode, encode } from './codec';
import { create, type Init } from './create';
import type { DecodeLimits } from './limits';
import { Envelope, GossipMessage, Secret, type SecretEnvelope } from './messages';
import { NO_BYTES } from './reader';

/**
 * Decodes what came as one message of a GossipStream. The payload stays bytes, as they came: signatures cover
 * them and relays pass them on (SIGN-02). Decode it with {@link decodeMessage}; envelopes within a message likewise.
 *
 * @throws WireError
 */
export const decodeEnvelope = (bytes: Uint8Array, limits?: DecodeLimits): Envelope =>
  decode(Envelope, bytes, limits);

export const encodeEnvelope = (value: Envelope): Uint8Array => encode(Envelope, value);

/**
 * Decodes the payload of an Envelope (SIGN-01).
 *
 * @throws WireError
 */
export const decodeMessage = (payload: Uint8Array, limits?: DecodeLimits): GossipMessage =>
  decode(GossipMessage, payload, limits);

export const encodeMessage = (message: GossipMessage): Uint8Array => encode(GossipMessage, message);

/**
 * Decodes the payload of a SecretEnvelope (SIGN-05).
 *
 * @throws WireError
 */
export const decodeSecret = (payload: Uint8Array, limits?: DecodeLimits): Secret =>
  decode(Secret, payload, limits);

export const encodeSecret = (secret: Secret): Uint8Array => encode(Secret, secret);

/** A GossipMessage; what is left out, at any depth, has its default. */
export const gossipMessage = (init: Init<typeof GossipMessage>): GossipMessage => create(GossipMessage, init);

/** An Envelope around a serialized GossipMessage; without `signature`, an unsigned one (SIGN-07). */
export const envelope = (
  payload: Uint8Array,
  signature: Uint8Array = NO_BYTES,
  secretEnvelope?: SecretEnvelope,
): Envelope => ({ payload, signature, secretEnvelope });
