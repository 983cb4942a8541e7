import { BinaryReader } from '@bufbuild/protobuf/wire';
import { WireError } from './errors';
import type { DecodeLimits } from './limits';
import { WireType, type UnknownField } from './schema';

/** The value of an absent or empty `bytes` field. */
export const NO_BYTES: Uint8Array = new Uint8Array(0);

/** Varints hold 64 bits at most: ten bytes, of which the last is 0 or 1. */
const MAX_VARINT_BYTES = 10;
/** The tag of the highest field number, 2^29 − 1, with wire type 7. */
const MAX_TAG = 0xffff_ffff;

/**
 * Reads fields as strictly as protobuf-go does, so that what a Fabric peer refuses is refused here and the reverse.
 * The library's reader alone is too lax: it takes a length of 2^32 for 0, lets a field run over the end of
 * its message, and drops what a varint has above 64 bits. Hence each value is measured first.
 *
 * `bytes` values are views of the input. Every fault is a {@link WireError}.
 * Source: protobuf-go encoding/protowire/wire.go, internal/impl/decode.go.
 */
export class WireReader {
  private readonly bytes: Uint8Array;
  private readonly values: BinaryReader;
  private readonly limits: DecodeLimits;
  /** Names from the root message down to the one being read. */
  private readonly path: string[];
  /** Where the message being read ends. */
  private end: number;
  /** The field being read; empty between fields. */
  private field = '';
  private elements = 0;
  private unknownFields = 0;

  constructor(messageName: string, bytes: Uint8Array, limits: DecodeLimits) {
    // A Buffer's views would be Buffers, which are not deeply equal to the same bytes in a Uint8Array.
    this.bytes =
      bytes.constructor === Uint8Array
        ? bytes
        : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.limits = limits;
    this.path = [messageName];
    this.atMost(limits.maxMessageBytes, bytes.length, 'bytes');
    this.values = new BinaryReader(this.bytes);
    this.end = bytes.length;
  }

  /** Whether the message being read has another field. */
  hasNext(): boolean {
    return this.values.pos < this.end;
  }

  /** The next field's number, times 8, plus its wire type. */
  tag(): number {
    this.field = '';
    return this.anyTag();
  }

  /** Names the field whose value is read next, for faults. */
  at(field: string): void {
    this.field = field;
  }

  uint64(): bigint {
    this.varintLength();
    return BigInt(this.values.uint64());
  }

  bool(): boolean {
    this.varintLength();
    return this.values.bool();
  }

  /** The lower 32 bits, signed, as Go converts an enum. */
  int32(): number {
    this.varintLength();
    return this.values.int32();
  }

  string(): string {
    const start = this.values.pos;
    this.length();
    this.values.pos = start;
    try {
      return this.values.string(true);
    } catch (cause) {
      throw this.fault('UTF8', 'not UTF-8', cause);
    }
  }

  take(): Uint8Array {
    const length = this.length();
    if (length === 0) return NO_BYTES;
    const start = this.values.pos;
    this.values.pos += length;
    return this.bytes.subarray(start, start + length);
  }

  /** Starts a sub-message. Returns what {@link leave} needs. */
  enter(): number {
    const outerEnd = this.end;
    this.end = this.length() + this.values.pos;
    this.path.push(this.field);
    return outerEnd;
  }

  leave(outerEnd: number): void {
    this.end = outerEnd;
    this.field = this.path.pop() ?? '';
  }

  /** Counts an element of a repeated field. */
  countElement(): void {
    this.elements += 1;
    this.atMost(this.limits.maxElements, this.elements, 'repeated elements');
  }

  /** The value of a field that the table does not name, or names with another wire type. */
  unknown(tag: number): UnknownField {
    this.field = `#${tag >>> 3}`;
    this.unknownFields += 1;
    this.atMost(this.limits.maxUnknownFields, this.unknownFields, 'unknown fields');
    const start = this.values.pos;
    this.skip(tag);
    return { no: tag >>> 3, wireType: tag & 7, bytes: this.bytes.subarray(start, this.values.pos) };
  }

  private anyTag(): number {
    const tag = this.varintAsNumber();
    if (tag < 8 || tag > MAX_TAG) {
      throw this.fault('MALFORMED', `field number ${Math.floor(tag / 8)} is out of range`);
    }
    return tag;
  }

  private skip(tag: number): void {
    // Open groups, outermost first: an explicit stack, since ten thousand of them are allowed.
    const groups: number[] = [];
    let next = tag;
    for (;;) {
      const no = next >>> 3;
      const wireType = next & 7;
      if (wireType === WireType.START_GROUP) {
        groups.push(no);
        this.atMost(this.limits.maxGroupDepth, groups.length, 'nested groups');
      } else if (wireType === WireType.END_GROUP) {
        if (groups.pop() !== no) throw this.fault('MALFORMED', `group ${no} ends but was not open`);
      } else {
        this.skipValue(wireType);
      }
      if (groups.length === 0) return;
      next = this.anyTag();
    }
  }

  private skipValue(wireType: number): void {
    switch (wireType) {
      case WireType.VARINT:
        this.advance(this.varintLength());
        break;
      case WireType.FIXED64:
        this.advance(8);
        break;
      case WireType.BYTES:
        this.advance(this.length());
        break;
      case WireType.FIXED32:
        this.advance(4);
        break;
      default:
        throw this.fault('MALFORMED', `wire type ${wireType} does not exist`);
    }
  }

  private advance(count: number): void {
    const left = this.end - this.values.pos;
    if (count > left) throw this.fault('TRUNCATED', `${count} bytes needed, ${left} left`);
    this.values.pos += count;
  }

  /** A length prefix, checked against what is left: nothing is allocated on the word of a remote. */
  private length(): number {
    const length = this.varintAsNumber();
    const left = this.end - this.values.pos;
    if (length > left) throw this.fault('TRUNCATED', `${length} bytes declared, ${left} left`);
    return length;
  }

  /** Exact up to 2^53, and above that in any case too large for what it is used for. */
  private varintAsNumber(): number {
    return this.varintLength() <= 4 ? this.values.uint32() : Number(this.values.uint64());
  }

  /** The bytes of the varint that comes next; it is left unread. */
  private varintLength(): number {
    const start = this.values.pos;
    const last = start + MAX_VARINT_BYTES - 1;
    for (let at = start; at < this.end; at++) {
      const byte = this.bytes[at] ?? 0;
      if (at === last && byte > 1) throw this.fault('MALFORMED', 'varint above 64 bits');
      if (byte < 0x80) return at - start + 1;
    }
    throw this.fault('TRUNCATED', 'the bytes end inside a varint');
  }

  private atMost(limit: number, actual: number, what: string): void {
    if (actual > limit) {
      const message = `more than ${limit} ${what}`;
      throw new WireError({ code: 'LIMIT', message, field: this.where(), limit, actual });
    }
  }

  private fault(code: 'TRUNCATED' | 'MALFORMED' | 'UTF8', message: string, cause?: unknown): WireError {
    return new WireError({ code, message, field: this.where() }, cause === undefined ? {} : { cause });
  }

  private where(): string {
    return [...this.path, this.field].filter((name) => name !== '').join('.');
  }
}
