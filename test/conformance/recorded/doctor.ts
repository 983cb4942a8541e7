import type { ClauseId } from '../../../conformance/clauses';
import type { Mark, Recorded, RecordedEnvelope } from '../../../src/capture';
import { open, type Seen } from '../../../conformance/recorded/seen';
import type { Scene } from '../../../conformance/recorded/scene';
import {
  encodeEnvelope,
  encodeMessage,
  type ContentKind,
  type ContentOf,
  type Envelope,
  type GossipMessage,
} from '../../../src/wire';

/** Makes a recording wrong in one thing. */
export type Doctor = (recording: readonly Recorded[], scene: Scene) => readonly Recorded[];

export type ClauseDoctors = Readonly<Partial<Record<ClauseId, Doctor>>>;

/** What becomes of a message: other fields of it, of its envelope, or of the record. */
export interface Change {
  readonly message?: Partial<GossipMessage>;
  readonly envelope?: Partial<Envelope>;
  readonly record?: Partial<RecordedEnvelope>;
  readonly bytes?: Uint8Array;
}

export type Where<K extends ContentKind> = (seen: Seen<K>, scene: Scene) => boolean;

function find<K extends ContentKind>(
  recording: readonly Recorded[],
  scene: Scene,
  kind: K,
  where: Where<K>,
): readonly [number, Seen<K>] {
  for (const [index, recorded] of recording.entries()) {
    if (recorded.type !== 'envelope' || recorded.kind !== kind) continue;
    const seen = open(recorded, scene);
    if (isKind(seen, kind) && where(seen, scene)) return [index, seen];
  }
  throw new Error(`the recording has no such ${kind}`);
}

const isKind = <K extends ContentKind>(seen: ReturnType<typeof open>, kind: K): seen is Seen<K> =>
  seen.kind === kind;

function changed(seen: Seen, { message, envelope, record, bytes }: Change): RecordedEnvelope {
  const payload =
    message === undefined ? seen.envelope.payload : encodeMessage({ ...seen.message, ...message });
  const written = bytes ?? encodeEnvelope({ ...seen.envelope, payload, ...envelope });
  const kind = message?.content?.kind ?? seen.recorded.kind;
  return { ...seen.recorded, kind, bytes: written, ...record };
}

const anywhere = (): boolean => true;

/** Changes the first message of a kind, where one of several is meant. */
export const change =
  <K extends ContentKind>(
    kind: K,
    edit: (seen: Seen<K>, scene: Scene) => Change,
    where: Where<K> = anywhere,
  ): Doctor =>
  (recording, scene) => {
    const [index, seen] = find(recording, scene, kind, where);
    return recording.with(index, changed(seen, edit(seen, scene)));
  };

/** Changes the content of the first message of a kind. */
export const edit = <K extends ContentKind>(
  kind: K,
  other: (value: ContentOf<K>, seen: Seen<K>, scene: Scene) => Partial<ContentOf<K>>,
  where?: Where<K>,
): Doctor =>
  change(
    kind,
    (seen, scene) => ({ message: { content: contentWith(seen, other(seen.value, seen, scene)) } }),
    where,
  );

/** The content of a message with other fields. */
export function contentWith<K extends ContentKind>(
  { kind, value }: Seen<K>,
  fields: Partial<ContentOf<K>>,
): NonNullable<GossipMessage['content']> {
  const content: unknown = { kind, value: { ...value, ...fields } };
  return content as NonNullable<GossipMessage['content']>;
}

/** Adds, after the first message of a kind, another that is like it but for what `make` says. */
export const add =
  <K extends ContentKind>(
    kind: K,
    make: (seen: Seen<K>, scene: Scene) => Change,
    where: Where<K> = anywhere,
  ): Doctor =>
  (recording, scene) => {
    const [index, seen] = find(recording, scene, kind, where);
    const added = changed(seen, make(seen, scene));
    return recording.toSpliced(index + 1, 0, added);
  };

/** Changes every mark of an event. */
export const marks =
  (event: string, details: (details: Mark['details']) => Mark['details'] | undefined): Doctor =>
  (recording) =>
    recording.flatMap((recorded) => {
      if (recorded.type !== 'mark' || recorded.event !== event) return [recorded];
      const changedDetails = details(recorded.details);
      return changedDetails === undefined ? [] : [{ ...recorded, details: changedDetails }];
    });

/** Of `count` messages that one party sends, only one is left. */
export const thin = (count: number, isMeant: (seen: Seen) => boolean): Doctor => {
  return (recording, scene) => {
    const seenOf = new Map<string, { ticks: number; lastUs: number }>();
    return recording.filter((recorded) => {
      if (recorded.type !== 'envelope') return true;
      const seen = open(recorded, scene);
      if (seen.kind === 'unread' || !isMeant(seen)) return true;
      const known = seenOf.get(recorded.from.name) ?? { ticks: 0, lastUs: -1e9 };
      seenOf.set(recorded.from.name, known);
      if (recorded.us - known.lastUs > 60_000) known.ticks += 1;
      known.lastUs = recorded.us;
      return known.ticks % count === 0;
    });
  };
};
