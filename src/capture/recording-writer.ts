import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock, Millis } from '../ports/clock';
import { isoTime } from '../ports/iso-time';
import type { Ending } from '../ports/transport';
import { hex, type GossipMessage } from '../wire';
import { CertificateStore } from './certificate-store';
import { glanceAt } from './glance';
import type { Manifest, RecordingCounts } from './manifest';
import { RecordedPeople, tlsHashOf, type Naming, type OrganisationCas } from './recorded-people';
import {
  ENVELOPES_FILE,
  FORMAT_VERSION,
  MANIFEST_FILE,
  RECORDING_FORMAT,
  otherSide,
  type Instant,
  type Side,
} from './recording';
import { LineFile, writeError } from './recording-files';
import { RecordingWriteError } from './recording-error';
import type { EnvelopeExtras, PartyInfo, RecordingSink, StreamInfo } from './recording-sink';

/** What a manifest says from the beginning. */
export type RecordingHeader = Pick<
  Manifest,
  | 'tool'
  | 'command'
  | 'host'
  | 'vantage'
  | 'fabric'
  | 'tls'
  | 'channels'
  | 'scenario'
  | 'seed'
  | 'timing'
  | 'settings'
>;

export interface RecordingWriterOptions {
  /** Made if it is not there; a recording that is there already is not written over. */
  readonly folder: string;
  readonly header: RecordingHeader;
  readonly clock: Clock;
  readonly gzip?: boolean;
  /** Told once, at once, when nothing more can be written; `close` rejects with the same. */
  readonly onFailure?: (why: RecordingWriteError) => void;
}

interface OpenStream {
  readonly info: StreamInfo;
  readonly pkiIds: Record<Side, string | undefined>;
}

/**
 * Writes a recording as it happens: memory does not grow with its length. Identities are taken from the messages that
 * carry them; certificates only, never a key.
 */
export class RecordingWriter implements RecordingSink {
  readonly folder: string;
  readonly #options: RecordingWriterOptions;
  readonly #started: { readonly now: Millis; readonly wallNanos: bigint };
  readonly #lines: LineFile;
  readonly #certificates: CertificateStore;
  readonly #people: RecordedPeople;
  readonly #streams = new Map<number, OpenStream>();
  readonly #kinds = new Map<string, number>();
  #header: RecordingHeader;
  #counts = { envelopes: 0, bytes: 0, streams: 0, marks: 0 };
  #lastUs = 0;
  #failure: RecordingWriteError | undefined;

  /** @throws RecordingWriteError where the folder cannot be made, or has a recording already. */
  constructor(options: RecordingWriterOptions) {
    const { folder, clock, header, gzip = false } = options;
    this.#options = options;
    this.folder = folder;
    this.#header = header;
    this.#started = { now: clock.now(), wallNanos: clock.wallNanos() };
    try {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, MANIFEST_FILE), '', { flag: 'wx' });
    } catch (error) {
      const exists = error instanceof Error && 'code' in error && error.code === 'EEXIST';
      throw exists
        ? new RecordingWriteError(`${folder} has a recording already, which is not written over`, {
            cause: error,
          })
        : writeError(folder, error);
    }
    this.#certificates = new CertificateStore(folder);
    this.#people = new RecordedPeople(this.#certificates);
    this.#lines = new LineFile(join(folder, envelopesFile(gzip)), { gzip }, (why) => {
      this.#fail(why);
    });
    this.#writeManifest(undefined);
  }

  /** Adds an organisation's CAs; without them nobody can judge its identities. */
  addOrganisation(cas: OrganisationCas): void {
    if (this.#people.addOrganisation(cas)) this.#writeManifest(undefined);
  }

  /** What is known of the peers only after the recording has begun. */
  describeNetwork(known: Partial<Pick<RecordingHeader, 'fabric' | 'channels' | 'settings'>>): void {
    this.#header = { ...this.#header, ...known };
  }

  /** Names the holder of a PKI-ID, and says whether it is to be judged. */
  nameIdentity(pkiId: Uint8Array, naming: Naming): void {
    this.#people.name(pkiId, naming);
  }

  /** Adds an enrolment identity, as it travels; bytes that are none are not recorded. */
  addIdentity(serialized: Uint8Array): void {
    this.#guarded(() => {
      if (this.#people.addIdentity(serialized)) this.#writeManifest(undefined);
    });
  }

  open(info: StreamInfo, at = this.#now()): number {
    this.#counts.streams += 1;
    const stream = this.#counts.streams;
    const idOf = ({ pkiId }: PartyInfo): string | undefined => pkiId && hex(pkiId);
    const pkiIds = { initiator: idOf(info.initiator), responder: idOf(info.responder) };
    this.#streams.set(stream, { info, pkiIds });
    this.#line(at, {
      event: 'stream',
      stream,
      tap: info.tap,
      initiator: info.initiator.name,
      responder: info.responder.name,
      initiatorPkiId: pkiIds.initiator ?? null,
      responderPkiId: pkiIds.responder ?? null,
      tls: info.tls
        ? { initiator: this.#binding(info.initiator), responder: this.#binding(info.responder) }
        : null,
    });
    return stream;
  }

  envelope(number: number, by: Side, bytes: Uint8Array, extras: EnvelopeExtras = {}, at = this.#now()): void {
    const stream = this.#streams.get(number);
    if (stream === undefined || this.#failure !== undefined) return;
    const { kind, summary, message } = glanceAt(bytes);
    if (message !== undefined) this.#learn(number, stream, by, message, at);
    this.#counts.envelopes += 1;
    this.#counts.bytes += bytes.length;
    this.#kinds.set(kind, (this.#kinds.get(kind) ?? 0) + 1);
    const { initiator, responder } = stream.info;
    const [from, to] = by === 'initiator' ? [initiator, responder] : [responder, initiator];
    const { fault, decoded } = extras;
    this.#line(at, {
      stream: number,
      by,
      from: this.#nameOf(stream, by) ?? from.name,
      to: this.#nameOf(stream, otherSide(by)) ?? to.name,
      kind,
      len: bytes.length,
      envelope: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64'),
      summary,
      ...(fault === undefined ? {} : { fault }),
      ...(decoded === undefined ? {} : { decoded }),
    });
  }

  end(stream: number, ending?: Ending, at = this.#now()): void {
    if (!this.#streams.delete(stream)) return;
    this.#line(at, {
      event: 'stream-end',
      stream,
      code: ending?.code ?? null,
      details: ending?.details ?? '',
    });
  }

  mark(event: string, details: Readonly<Record<string, unknown>> = {}, at = this.#now()): void {
    this.#counts.marks += 1;
    this.#line(at, { event, details });
  }

  /** A point in time by the clock of the recording. */
  instant(nowMs: Millis, wallNanos: bigint): Instant {
    return { us: Math.round((nowMs - this.#started.now) * 1000), wallUs: Number(wallNanos / 1000n) };
  }

  /** What was recorded so far. */
  get counts(): RecordingCounts {
    return {
      ...this.#counts,
      kinds: Object.fromEntries([...this.#kinds].sort(([a], [b]) => (a < b ? -1 : 1))),
    };
  }

  /** Resolves once the disk has caught up; whoever writes faster than in real time waits for it now and then. */
  drained(): Promise<void> {
    return this.#lines.drained();
  }

  /** Ends the recording. Resolves to its manifest. @throws RecordingWriteError; what is there can still be read. */
  async close(): Promise<Manifest> {
    const hash = await this.#lines.close();
    if (this.#failure !== undefined) throw this.#failure;
    return this.#writeManifest(hash);
  }

  #learn(number: number, stream: OpenStream, by: Side, { content }: GossipMessage, at: Instant): void {
    if (content?.kind === 'conn') {
      this.addIdentity(content.value.identity);
      const pkiId = hex(content.value.pkiId);
      if (stream.pkiIds[by] === undefined && pkiId !== '') {
        stream.pkiIds[by] = pkiId;
        const name = this.#nameOf(stream, by) ?? stream.info[by].name;
        this.#line(at, { event: 'identified', stream: number, side: by, name, pkiId });
      }
    } else if (content?.kind === 'aliveMsg') {
      this.addIdentity(content.value.identity);
    }
  }

  #nameOf({ pkiIds }: OpenStream, side: Side): string | undefined {
    const pkiId = pkiIds[side];
    return pkiId === undefined ? undefined : this.#people.nameOf(pkiId);
  }

  /** The hash of the certificate that it showed, which is kept. */
  #binding({ name, certificate }: PartyInfo): string | null {
    if (certificate === undefined) return null;
    const hash = tlsHashOf(certificate);
    this.#guarded(() => {
      if (this.#people.addTlsCertificate(hash, name, certificate)) this.#writeManifest(undefined);
    });
    return hash;
  }

  #now(): Instant {
    const { clock } = this.#options;
    return this.instant(clock.now(), clock.wallNanos());
  }

  #line({ us, wallUs }: Instant, rest: Readonly<Record<string, unknown>>): void {
    this.#lastUs = Math.max(this.#lastUs, us);
    this.#lines.write(JSON.stringify({ us, wallUs, ...rest }));
  }

  /** `hash`: of the file of envelopes, at the end. */
  #writeManifest(hash: string | undefined): Manifest {
    const { gzip = false } = this.#options;
    const files = new Map(this.#certificates.files);
    if (hash !== undefined) files.set(envelopesFile(gzip), hash);
    const manifest: Manifest = {
      format: RECORDING_FORMAT,
      formatVersion: FORMAT_VERSION,
      ...this.#header,
      startedAt: isoTime(this.#started.wallNanos),
      durationMs: Math.round(this.#lastUs / 1000),
      finished: hash !== undefined,
      ...this.#people.told,
      counts: this.counts,
      files: Object.fromEntries(files),
    };
    // A reader never sees half a manifest.
    const path = join(this.folder, MANIFEST_FILE);
    try {
      writeFileSync(`${path}.new`, `${JSON.stringify(manifest, undefined, 2)}\n`);
      renameSync(`${path}.new`, path);
    } catch (error) {
      throw writeError(path, error);
    }
    return manifest;
  }

  /** What fails in the middle of a message must not reach whoever sent it. */
  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof RecordingWriteError)) throw error;
      this.#fail(error);
    }
  }

  #fail(why: RecordingWriteError): void {
    if (this.#failure !== undefined) return;
    this.#failure = why;
    this.#options.onFailure?.(why);
  }
}

const envelopesFile = (gzip: boolean): string => (gzip ? `${ENVELOPES_FILE}.gz` : ENVELOPES_FILE);
