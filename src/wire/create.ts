import { defaultsOf, type Draft } from './codec';
import type { Field, Fields, MessageType, ScalarShapes, ScalarType, Shape, UnknownField } from './schema';

/** What a message is made from: its {@link Shape} with any field left out, at any depth. */
export type Init<M> =
  M extends MessageType<infer F>
    ? { readonly [K in keyof F]?: FieldInit<F[K]> | undefined } & {
        readonly unknownFields?: readonly UnknownField[] | undefined;
      }
    : never;

type FieldInit<F> = F extends { type: 'oneof'; alternatives: infer O }
  ? { readonly [K in keyof O]: { readonly kind: K; readonly value: FieldInit<O[K]> } }[keyof O]
  : F extends { type: 'message'; repeated: true; message: infer M }
    ? readonly Init<M>[]
    : F extends { type: 'message'; message: infer M }
      ? Init<M>
      : F extends { type: 'bytes'; repeated: true }
        ? readonly Uint8Array[]
        : F extends { type: infer T extends ScalarType }
          ? ScalarShapes[T]
          : never;

/** Makes a message of the type: what `init` leaves out has its proto3 default. Byte arrays are not copied. */
export function create<F extends Fields>(
  type: MessageType<F>,
  init: Init<MessageType<NoInfer<F>>> = {},
): Shape<MessageType<F>> {
  const message: unknown = fill(type, init);
  return message as Shape<MessageType<F>>;
}

function fill(type: MessageType, init: Draft): Draft {
  const message = defaultsOf(type);
  for (const [name, field] of Object.entries(type.fields)) {
    const value = init[name];
    if (value !== undefined) message[name] = fillField(field, value);
  }
  const unknownFields = init['unknownFields'] as readonly UnknownField[] | undefined;
  if (unknownFields !== undefined && unknownFields.length > 0) message['unknownFields'] = unknownFields;
  return message;
}

function fillField(field: Field, value: unknown): unknown {
  if (field.type === 'oneof') {
    const chosen = value as { readonly kind: string; readonly value: unknown };
    const alternative = field.alternatives[chosen.kind];
    return { kind: chosen.kind, value: alternative && fillField(alternative, chosen.value) };
  }
  if (field.type !== 'message') return value;
  const type = field.message;
  return field.repeated ? (value as Draft[]).map((each) => fill(type, each)) : fill(type, value as Draft);
}
