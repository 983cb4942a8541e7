import fc from 'fast-check';
import { WireType, type Fields, type MessageType, type Shape, type UnknownField } from '../../src/wire';
import * as messages from '../../src/wire/messages';
import type { Field, ScalarType } from '../../src/wire/schema';

/** Every message type of the wire table. */
export const messageTypes: readonly MessageType[] = Object.values(messages).filter(
  (exported): exported is Extract<typeof exported, { fields: unknown }> => 'fields' in exported,
);

export interface Wanted {
  /** Fields that no table names. */
  readonly unknownFields: boolean;
  readonly maxUint64: bigint;
  readonly maxEnum: number;
  readonly minEnum: number;
  /** The value of a field, instead of what its type says. */
  readonly override?: (path: string) => fc.Arbitrary<unknown> | undefined;
}

const anything: Wanted = {
  unknownFields: true,
  maxUint64: 2n ** 64n - 1n,
  maxEnum: 2 ** 31 - 1,
  minEnum: -(2 ** 31),
};

/** Any message of the type, derived from its table. */
export function arbitraryMessage<F extends Fields>(
  type: MessageType<F>,
  wanted: Wanted = anything,
): fc.Arbitrary<Shape<MessageType<F>>> {
  const arbitrary: fc.Arbitrary<unknown> = fromTable(type, wanted);
  return arbitrary as fc.Arbitrary<Shape<MessageType<F>>>;
}

function fromTable(type: MessageType, wanted: Wanted): fc.Arbitrary<unknown> {
  const fields = Object.entries(type.fields).map(([name, field]) => [
    name,
    wanted.override?.(`${type.name}.${name}`) ?? fromField(field, wanted),
  ]);
  const record = fc.record(Object.fromEntries(fields) as Record<string, fc.Arbitrary<unknown>>, {
    noNullPrototype: true,
  });
  if (!wanted.unknownFields) return record;
  return fc
    .tuple(record, fc.option(unknownFields, { nil: undefined, freq: 8 }))
    .map(([message, more]) => (more === undefined ? message : { ...message, unknownFields: more }));
}

function fromField(field: Field, wanted: Wanted): fc.Arbitrary<unknown> {
  if (field.type === 'oneof') {
    const alternatives = Object.entries(field.alternatives).map(([kind, alternative]) =>
      valueOf(alternative, wanted).map((value) => ({ kind, value })),
    );
    return fc.option(fc.oneof(...alternatives), { nil: undefined });
  }
  if (field.repeated) return fc.array(valueOf(field, wanted), { maxLength: 4 });
  return field.type === 'message'
    ? fc.option(valueOf(field, wanted), { nil: undefined })
    : valueOf(field, wanted);
}

function valueOf(field: Field, wanted: Wanted): fc.Arbitrary<unknown> {
  if (field.type === 'oneof') throw new Error('a oneof has no value of its own');
  return field.type === 'message' ? fromTable(field.message, wanted) : scalars(wanted)[field.type];
}

// With `unit: 'binary'` the first string takes most of a second.
const strings = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.constantFrom('\uFEFF', '\u0000', '\uD7FF\uE000', '\uFFFF', '\u{10FFFF}', 'x'.repeat(128)),
);

const scalars = (wanted: Wanted): Record<ScalarType, fc.Arbitrary<unknown>> => ({
  uint64: fc.bigInt({ min: 0n, max: wanted.maxUint64 }),
  bool: fc.boolean(),
  enum: fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer({ min: wanted.minEnum, max: wanted.maxEnum })),
  string: strings,
  bytes: fc.uint8Array({ maxLength: 200 }),
});

/** A value that stands on the wire as its type says; fields 1000 and up are in no table. */
const unknownField: fc.Arbitrary<UnknownField> = fc.oneof(
  unknownValue(WireType.VARINT, fc.constantFrom([0], [1], [0x80, 0x00], [0xff, 0x01])),
  unknownValue(WireType.FIXED64, fc.array(fc.nat(255), { minLength: 8, maxLength: 8 })),
  unknownValue(
    WireType.BYTES,
    fc.array(fc.nat(255), { maxLength: 100 }).map((bytes) => [bytes.length, ...bytes]),
  ),
  unknownValue(WireType.FIXED32, fc.array(fc.nat(255), { minLength: 4, maxLength: 4 })),
  // A group of field 1000 that holds field 1, varint 7.
  fc.constant({ no: 1000, wireType: WireType.START_GROUP, bytes: Uint8Array.of(0x08, 7, 0xc4, 0x3e) }),
);

const unknownFields = fc.array(unknownField, { minLength: 1, maxLength: 3 });

function unknownValue(wireType: number, bytes: fc.Arbitrary<readonly number[]>): fc.Arbitrary<UnknownField> {
  return fc
    .tuple(fc.integer({ min: 1000, max: 2 ** 29 - 1 }), bytes)
    .map(([no, value]) => ({ no, wireType, bytes: Uint8Array.from(value) }));
}
