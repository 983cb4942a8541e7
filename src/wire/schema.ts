/**
 * A small language for proto3 messages: a message is a table of fields, and its TypeScript shape follows from it.
 * Every uint64 is a `bigint`; an absent sub-message is `undefined`; an enum is the number on the wire, so that
 * values nobody knows survive.
 */

export type ScalarType = 'uint64' | 'bool' | 'enum' | 'string' | 'bytes';

/** The TypeScript type of each scalar. */
export interface ScalarShapes {
  uint64: bigint;
  bool: boolean;
  enum: number;
  string: string;
  bytes: Uint8Array;
}

export interface ScalarField<T extends ScalarType = ScalarType> {
  readonly no: number;
  readonly type: T;
  readonly repeated: false;
}
export interface RepeatedBytesField {
  readonly no: number;
  readonly type: 'bytes';
  readonly repeated: true;
}
export interface MessageField<F extends Fields = Fields> {
  readonly no: number;
  readonly type: 'message';
  readonly repeated: false;
  readonly message: MessageType<F>;
}
export interface RepeatedMessageField<F extends Fields = Fields> {
  readonly no: number;
  readonly type: 'message';
  readonly repeated: true;
  readonly message: MessageType<F>;
}
/** The alternatives of the message's one `oneof`; at most one is present. */
export interface OneofField<O extends Fields = Fields> {
  readonly type: 'oneof';
  readonly alternatives: O;
}

export type Field = ScalarField | RepeatedBytesField | MessageField | RepeatedMessageField | OneofField;
export type Fields = Readonly<Record<string, Field>>;

export interface MessageType<F extends Fields = Fields> {
  readonly name: string;
  readonly fields: F;
}

/** How a field's value stands on the wire. */
export const WireType = {
  VARINT: 0,
  FIXED64: 1,
  BYTES: 2,
  START_GROUP: 3,
  END_GROUP: 4,
  FIXED32: 5,
} as const;

/** A field that the message's table does not name, kept as it came. */
export interface UnknownField {
  readonly no: number;
  /** One of {@link WireType}. */
  readonly wireType: number;
  /** The field's value as on the wire, without its tag, with its length prefix if it has one. */
  readonly bytes: Uint8Array;
}

type FieldShape<F> = F extends { type: 'oneof'; alternatives: infer O }
  ? | {
        readonly [K in keyof O]: { readonly kind: K; readonly value: Exclude<FieldShape<O[K]>, undefined> };
      }[keyof O]
    | undefined
  : F extends { type: 'message'; repeated: true; message: MessageType<infer M> }
    ? readonly Shape<MessageType<M>>[]
    : F extends { type: 'message'; message: MessageType<infer M> }
      ? Shape<MessageType<M>> | undefined
      : F extends { type: 'bytes'; repeated: true }
        ? readonly Uint8Array[]
        : F extends { type: infer T extends ScalarType }
          ? ScalarShapes[T]
          : never;

/** The value of a message: one property a field, and what it had besides. */
export type Shape<M> =
  M extends MessageType<infer F>
    ? { readonly [K in keyof F]: FieldShape<F[K]> } & { readonly unknownFields?: readonly UnknownField[] }
    : never;

/** A message type: its name in the .proto file, and its fields by the names they have here. */
export const message = <const F extends Fields>(name: string, fields: F): MessageType<F> => ({
  name,
  fields,
});

const scalar =
  <T extends ScalarType>(type: T) =>
  (no: number): ScalarField<T> => ({ no, type, repeated: false });

/** Scalar fields; each takes its field number. */
export const uint64 = scalar('uint64');
export const bool = scalar('bool');
export const enumeration = scalar('enum');
export const string = scalar('string');
export const bytes = scalar('bytes');
export const repeatedBytes = (no: number): RepeatedBytesField => ({ no, type: 'bytes', repeated: true });
/** A sub-message. */
export const one = <F extends Fields>(no: number, type: MessageType<F>): MessageField<F> => ({
  no,
  type: 'message',
  repeated: false,
  message: type,
});
/** A repeated sub-message. */
export const many = <F extends Fields>(no: number, type: MessageType<F>): RepeatedMessageField<F> => ({
  no,
  type: 'message',
  repeated: true,
  message: type,
});
/** A oneof. Its value is `{ kind, value }`, `kind` being the name of the alternative. */
export const oneof = <const O extends Fields>(alternatives: O): OneofField<O> => ({
  type: 'oneof',
  alternatives,
});
