import { decodeMessage, decodeSecret } from './envelope';
import { WireError } from './errors';
import { MAX_ENVELOPE_DEPTH } from './limits';
import { Envelope, GossipMessage, PullMsgType, Tag, type SecretEnvelope } from './messages';
import type { Field, MessageType, UnknownField } from './schema';
import { base64, hex, printable } from './text';

export type Json = string | number | boolean | JsonObject | readonly Json[];
export interface JsonObject {
  readonly [name: string]: Json;
}

/** Up to this many, bytes are written in hex; beyond, in base64. */
const MAX_HEX_BYTES = 128;
/** Up to this many, printable bytes are written as they are: channel names, block digests. */
const MAX_PLAIN_BYTES = 64;

/** The names of enum values, by field. */
const enumNames: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  tag: Tag,
  msgType: PullMsgType,
};

/**
 * An Envelope for humans and reports, opened: `{ message, signature, secret }`, envelopes in the message likewise.
 * It is the form of `decoded` in recordings (fixtures/README.md): defaults left out, a 64-bit value as a decimal
 * string, an enum by its name where it has one, bytes as `hex:…`, `b64:…` or, where they are printable, as they are.
 *
 * What does not decode stays bytes, beside the reason: `{ payload, fault, signature }`. So does what is nested
 * deeper than {@link MAX_ENVELOPE_DEPTH}.
 */
export function toJson(envelope: Envelope): JsonObject {
  return envelopeToJson(envelope, 1);
}

/** A message in the same form. */
export function messageToJson(message: GossipMessage): JsonObject {
  return fieldsToJson(GossipMessage, message, 1);
}

function envelopeToJson(envelope: Envelope, depth: number): JsonObject {
  const { payload, signature, secretEnvelope } = envelope;
  return {
    ...attempt(payload, () => ({ message: fieldsToJson(GossipMessage, decodeMessage(payload), depth) })),
    ...(signature.length > 0 && { signature: bytesToJson(signature) }),
    ...(secretEnvelope && { secret: secretToJson(secretEnvelope) }),
    ...unknownToJson(envelope),
  };
}

function secretToJson(envelope: SecretEnvelope): JsonObject {
  const { payload, signature } = envelope;
  return {
    ...attempt(payload, () => {
      const secret = decodeSecret(payload);
      return {
        ...(secret.content && { [secret.content.kind]: secret.content.value }),
        ...unknownToJson(secret),
      };
    }),
    ...(signature.length > 0 && { signature: bytesToJson(signature) }),
    ...unknownToJson(envelope),
  };
}

function attempt(payload: Uint8Array, open: () => JsonObject): JsonObject {
  try {
    return open();
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return { payload: bytesToJson(payload), fault: `${error.fault.code} ${error.message}` };
  }
}

function fieldsToJson(type: MessageType, message: object, depth: number): JsonObject {
  const json: Record<string, Json> = {};
  const values = new Map<string, unknown>(Object.entries(message));
  for (const [name, field] of Object.entries(type.fields)) {
    const value = values.get(name);
    if (field.type === 'oneof') {
      const chosen = value as { readonly kind: string; readonly value: unknown } | undefined;
      const alternative = chosen && field.alternatives[chosen.kind];
      if (alternative) json[chosen.kind] = valueToJson(alternative, chosen.kind, chosen.value, depth);
    } else if (!isDefault(value)) {
      json[name] = valueToJson(field, name, value, depth);
    }
  }
  return { ...json, ...unknownToJson(message) };
}

function isDefault(value: unknown): boolean {
  if (value instanceof Uint8Array || Array.isArray(value)) return value.length === 0;
  return value === undefined || value === '' || value === 0 || value === 0n || value === false;
}

function valueToJson(field: Field, name: string, value: unknown, depth: number): Json {
  if (Array.isArray(value)) return value.map((element) => valueToJson(field, name, element, depth));
  if (value instanceof Uint8Array) return bytesToJson(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') return enumToJson(name, value);
  if (typeof value === 'boolean' || typeof value === 'string') return value;
  if (field.type !== 'message') throw new Error(`${name}: ${String(value)} is no value of a field`);
  if (field.message === Envelope && depth < MAX_ENVELOPE_DEPTH) {
    return envelopeToJson(value as Envelope, depth + 1);
  }
  return fieldsToJson(field.message, value as object, depth);
}

function enumToJson(name: string, value: number): Json {
  const known = Object.entries(enumNames[name] ?? {}).find(([, number]) => number === value);
  return known?.[0] ?? value;
}

function bytesToJson(bytes: Uint8Array): string {
  const plain = bytes.length <= MAX_PLAIN_BYTES ? printable(bytes) : undefined;
  if (plain !== undefined && !/^(hex|b64):/.test(plain)) return plain;
  return bytes.length <= MAX_HEX_BYTES ? `hex:${hex(bytes)}` : `b64:${base64(bytes)}`;
}

function unknownToJson(message: { readonly unknownFields?: readonly UnknownField[] }): JsonObject {
  const { unknownFields } = message;
  if (unknownFields === undefined) return {};
  return {
    unknownFields: unknownFields.map(({ no, wireType, bytes }) => ({
      no,
      wireType,
      bytes: bytesToJson(bytes),
    })),
  };
}
