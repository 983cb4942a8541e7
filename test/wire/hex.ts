import { WireError, type WireFault } from '../../src/wire';

/** Bytes from hex digits; spaces are for the reader. */
export const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex.replaceAll(' ', ''), 'hex'));

export const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex');

/** ASCII text as bytes. */
export const text = (value: string): Uint8Array => new Uint8Array(Buffer.from(value));

/** The WireFault of what `decode` throws; fails where it throws nothing or something else. */
export function faultOf(decode: () => unknown): WireFault {
  try {
    decode();
  } catch (error) {
    if (error instanceof WireError) return error.fault;
    throw error;
  }
  throw new Error('it decoded');
}
