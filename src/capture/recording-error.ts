/** What is wrong with a recording; stable codes. */
export type RecordingFaultCode =
  | 'NO_RECORDING' // there is no such folder, or no manifest in it
  | 'OTHER_TOOL' // the manifest is another program's
  | 'UNKNOWN_VERSION' // the manifest has a format version that this program does not know
  | 'MANIFEST_INVALID' // the manifest lacks something, or has something else in its place
  | 'UNFINISHED' // whoever recorded did not come to its end: there are no hashes
  | 'FILE_MISSING' // a file that the manifest names is not there
  | 'FILE_UNREADABLE' // it cannot be read, or is no gzip though it should be
  | 'WRONG_HASH' // a file is not the one that was recorded
  | 'TRUNCATED' // a file ends within a line
  | 'LINE_INVALID' // a line is no JSON, or lacks something
  | 'CERTIFICATE_MISSING' // a certificate that the recording refers to is not in it
  | 'CERTIFICATE_INVALID' // a file of certificates holds something else
  | 'PRIVATE_KEY'; // a file of certificates holds a private key: it must not be passed on

/** Something wrong with a recording, and where. */
export interface RecordingFault {
  readonly code: RecordingFaultCode;
  /** The file's path. */
  readonly file: string;
  /** Counted from 1; undefined where the whole file is meant. */
  readonly line: number | undefined;
  /** One sentence, without the place. */
  readonly message: string;
}

/** `envelopes.jsonl:17: the line is no JSON`. */
export const faultText = ({ file, line, message }: RecordingFault): string =>
  `${file}${line === undefined ? '' : `:${line}`}: ${message}`;

/** A recording that cannot be read at all. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError';
  readonly fault: RecordingFault;

  constructor(fault: RecordingFault, options?: ErrorOptions) {
    super(faultText(fault), options);
    this.fault = fault;
  }
}

/** A recording could not be written: one clear sentence. What was written until then is kept, without its end. */
export class RecordingWriteError extends Error {
  override readonly name = 'RecordingWriteError';
}
