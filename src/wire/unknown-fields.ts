import type { UnknownField } from './schema';

/** Where a message had a field that its table does not name. */
export interface UnknownFieldReport {
  /** Names from the message down, such as `memRes.alive[2]`; empty for the message itself. */
  readonly path: string;
  readonly no: number;
  readonly wireType: number;
}

/**
 * Lists the unknown fields of a message and of the messages in it, in the order of the fields. What is inside
 * bytes, such as the payload of a nested Envelope, is not looked into.
 */
export function unknownFieldsOf(message: object): readonly UnknownFieldReport[] {
  const found: UnknownFieldReport[] = [];
  collect(message, '', found);
  return found;
}

function collect(value: unknown, path: string, found: UnknownFieldReport[]): void {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return;
  if (Array.isArray(value)) {
    value.forEach((element, index) => {
      collect(element, `${path}[${index}]`, found);
    });
    return;
  }
  if ('kind' in value && 'value' in value) {
    // The chosen alternative of a oneof: on the wire it is a field of the message around it.
    collect(value.value, path.replace(/[^.]*$/, String(value.kind)), found);
    return;
  }
  for (const [name, member] of Object.entries(value)) {
    if (name === 'unknownFields') {
      for (const { no, wireType } of member as readonly UnknownField[]) found.push({ path, no, wireType });
    } else {
      collect(member, path === '' ? name : `${path}.${name}`, found);
    }
  }
}

/** Whether a message, or one within it, has an unknown field; what is inside bytes is not looked into. */
export function hasUnknownFields(message: object): boolean {
  for (const name in message) {
    if (name === 'unknownFields') return true;
    const member: unknown = message[name as keyof typeof message];
    if (typeof member !== 'object' || member === null || member instanceof Uint8Array) continue;
    if (hasUnknownFields(member)) return true;
  }
  return false;
}
