import { FORMAT_VERSION, RECORDING_FORMAT } from './recording';
import { RecordingError } from './recording-error';

/** What was recorded: who made it, of what, how. Paths are relative to the recording's folder. */
export interface Manifest {
  readonly format: typeof RECORDING_FORMAT;
  readonly formatVersion: number;
  readonly tool: { readonly name: string; readonly version: string };
  /** What made it, as it was typed. */
  readonly command: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly durationMs: number;
  /** False until the recorder has come to its end: then there are hashes and counts. */
  readonly finished: boolean;
  readonly host: string;
  /** `between-peers`: a proxy saw everything that peers said to each other; `member`: what some members saw. */
  readonly vantage: Vantage;
  readonly fabric: {
    /** As the programs say themselves; null where nobody knows, or it is no Fabric. */
    readonly version: string | null;
    /** Image digests or versions of programs, by what they are of. */
    readonly builds: Readonly<Record<string, string>>;
  };
  readonly tls: boolean;
  readonly channels: readonly string[];
  readonly scenario: readonly string[];
  readonly seed: string | null;
  /** `fast`, `fabric`, …; null where nobody knows. */
  readonly timing: string | null;
  /** Keys below `peer.gossip` as the peers have them: `aliveTimeInterval: 500ms`. */
  readonly settings: Readonly<Record<string, string>>;
  readonly organisations: readonly RecordedOrganisation[];
  readonly identities: readonly RecordedIdentity[];
  /** TLS leaf certificates by the SHA-256 of their DER, in hex. */
  readonly tlsCertificates: Readonly<Record<string, string>>;
  readonly counts: RecordingCounts;
  /** SHA-256 of each file of the recording, in hex, by its path; the manifest's own is not among them. */
  readonly files: Readonly<Record<string, string>>;
}

export type Vantage = 'member' | 'between-peers';

/** The CAs of an organisation: paths of PEM files. */
export interface RecordedOrganisation {
  readonly mspId: string;
  readonly rootCerts: readonly string[];
  readonly intermediateCerts: readonly string[];
  readonly tlsRootCerts: readonly string[];
}

export interface RecordedIdentity {
  /** Hex. */
  readonly pkiId: string;
  readonly mspId: string;
  readonly name: string;
  /** Testers are ours and may say anything; what is judged are peers. */
  readonly role: 'peer' | 'tester';
  /** `own`: they are not those of `settings`, so that nothing of it is judged by them. */
  readonly timers?: 'own';
  /** Path of the enrolment certificate. */
  readonly certificate: string;
}

export interface RecordingCounts {
  readonly envelopes: number;
  /** Of all envelopes. */
  readonly bytes: number;
  readonly streams: number;
  readonly marks: number;
  readonly kinds: Readonly<Record<string, number>>;
}

/** @throws RecordingError for a text that is no manifest of ours, or of a version that nobody knew when this was written. */
export function parseManifest(text: string, file: string): Manifest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new RecordingError(
      { code: 'MANIFEST_INVALID', file, line: undefined, message: 'it is no JSON' },
      { cause },
    );
  }
  const fault = (code: 'OTHER_TOOL' | 'UNKNOWN_VERSION' | 'MANIFEST_INVALID', message: string): never => {
    throw new RecordingError({ code, file, line: undefined, message });
  };
  if (!isObject(json) || json['format'] !== RECORDING_FORMAT) {
    return fault('OTHER_TOOL', `it is no manifest of a recording: "format" is not "${RECORDING_FORMAT}"`);
  }
  if (json['formatVersion'] !== FORMAT_VERSION) {
    const { formatVersion } = json;
    const said = formatVersion === undefined ? 'none' : JSON.stringify(formatVersion);
    return fault(
      'UNKNOWN_VERSION',
      `the recording has format version ${said}; this program reads ${FORMAT_VERSION}`,
    );
  }
  if (!isManifest(json)) {
    return fault('MANIFEST_INVALID', `"${wrongFields(json)[0] ?? ''}" is missing or has another form`);
  }
  return json;
}

/** The fields that are missing or of another form. */
const wrongFields = (json: Readonly<Record<string, unknown>>): string[] =>
  Object.entries(shape).flatMap(([name, fits]) => (fits(json[name]) ? [] : [name]));

const isManifest = (json: Readonly<Record<string, unknown>>): json is Record<string, unknown> & Manifest =>
  wrongFields(json).length === 0;

type Fits = (value: unknown) => boolean;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText: Fits = (value) => typeof value === 'string';
const isNumber: Fits = (value) => typeof value === 'number';
const orNull =
  (fits: Fits): Fits =>
  (value) =>
    value === null || fits(value);
const listOf =
  (fits: Fits): Fits =>
  (value) =>
    Array.isArray(value) && value.every(fits);
const mapOf =
  (fits: Fits): Fits =>
  (value) =>
    isObject(value) && Object.values(value).every(fits);
const objectOf =
  (fields: Readonly<Record<string, Fits>>): Fits =>
  (value) =>
    isObject(value) && Object.entries(fields).every(([name, fits]) => fits(value[name]));
const oneOf =
  (...values: readonly unknown[]): Fits =>
  (value) =>
    values.includes(value);
const isHex: Fits = (value) => typeof value === 'string' && /^([0-9a-f]{2})+$/.test(value);
/** Below the recording's folder, whatever the manifest says. */
const isPath: Fits = (value) =>
  typeof value === 'string' && value !== '' && !/^[/\\]|:|(^|[/\\])\.\.([/\\]|$)/.test(value);

const shape: Readonly<Record<Exclude<keyof Manifest, 'format' | 'formatVersion'>, Fits>> = {
  tool: objectOf({ name: isText, version: isText }),
  command: isText,
  startedAt: isText,
  durationMs: isNumber,
  finished: oneOf(true, false),
  host: isText,
  vantage: oneOf('member', 'between-peers'),
  fabric: objectOf({ version: orNull(isText), builds: mapOf(isText) }),
  tls: oneOf(true, false),
  channels: listOf(isText),
  scenario: listOf(isText),
  seed: orNull(isText),
  timing: orNull(isText),
  settings: mapOf(isText),
  organisations: listOf(
    objectOf({
      mspId: isText,
      rootCerts: listOf(isPath),
      intermediateCerts: listOf(isPath),
      tlsRootCerts: listOf(isPath),
    }),
  ),
  identities: listOf(
    objectOf({
      pkiId: isHex,
      mspId: isText,
      name: isText,
      role: oneOf('peer', 'tester'),
      timers: oneOf(undefined, 'own'),
      certificate: isPath,
    }),
  ),
  tlsCertificates: mapOf(isPath),
  counts: objectOf({
    envelopes: isNumber,
    bytes: isNumber,
    streams: isNumber,
    marks: isNumber,
    kinds: mapOf(isNumber),
  }),
  files: mapOf(isHex),
};
