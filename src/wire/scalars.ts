import type { BinaryWriter } from '@bufbuild/protobuf/wire';
import { NO_BYTES, type WireReader } from './reader';
import { WireType, type ScalarShapes, type ScalarType } from './schema';

/**
 * How one scalar type is read and written. Its members are methods so that the table-driven codec may hold each as
 * a `ScalarCodec<unknown>`.
 */
export interface ScalarCodec<V> {
  readonly wireType: number;
  /** The proto3 default: the value of an absent field, left out when encoding. */
  readonly zero: V;
  isZero(value: V): boolean;
  /** Whether the type can hold `value`; encoding anything else would change it. */
  accepts(value: V): boolean;
  read(reader: WireReader): V;
  write(writer: BinaryWriter, value: V): void;
}

const MAX_UINT64 = 0xffff_ffff_ffff_ffffn;
/** A surrogate without its partner, which has no UTF-8 form. */
const LONE_SURROGATE = /\p{Surrogate}/u;

export const scalarCodecs: { readonly [T in ScalarType]: ScalarCodec<ScalarShapes[T]> } = {
  uint64: {
    wireType: WireType.VARINT,
    zero: 0n,
    isZero: (value) => value === 0n,
    accepts: (value) => value >= 0n && value <= MAX_UINT64,
    read: (reader) => reader.uint64(),
    write: (writer, value) => writer.uint64(value),
  },
  bool: {
    wireType: WireType.VARINT,
    zero: false,
    isZero: (value) => !value,
    accepts: () => true,
    read: (reader) => reader.bool(),
    write: (writer, value) => writer.bool(value),
  },
  enum: {
    wireType: WireType.VARINT,
    zero: 0,
    isZero: (value) => value === 0,
    accepts: (value) => (value | 0) === value,
    read: (reader) => reader.int32(),
    write: (writer, value) => writer.int32(value),
  },
  string: {
    wireType: WireType.BYTES,
    zero: '',
    isZero: (value) => value === '',
    accepts: (value) => !LONE_SURROGATE.test(value),
    read: (reader) => reader.string(),
    write: (writer, value) => writer.string(value),
  },
  bytes: {
    wireType: WireType.BYTES,
    zero: NO_BYTES,
    isZero: (value) => value.length === 0,
    accepts: () => true,
    read: (reader) => reader.take(),
    write: (writer, value) => writer.bytes(value),
  },
};
