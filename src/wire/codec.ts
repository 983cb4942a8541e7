import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { WireError } from './errors';
import { DEFAULT_LIMITS, type DecodeLimits } from './limits';
import { WireReader } from './reader';
import { scalarCodecs, type ScalarCodec } from './scalars';
import {
  WireType,
  type Field,
  type Fields,
  type MessageType,
  type ScalarType,
  type Shape,
  type UnknownField,
} from './schema';

/** A message while it is read or written; {@link Shape} once it leaves this file. */
export type Draft = Record<string, unknown>;

/** How one field number of a message is read and written. */
interface Part {
  /** The field's, or the alternative's. */
  readonly name: string;
  readonly tag: number;
  /** Reads the value that follows the tag. */
  read(reader: WireReader, draft: Draft): void;
  /** Writes tag and value, or nothing where the field is absent. */
  write(writer: BinaryWriter, draft: Draft): void;
}

/** A message's table, compiled. */
interface Codec {
  /** Every field at its default; the starting point of each decoded or created message. */
  readonly defaults: Readonly<Draft>;
  /** By tag, so that a known number with a wrong wire type is not found, and hence unknown. */
  readonly byTag: ReadonlyMap<number, Part>;
  /** Ascending by field number. */
  readonly inOrder: readonly Part[];
}

/** The alternative of a oneof that is present. */
interface Chosen {
  readonly kind: string;
  readonly value: unknown;
}

/** How one kind of field works, apart from where its value is kept. */
interface ValueCodec {
  readonly wireType: number;
  /** `previous`: what an earlier occurrence of the field gave; sub-messages merge into it. */
  read(reader: WireReader, previous: unknown): unknown;
  write(writer: BinaryWriter, value: unknown): void;
}

/** The value of a repeated field without elements. Never written to: the first element makes a new list. */
const NO_ELEMENTS: readonly unknown[] = Object.freeze([]);

const codecs = new WeakMap<MessageType, Codec>();

/**
 * Decodes a message, with the semantics of proto3 as protobuf-go has them:
 * - Of a scalar or a oneof that occurs repeatedly the last one stays; sub-messages merge; lists grow.
 * - A field that the table does not name, or names with another wire type, is kept in `unknownFields`, in order.
 *   The property is missing where there is none.
 * - An enum is the number on the wire, known or not: the lower 32 bits of its varint, signed.
 * - Absent fields have their defaults; absent sub-messages and oneofs are properties with the value `undefined`.
 *
 * `bytes` values are views of the input, plain `Uint8Array`s, identical to what came: leave the input as it is
 * while the message is in use, and copy what outlives a large message. Envelopes keep their payload as bytes.
 *
 * @throws WireError for whatever does not decode; nothing else, for any bytes.
 */
export function decode<F extends Fields>(
  type: MessageType<F>,
  bytes: Uint8Array,
  limits: DecodeLimits = DEFAULT_LIMITS,
): Shape<MessageType<F>> {
  const codec = codecOf(type);
  const draft: unknown = readMessage(codec, new WireReader(type.name, bytes, limits), undefined);
  return draft as Shape<MessageType<F>>;
}

/**
 * Encodes a message canonically (SIGN-11): fields by ascending number, defaults left out, minimal varints, unknown
 * fields last and as they came. What a Fabric peer encoded is, decoded and encoded again, the same bytes.
 *
 * @throws WireError with code VALUE for a value that its field cannot hold.
 */
export function encode<F extends Fields>(type: MessageType<F>, value: Shape<MessageType<F>>): Uint8Array {
  const writer = new BinaryWriter();
  writeMessage(codecOf(type), writer, value);
  return writer.finish();
}

/** A fresh message of the type with every field at its default. */
export function defaultsOf(type: MessageType): Draft {
  return { ...codecOf(type).defaults };
}

function readMessage(codec: Codec, reader: WireReader, previous: Draft | undefined): Draft {
  const draft = previous ?? { ...codec.defaults };
  while (reader.hasNext()) {
    const tag = reader.tag();
    const part = codec.byTag.get(tag);
    if (part === undefined) {
      keepUnknown(draft, reader.unknown(tag));
    } else {
      reader.at(part.name);
      part.read(reader, draft);
    }
  }
  return draft;
}

function keepUnknown(draft: Draft, unknownField: UnknownField): void {
  const { unknownFields } = draft;
  if (Array.isArray(unknownFields)) unknownFields.push(unknownField);
  else draft['unknownFields'] = [unknownField];
}

function writeMessage(codec: Codec, writer: BinaryWriter, draft: Draft): void {
  for (const part of codec.inOrder) part.write(writer, draft);
  const unknownFields = draft['unknownFields'] as readonly UnknownField[] | undefined;
  for (const { no, wireType, bytes } of unknownFields ?? []) writer.uint32(tagOf(no, wireType)).raw(bytes);
}

function codecOf(type: MessageType): Codec {
  const known = codecs.get(type);
  if (known !== undefined) return known;
  const codec = compile(type);
  codecs.set(type, codec);
  return codec;
}

function compile(type: MessageType): Codec {
  const defaults: Draft = {};
  const parts: Part[] = [];
  for (const [name, field] of Object.entries(type.fields)) {
    const path = `${type.name}.${name}`;
    if (field.type === 'oneof') {
      defaults[name] = undefined;
      for (const [kind, alternative] of Object.entries(field.alternatives)) {
        parts.push(alternativePart(`${type.name}.${kind}`, name, kind, alternative));
      }
    } else if (field.repeated) {
      defaults[name] = NO_ELEMENTS;
      parts.push(repeatedPart(path, name, field));
    } else if (field.type === 'message') {
      defaults[name] = undefined;
      parts.push(singlePart(path, name, field, (value) => value === undefined));
    } else {
      const scalar: ScalarCodec<unknown> = scalarCodecs[field.type];
      defaults[name] = scalar.zero;
      parts.push(singlePart(path, name, field, (value) => scalar.isZero(value)));
    }
  }
  parts.sort((a, b) => a.tag - b.tag);
  return { defaults, byTag: new Map(parts.map((part) => [part.tag, part])), inOrder: parts };
}

type PlainField = Exclude<Field, { type: 'oneof' }>;

function singlePart(
  path: string,
  name: string,
  field: PlainField,
  isAbsent: (value: unknown) => boolean,
): Part {
  const codec = valueCodec(path, field);
  const tag = tagOf(field.no, codec.wireType);
  return {
    name,
    tag,
    read: (reader, draft) => {
      draft[name] = codec.read(reader, draft[name]);
    },
    write: (writer, draft) => {
      const value = draft[name];
      if (!isAbsent(value)) codec.write(writer.uint32(tag), value);
    },
  };
}

function repeatedPart(path: string, name: string, field: PlainField): Part {
  const codec = valueCodec(path, field);
  const tag = tagOf(field.no, codec.wireType);
  return {
    name,
    tag,
    read: (reader, draft) => {
      reader.countElement();
      const element = codec.read(reader, undefined);
      const list = draft[name] as unknown[];
      if (list === NO_ELEMENTS) draft[name] = [element];
      else list.push(element);
    },
    write: (writer, draft) => {
      for (const element of draft[name] as readonly unknown[]) codec.write(writer.uint32(tag), element);
    },
  };
}

/** An alternative is present even at its default, so it is written whenever it is the chosen one. */
function alternativePart(path: string, oneofName: string, kind: string, field: Field): Part {
  if (field.type === 'oneof' || field.repeated) {
    throw new Error(`${path}: an alternative of a oneof is a single value`);
  }
  const codec = valueCodec(path, field);
  const tag = tagOf(field.no, codec.wireType);
  return {
    name: kind,
    tag,
    read: (reader, draft) => {
      const chosen = draft[oneofName] as Chosen | undefined;
      const previous = chosen?.kind === kind ? chosen.value : undefined;
      draft[oneofName] = { kind, value: codec.read(reader, previous) };
    },
    write: (writer, draft) => {
      const chosen = draft[oneofName] as Chosen | undefined;
      if (chosen?.kind === kind) codec.write(writer.uint32(tag), chosen.value);
    },
  };
}

function valueCodec(path: string, field: PlainField): ValueCodec {
  return field.type === 'message' ? messageCodec(field.message) : scalarCodec(path, field.type);
}

function scalarCodec(path: string, type: ScalarType): ValueCodec {
  const scalar: ScalarCodec<unknown> = scalarCodecs[type];
  return {
    wireType: scalar.wireType,
    read: (reader) => scalar.read(reader),
    write: (writer, value) => {
      if (!scalar.accepts(value)) {
        throw new WireError({ code: 'VALUE', message: `no ${type}: ${String(value)}`, field: path });
      }
      scalar.write(writer, value);
    },
  };
}

function messageCodec(type: MessageType): ValueCodec {
  const codec = codecOf(type);
  return {
    wireType: WireType.BYTES,
    read: (reader, previous) => {
      const outer = reader.enter();
      const draft = readMessage(codec, reader, previous as Draft | undefined);
      reader.leave(outer);
      return draft;
    },
    write: (writer, value) => {
      writer.fork();
      writeMessage(codec, writer, value as Draft);
      writer.join();
    },
  };
}

const tagOf = (no: number, wireType: number): number => ((no << 3) | wireType) >>> 0;
