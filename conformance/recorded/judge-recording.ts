import { carriedIdentity } from '../harness/signed-content';
import { basename } from 'node:path';
import {
  faultText,
  RecordingReader,
  type Manifest,
  type Recorded,
  type RecordingFault,
  type RecordingPiece,
} from '../../src/capture';
import { abortable } from '../../src/ports/abortable';
import type { Clock } from '../../src/ports/clock';
import { isoTime } from '../../src/ports/iso-time';
import type { CheckResult, RunResult } from '../../src/report/model';
import type { ContentKind } from '../../src/wire';
import type { GossipTiming } from '../harness/timing';
import type { RunView, Selection } from '../run-types';
import { Copies, type Met } from './copies';
import { recordedChecks } from './index';
import { Docket, type Findings, type RecordedCheck, type RecordedNeed, type Watcher } from './recorded-check';
import { byCatalogue, ladderLine, notRun, resultsOf } from './results';
import { Scene, type Judged } from './scene';
import { open, type Seen } from './seen';
import { SignatureJudge } from './signature-judge';
import { signedItemsIn, type SignedItem } from './signed-items';

export interface JudgeRecordingOptions {
  readonly folder: string;
  readonly select: Selection;
  readonly judged: Judged;
  /** The settings of the peers; undefined where the manifest has none. */
  readonly timingOf: (manifest: Manifest) => GossipTiming | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly view: RunView;
  readonly tool: RunResult['tool'];
  readonly command: string;
}

/** A run over a recording. */
export interface RecordingRun {
  readonly run: RunResult;
  readonly faults: readonly RecordingFault[];
  readonly envelopes: number;
  /** Signatures verified, and those that had been already. */
  readonly signatures: { readonly verified: number; readonly again: number };
}

/** So many faults are told; the others are counted. */
const MAX_FAULTS = 50;

interface Running {
  readonly check: RecordedCheck;
  readonly docket: Docket;
  readonly watcher: Watcher;
}

/**
 * Judges a recording clause by clause, without any network. What is wrong with the recording itself is told with file and
 * line, the rest is judged all the same.
 * @throws RecordingError where there is no recording that can be read.
 */
export async function judgeRecording(options: JudgeRecordingOptions): Promise<RecordingRun> {
  const { clock, view, signal } = options;
  const started = { now: clock.now(), wall: clock.wallNanos() };
  const reader = new RecordingReader(options.folder);
  const { manifest } = reader;
  const scene = new Scene(reader, options.timingOf(manifest), options.judged);
  const selected = recordedChecks.filter(({ clause }) => options.select.has(clause));
  const info = targetOf(manifest, options.folder);
  view.started(info, selected.length);
  const idle: CheckResult[] = [];
  const running: Running[] = [];
  for (const check of selected) {
    const lacking = check.needs.map((need) => missing(need, scene)).find((reason) => reason !== undefined);
    if (lacking !== undefined) {
      idle.push(notRun(check, lacking));
      continue;
    }
    running.push(start(check, scene));
  }
  const faults = new Faults(view);
  faults.add(reader.faults);
  const walk = new Walk(scene, running);
  const pieces = reader.pieces();
  await abortable(
    walk.all(
      pieces,
      (found) => {
        faults.add(found);
      },
      signal,
    ),
    signal,
  );
  const results = [...idle, ...running.flatMap(({ check, docket }) => resultsOf(check, docket, faults))].sort(
    byCatalogue,
  );
  for (const result of results) view.finished(result);
  const run: RunResult = {
    tool: options.tool,
    startedAt: isoTime(started.wall),
    durationMs: clock.now() - started.now,
    command: options.command,
    target: { ...info, peers: scene.peers },
    results,
    harnessErrors: [],
    inputFaults: faults.texts,
  };
  return { run, faults: faults.kept, envelopes: walk.envelopes, signatures: walk.signatures };
}

/** What checks find in a recording that is led past them, by peer. */
export async function findingsOf(
  checks: readonly RecordedCheck[],
  scene: Scene,
  pieces: AsyncIterable<RecordingPiece>,
): Promise<ReadonlyMap<RecordedCheck, ReadonlyMap<string, Findings>>> {
  const running = checks.map((check) => start(check, scene));
  await new Walk(scene, running).all(pieces, () => undefined);
  return new Map(running.map(({ check, docket }) => [check, docket.findings]));
}

function start(check: RecordedCheck, scene: Scene): Running {
  const docket = new Docket(scene, ladderLine);
  return { check, docket, watcher: check.start(scene, docket) };
}

class Faults {
  readonly kept: RecordingFault[] = [];
  /** Whether lines between others could not be read. */
  hasGaps = false;
  #count = 0;
  readonly #view: RunView;

  constructor(view: RunView) {
    this.#view = view;
  }

  add(faults: readonly RecordingFault[]): void {
    for (const fault of faults) {
      this.#count += 1;
      if (fault.code === 'LINE_INVALID') this.hasGaps = true;
      if (this.#count > MAX_FAULTS) continue;
      this.kept.push(fault);
      this.#view.note(faultText(fault));
    }
  }

  get texts(): readonly string[] {
    const more = this.#count - this.kept.length;
    return [...this.kept.map(faultText), ...(more > 0 ? [`and ${more} more`] : [])];
  }
}

/** Leads a recording past the watchers. */
class Walk {
  envelopes = 0;
  readonly #scene: Scene;
  readonly #watchers: readonly Watcher[];
  readonly #byKind = new Map<ContentKind, readonly ((seen: Seen) => void)[]>();
  readonly #metWatchers: readonly ((met: Met) => void)[];
  readonly #copies: Copies;
  readonly #signatures: SignatureJudge;

  constructor(scene: Scene, running: readonly Running[]) {
    this.#scene = scene;
    this.#watchers = running.map(({ watcher }) => watcher);
    this.#copies = new Copies(scene);
    const judged = this.#watchers.flatMap(({ signature }) => signature ?? []);
    this.#metWatchers = [
      ...this.#watchers.flatMap(({ met }) => met ?? []),
      ...(judged.length > 0
        ? [
            (met: Met) => {
              this.#signatures.take(met);
            },
          ]
        : []),
    ];
    this.#signatures = new SignatureJudge(scene, (signature) => {
      for (const watch of judged) watch(signature);
    });
  }

  get signatures(): RecordingRun['signatures'] {
    return this.#signatures.counts;
  }

  async all(
    pieces: AsyncIterable<RecordingPiece>,
    onFaults: (faults: readonly RecordingFault[]) => void,
    signal?: AbortSignal,
  ): Promise<void> {
    try {
      for await (const piece of pieces) {
        signal?.throwIfAborted();
        for (const recorded of piece.recorded) {
          this.#see(recorded);
          if (this.#signatures.isFull) await this.#signatures.settled();
        }
        onFaults(piece.faults);
      }
      await this.#signatures.settled(true);
    } finally {
      await this.#signatures[Symbol.asyncDispose]();
    }
    for (const { finish } of this.#watchers) finish?.();
  }

  #see(recorded: Recorded): void {
    switch (recorded.type) {
      case 'envelope': {
        this.envelopes += 1;
        const seen = open(recorded, this.#scene);
        if (seen.kind === 'unread') {
          for (const { unread } of this.#watchers) unread?.(seen);
          return;
        }
        const items = signedItemsIn(seen);
        for (const item of items) this.#learn(item);
        for (const watch of this.#watchersOf(seen.kind)) watch(seen);
        for (const item of items) this.#meet(item);
        return;
      }
      case 'opened':
        for (const { opened } of this.#watchers) opened?.(recorded);
        return;
      case 'ended':
        for (const { ended } of this.#watchers) ended?.(recorded);
        return;
      case 'mark':
        for (const { mark } of this.#watchers) mark?.(recorded);
    }
  }

  #learn({ content, authorId }: SignedItem): void {
    if (content.kind === 'aliveMsg') {
      this.#scene.setEndpoint(authorId, content.value.membership?.endpoint ?? '');
    }
    const carried = carriedIdentity(content);
    if (carried.length > 0 && this.#scene.identity(authorId) === undefined) this.#scene.learn(carried);
  }

  #meet(item: SignedItem): void {
    if (this.#metWatchers.length === 0) return;
    const met = this.#copies.meet(item);
    for (const watch of this.#metWatchers) watch(met);
  }

  #watchersOf(kind: ContentKind): readonly ((seen: Seen) => void)[] {
    const known = this.#byKind.get(kind);
    if (known !== undefined) return known;
    const found = this.#watchers.flatMap(({ kinds, envelope }) =>
      envelope === undefined || kinds?.includes(kind) === false ? [] : [envelope],
    );
    this.#byKind.set(kind, found);
    return found;
  }
}

/** Why the recording does not have it; undefined where it has. */
function missing(need: RecordedNeed, { manifest, timing, registry }: Scene): string | undefined {
  switch (need) {
    case 'timing':
      return timing === undefined ? 'the manifest does not tell the peers’ settings' : undefined;
    case 'between-peers':
      return manifest.vantage === 'between-peers'
        ? undefined
        : 'a recording of members does not show all that a peer sends';
    case 'channel':
      return manifest.channels.length === 0 ? 'the manifest names no channel' : undefined;
    case 'tls':
      return manifest.tls ? undefined : 'TLS is off in this recording';
    case 'organisations':
      return registry.mspIds().length === 0 ? 'the recording has no CAs of organisations' : undefined;
    case 'marks':
      return manifest.counts.marks === 0 && manifest.finished
        ? 'the recording has no marks of connections'
        : undefined;
  }
}

const targetOf = (manifest: Manifest, folder: string): RunResult['target'] => ({
  kind: 'recording',
  real: manifest.fabric.version !== null,
  description: `${basename(folder)}, ${manifest.vantage === 'member' ? 'by members' : 'between peers'}, TLS ${manifest.tls ? 'on' : 'off'}, of ${manifest.startedAt}`,
  fabricVersion: manifest.fabric.version ?? undefined,
  peers: manifest.identities.filter(({ role }) => role === 'peer').map(({ name }) => name),
});
