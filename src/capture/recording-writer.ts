import { createHash } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deserializeIdentity, pkiIdOf } from '../identity';
import type { Clock, Millis } from '../ports/clock';
import { isoTime } from '../ports/iso-time';
import type { Ending } from '../ports/transport';
import { decodeEnvelope, decodeMessage, describe, WireError, type GossipMessage } from '../wire';
import { CertificateStore } from './certificate-store';
import type { Manifest, RecordedIdentity, RecordedOrganisation, RecordingCounts } from './manifest';
import {
  ENVELOPES_FILE,
  FORMAT_VERSION,
  MANIFEST_FILE,
  RECORDING_FORMAT,
  type Instant,
  type RecordedKind,
  type Side,
} from './recording';
import { LineFile, writeError } from './recording-files';
import { RecordingWriteError } from './recording-error';

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

/** One end of a stream, as whoever records knows it. */
export interface PartyInfo {
  readonly name: string;
  readonly pkiId?: Uint8Array | undefined;
  /** The leaf certificate that it showed, in DER. */
  readonly certificate?: Uint8Array | undefined;
}

export interface StreamInfo {
  /** Who takes it down: the name of one of the two, or `proxy`. */
  readonly tap: string;
  readonly initiator: PartyInfo;
  readonly responder: PartyInfo;
  readonly tls: boolean;
}

export interface OrganisationCas {
  readonly mspId: string;
  /** PEM. */
  readonly rootCerts: readonly string[];
  readonly intermediateCerts?: readonly string[];
  readonly tlsRootCerts?: readonly string[];
}

export interface EnvelopeExtras {
  /** What a proxy did to it; see RecordedEnvelope. */
  readonly fault?: string | undefined;
  /** What another decoder made of it. */
  readonly decoded?: unknown;
}

/** Where taps and proxies put what they see. Times are the present unless an instant is given. */
export interface RecordingSink {
  /** A stream opened; returns its number. */
  open(stream: StreamInfo, at?: Instant): number;
  /** An Envelope passed, sent by that side; `bytes` is not kept. */
  envelope(stream: number, by: Side, bytes: Uint8Array, extras?: EnvelopeExtras, at?: Instant): void;
  end(stream: number, ending?: Ending, at?: Instant): void;
  /** Something else happened. */
  mark(event: string, details?: Readonly<Record<string, unknown>>, at?: Instant): void;
}

interface OpenStream {
  readonly info: StreamInfo;
  readonly pkiIds: Record<Side, string | undefined>;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

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
  readonly #organisations: RecordedOrganisation[] = [];
  readonly #identities = new Map<string, RecordedIdentity>();
  readonly #names = new Map<string, { readonly name: string; readonly role: RecordedIdentity['role'] }>();
  readonly #tlsCertificates = new Map<string, string>();
  readonly #streams = new Map<number, OpenStream>();
  readonly #kinds = new Map<string, number>();
  #fabric: Manifest['fabric'];
  #channels: readonly string[];
  #counts = { envelopes: 0, bytes: 0, streams: 0, marks: 0 };
  #lastUs = 0;
  #failure: RecordingWriteError | undefined;

  /** @throws RecordingWriteError where the folder cannot be made, or has a recording already. */
  constructor(options: RecordingWriterOptions) {
    const { folder, clock, header, gzip = false } = options;
    this.#options = options;
    this.folder = folder;
    this.#fabric = header.fabric;
    this.#channels = header.channels;
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
    this.#lines = new LineFile(join(folder, envelopesFile(gzip)), { gzip }, (why) => {
      this.#fail(why);
    });
    this.#writeManifest(undefined);
  }

  /** Adds an organisation's CAs; without them nobody can judge its identities. */
  addOrganisation({ mspId, rootCerts, intermediateCerts = [], tlsRootCerts = [] }: OrganisationCas): void {
    if (this.#organisations.some((known) => known.mspId === mspId)) return;
    const add = (kind: string, pems: readonly string[]): string[] =>
      pems.map((pem) => this.#certificates.add(`${kind}.${mspId}`, pem));
    this.#organisations.push({
      mspId,
      rootCerts: add('ca', rootCerts),
      intermediateCerts: add('intermediate', intermediateCerts),
      tlsRootCerts: add('tlsca', tlsRootCerts),
    });
    this.#writeManifest(undefined);
  }

  /** What is known of the peers only after the recording has begun. */
  describeNetwork(known: { fabric?: Manifest['fabric']; channels?: readonly string[] }): void {
    this.#fabric = known.fabric ?? this.#fabric;
    this.#channels = known.channels ?? this.#channels;
  }

  /** Names the holder of a PKI-ID, and says whether it is to be judged. */
  nameIdentity(pkiId: Uint8Array, name: string, role: RecordedIdentity['role']): void {
    const key = hex(pkiId);
    this.#names.set(key, { name, role });
    const known = this.#identities.get(key);
    if (known !== undefined) this.#identities.set(key, { ...known, name, role });
  }

  /** Adds an enrolment identity, as it travels; bytes that are none are not recorded. */
  addIdentity(serialized: Uint8Array): void {
    const parts = deserializeIdentity(serialized);
    if (parts === undefined) return;
    const pkiId = hex(pkiIdOf(parts.mspId, parts.idBytes));
    if (this.#identities.has(pkiId) || !isCertificate(parts.idBytes)) return;
    const { name, role } = this.#names.get(pkiId) ?? { name: pkiId.slice(0, 8), role: 'peer' as const };
    this.#guarded(() => {
      const certificate = this.#certificates.add(`${name}.sign`, parts.idBytes);
      this.#identities.set(pkiId, { pkiId, mspId: parts.mspId, name, role, certificate });
      this.#writeManifest(undefined);
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
    const { kind, summary, message } = read(bytes);
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
      to: this.#nameOf(stream, by === 'initiator' ? 'responder' : 'initiator') ?? to.name,
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
    return pkiId === undefined ? undefined : (this.#names.get(pkiId) ?? this.#identities.get(pkiId))?.name;
  }

  /** The hash of the certificate that it showed, which is kept. */
  #binding({ name, certificate }: PartyInfo): string | null {
    if (certificate === undefined) return null;
    const hash = createHash('sha256').update(certificate).digest('hex');
    if (!this.#tlsCertificates.has(hash)) {
      this.#guarded(() => {
        this.#tlsCertificates.set(hash, this.#certificates.addDer(`${name}.tls`, certificate));
        this.#writeManifest(undefined);
      });
    }
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
    const { header, gzip = false } = this.#options;
    const files = new Map(this.#certificates.files);
    if (hash !== undefined) files.set(envelopesFile(gzip), hash);
    const manifest: Manifest = {
      format: RECORDING_FORMAT,
      formatVersion: FORMAT_VERSION,
      ...header,
      fabric: this.#fabric,
      channels: this.#channels,
      startedAt: isoTime(this.#started.wallNanos),
      durationMs: Math.round(this.#lastUs / 1000),
      finished: hash !== undefined,
      organisations: this.#organisations,
      identities: [...this.#identities.values()],
      tlsCertificates: Object.fromEntries(this.#tlsCertificates),
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

/** Whether these bytes, which a remote chose, may be kept among the certificates. */
function isCertificate(pem: Uint8Array): boolean {
  const text = Buffer.from(pem).toString('latin1');
  return text.includes('BEGIN CERTIFICATE') && !text.includes('PRIVATE KEY');
}

const envelopesFile = (gzip: boolean): string => (gzip ? `${ENVELOPES_FILE}.gz` : ENVELOPES_FILE);

/** What an Envelope is, in a word and in a line. */
function read(bytes: Uint8Array): {
  kind: RecordedKind;
  summary: string;
  message: GossipMessage | undefined;
} {
  try {
    const message = decodeMessage(decodeEnvelope(bytes).payload);
    return { kind: message.content?.kind ?? 'none', summary: describe(message), message };
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return { kind: 'undecodable', summary: error.message, message: undefined };
  }
}
