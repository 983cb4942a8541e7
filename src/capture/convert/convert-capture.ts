import type { Clock } from '../../ports/clock';
import type { Manifest } from '../manifest';
import { otherSide, type Instant, type Side } from '../recording';
import type { PartyInfo } from '../recording-sink';
import { RecordingWriter, type RecordingHeader } from '../recording-writer';
import { CaptureSource } from './capture-source';
import { wallUsOf, type CapturedLine } from './captured-line';

export interface ConvertOptions {
  /** The .jsonl or .jsonl.gz of a capture, with its folder of certificates beside it. */
  readonly source: string;
  /** Where to; must not have a recording yet. */
  readonly folder: string;
  readonly gzip: boolean;
  readonly header: Pick<RecordingHeader, 'tool' | 'command' | 'host'>;
  /** The key below peer.gossip for the end of an environment variable's name: ALIVETIMEINTERVAL. */
  readonly settingOf: (variable: string) => string;
}

/** Turns a capture into a recording. @throws RecordingError, RecordingWriteError */
export async function convertCapture(options: ConvertOptions): Promise<Manifest> {
  const source = new CaptureSource(options.source);
  const survey = await surveyOf(source);
  const { index } = source;
  const writer = new RecordingWriter({
    folder: options.folder,
    gzip: options.gzip,
    clock: stoppedClock(survey.startUs),
    header: {
      ...options.header,
      vantage: survey.isBetweenPeers ? 'between-peers' : 'member',
      fabric: { version: index.version.replace(/^v/, ''), builds: {} },
      tls: index.tls,
      channels: [index.channel],
      scenario: survey.events,
      seed: null,
      timing: null,
      settings: Object.fromEntries(
        Object.entries(index.gossipConfigOfOrg1Peer0 ?? {}).map(([name, value]) => [
          options.settingOf(name),
          value,
        ]),
      ),
    },
  });
  for (const organisation of source.organisations()) writer.addOrganisation(organisation);
  const parties = source.parties();
  const orderer = source.orderer();
  for (const { name, pkiId, serialized } of [...parties.values(), ...(orderer ? [orderer] : [])]) {
    if (pkiId !== undefined) writer.nameIdentity(pkiId, { name, role: isProbe(name) ? 'tester' : 'peer' });
    writer.addIdentity(serialized);
  }
  const conversion = new Conversion(writer, survey, parties, index.tls);
  for await (const line of source.lines()) {
    conversion.take(line);
    await writer.drained();
  }
  return writer.close();
}

const isProbe = (name: string): boolean => name.includes('probe');

interface Survey {
  readonly startUs: number;
  readonly isBetweenPeers: boolean;
  /** What was done to the network, each once. */
  readonly events: readonly string[];
  /** PKI-ID (hex) of whoever was at the other end, by probe and address. */
  readonly remotes: ReadonlyMap<string, string>;
}

const isPlayed = /^(SIG|start again|block added|probe1)/;

/** A first pass: a probe learns who is at the other end only after a stream has begun. */
async function surveyOf(source: CaptureSource): Promise<Survey> {
  let startUs: number | undefined;
  let isBetweenPeers = false;
  const events = new Set<string>();
  const remotes = new Map<string, string>();
  for await (const line of source.lines()) {
    startUs ??= wallUsOf(line);
    isBetweenPeers ||= line.conn !== undefined;
    if (line.event !== undefined && isPlayed.test(line.event)) events.add(line.event);
    const pkiId = line.remotePkiId ?? line.pkiId;
    if (pkiId !== undefined && line.remote !== undefined) remotes.set(remoteKey(line), pkiId);
  }
  return { startUs: startUs ?? 0, isBetweenPeers, events: [...events], remotes };
}

const remoteKey = ({ probe, role, remote }: CapturedLine): string =>
  `${probe ?? ''} ${role ?? ''} ${remote ?? ''}`;

/** What a line says besides what every line has. */
const common: ReadonlySet<string> = new Set(['t', 'iso', 'us', 'event']);

class Conversion {
  readonly #writer: RecordingWriter;
  readonly #survey: Survey;
  readonly #parties: ReadonlyMap<string, PartyInfo>;
  readonly #nameOf: ReadonlyMap<string, string>;
  readonly #tls: boolean;
  /** Open streams by what tells them apart in the capture. */
  readonly #streams = new Map<string, number>();
  /** Statuses of calls, told when their connection closes: messages are still told of after a status. */
  readonly #statuses = new Map<string, number>();

  constructor(
    writer: RecordingWriter,
    survey: Survey,
    parties: ReadonlyMap<string, PartyInfo>,
    tls: boolean,
  ) {
    this.#writer = writer;
    this.#survey = survey;
    this.#parties = parties;
    this.#nameOf = new Map(
      [...parties.values()].map(({ name, pkiId = new Uint8Array() }) => [
        Buffer.from(pkiId).toString('hex'),
        name,
      ]),
    );
    this.#tls = tls;
  }

  take(line: CapturedLine): void {
    const wallUs = wallUsOf(line);
    const at = { us: wallUs - this.#survey.startUs, wallUs };
    if (line.event !== undefined) this.#event(line, line.event, at);
    else if (line.conn !== undefined) this.#betweenPeers(line, line.conn, at);
    else this.#ofProbe(line, at);
  }

  #event(line: CapturedLine, event: string, at: Instant): void {
    const key = line.conn === undefined ? remoteKey(line) : String(line.conn);
    if (event === 'call-end' && line.status !== undefined) this.#statuses.set(key, line.status);
    if (event === 'connection-closed' || event === 'closed') this.#end(key, line.why ?? '', at);
    const details = Object.fromEntries(Object.entries(line).filter(([name]) => !common.has(name)));
    this.#writer.mark(event, details, at);
  }

  #end(key: string, details: string, at: Instant): void {
    const stream = this.#streams.get(key);
    this.#streams.delete(key);
    const code = this.#statuses.get(key);
    this.#statuses.delete(key);
    if (stream !== undefined)
      this.#writer.end(stream, code === undefined ? undefined : { code, details }, at);
  }

  #betweenPeers(line: CapturedLine, conn: number, at: Instant): void {
    const { from = '', to = '', role } = line;
    const by: Side = role === 'client' ? 'initiator' : 'responder';
    const [initiator, responder] = by === 'initiator' ? [from, to] : [to, from];
    const stream =
      this.#streams.get(String(conn)) ??
      this.#open(String(conn), 'proxy', this.#party(initiator), this.#party(responder), at);
    this.#pass(line, stream, by, at);
  }

  #ofProbe(line: CapturedLine, at: Instant): void {
    const { probe = '', role, dir, remote = '', kind } = line;
    const key = remoteKey(line);
    const side: Side = role === 'client' ? 'initiator' : 'responder';
    // Whoever dials an address again begins with a ConnEstablish; an address that dials is used once.
    if (side === 'initiator' && dir === 'out' && kind === 'conn') this.#end(key, '', at);
    const own = this.#party(`org1.${probe}`);
    const name = this.#nameOf.get(this.#survey.remotes.get(key) ?? '') ?? remote;
    const other = this.#party(name);
    const stream =
      this.#streams.get(key) ??
      (side === 'initiator'
        ? this.#open(key, own.name, own, other, at)
        : this.#open(key, own.name, other, own, at));
    this.#pass(line, stream, dir === 'out' ? side : otherSide(side), at);
  }

  #open(key: string, tap: string, initiator: PartyInfo, responder: PartyInfo, at: Instant): number {
    const stream = this.#writer.open({ tap, initiator, responder, tls: this.#tls }, at);
    this.#streams.set(key, stream);
    return stream;
  }

  #pass({ envelope = '', decoded }: CapturedLine, stream: number, by: Side, at: Instant): void {
    this.#writer.envelope(stream, by, Buffer.from(envelope, 'base64'), { decoded }, at);
  }

  #party(name: string): PartyInfo {
    return this.#parties.get(name) ?? { name };
  }
}

/** The time at which a capture began. */
const stoppedClock = (wallUs: number): Clock => ({
  now: () => 0,
  wallNanos: () => BigInt(Math.round(wallUs)) * 1000n,
  after: () => ({ cancel: () => undefined }),
});
