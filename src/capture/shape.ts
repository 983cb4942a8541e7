import { median } from '../statistics';
import { decodeEnvelope, decodeMessage, messageToJson, PullMsgType, WireError, type Json } from '../wire';
import type { RecordedEnvelope } from './recording';
import type { RecordingReader } from './recording-reader';

/** Messages closer together are of one tick of a timer, which sends to several members. */
const TICK_MS = 60;
/** After fewer messages than this, what follows them is chance. */
const FEW = 30;
/** Fewer ticks than this tell no interval. */
const MIN_TICKS = 10;
/** Messages of each kind whose fields and sizes are looked at. */
const SAMPLED = 3_000;

/** What messages of one kind look like. */
export interface KindShape {
  readonly kind: string;
  readonly count: number;
  /** Bytes of the Envelope, in the middle. */
  readonly medianBytes: number;
  /** Fields by path, with the share of messages that have them; `[]` for the elements of a list. */
  readonly fields: ReadonlyMap<string, number>;
  /** Between ticks at which one sender sends them, in the middle; undefined where there are too few. */
  readonly medianGapMs: number | undefined;
}

/** What a recording looks like, whoever is in it. */
export interface Shape {
  readonly kinds: ReadonlyMap<string, KindShape>;
  /**
   * What comes next on a stream, from either side, as `hello > dataDig`: the share among what follows the first; left
   * out after rare kinds.
   */
  readonly follows: ReadonlyMap<string, number>;
  readonly durationMs: number;
  readonly envelopes: number;
}

class KindDraft {
  count = 0;
  sampled = 0;
  readonly bytes: number[] = [];
  readonly fields = new Map<string, number>();
  readonly gapsMs: number[] = [];
  readonly lastMs = new Map<string, number>();
}

/**
 * The shape of a recording: kinds, fields, what follows what, how often. Values are left out, so that recordings of
 * different networks can be compared. `from`: only what this party sends. Memory does not grow with its length.
 * @throws RecordingError
 */
export async function shapeOf(reader: RecordingReader, from?: string): Promise<Shape> {
  const drafts = new Map<string, KindDraft>();
  const before = new Map<number, string>();
  const pairs = new Map<string, number>();
  const firsts = new Map<string, number>();
  let envelopes = 0;
  let lastMs = 0;
  for await (const recorded of reader) {
    lastMs = recorded.us / 1000;
    if (recorded.type === 'ended') before.delete(recorded.stream.number);
    if (recorded.type !== 'envelope') continue;
    const { kind, json } = readKind(recorded);
    const previous = before.get(recorded.stream.number) ?? 'start';
    before.set(recorded.stream.number, kind);
    if (from !== undefined && recorded.from.name !== from) continue;
    envelopes += 1;
    firsts.set(previous, (firsts.get(previous) ?? 0) + 1);
    const pair = `${previous} > ${kind}`;
    pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
    const draft = drafts.get(kind) ?? new KindDraft();
    drafts.set(kind, draft);
    look(draft, recorded, json);
  }
  return {
    kinds: new Map([...drafts].sort(byName).map(([kind, draft]) => [kind, shapeOfKind(kind, draft)])),
    follows: new Map(
      [...pairs].sort(byName).flatMap(([pair, count]) => {
        const all = firsts.get(pair.split(' > ')[0] ?? '') ?? 1;
        return all < FEW ? [] : [[pair, count / all] as const];
      }),
    ),
    durationMs: lastMs,
    envelopes,
  };
}

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1);

function look(draft: KindDraft, recorded: RecordedEnvelope, json: Json): void {
  draft.count += 1;
  const atMs = recorded.us / 1000;
  const last = draft.lastMs.get(recorded.from.name);
  if (last === undefined || atMs - last >= TICK_MS) {
    if (last !== undefined && draft.gapsMs.length < SAMPLED) draft.gapsMs.push(atMs - last);
    draft.lastMs.set(recorded.from.name, atMs);
  }
  if (draft.sampled >= SAMPLED) return;
  draft.sampled += 1;
  draft.bytes.push(recorded.bytes.length);
  for (const path of new Set(pathsIn(json, ''))) draft.fields.set(path, (draft.fields.get(path) ?? 0) + 1);
}

function shapeOfKind(kind: string, { count, sampled, bytes, fields, gapsMs }: KindDraft): KindShape {
  return {
    kind,
    count,
    medianBytes: median(bytes),
    fields: new Map([...fields].sort(byName).map(([path, has]) => [path, has / sampled])),
    medianGapMs: gapsMs.length < MIN_TICKS ? undefined : median(gapsMs),
  };
}

/** Pull messages are told apart by what they pull. */
function readKind({ kind, bytes }: RecordedEnvelope): { kind: string; json: Json } {
  try {
    const { payload, signature, secretEnvelope } = decodeEnvelope(bytes);
    const message = decodeMessage(payload);
    const { content } = message;
    const json = {
      ...messageToJson(message),
      ...(signature.length > 0 && { signature: '' }),
      ...(secretEnvelope && { secret: '' }),
    };
    if (content === undefined || !('msgType' in content.value)) return { kind, json };
    const type = content.value.msgType === PullMsgType.BLOCK_MSG ? 'blocks' : 'identities';
    return { kind: `${kind} of ${type}`, json };
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return { kind, json: {} };
  }
}

function pathsIn(json: Json, path: string): string[] {
  if (Array.isArray(json)) return json.flatMap((element) => pathsIn(element as Json, `${path}[]`));
  if (typeof json !== 'object') return [path];
  return Object.entries(json).flatMap(([name, value]) =>
    pathsIn(value, path === '' ? name : `${path}.${name}`),
  );
}
