import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { decodePem, pkiIdOf, serializeIdentity } from '../../identity';
import { hashedLines } from '../hashed-lines';
import { RecordingError, type RecordingFaultCode } from '../recording-error';
import type { OrganisationCas } from '../recorded-people';
import type { PartyInfo } from '../recording-sink';
import type { CapturedIdentity, CapturedLine, CaptureIndex } from './captured-line';

/** Not in the index. */
const ORDERER = { mspId: 'OrdererMSP', name: 'orderer' };

/** A capture on disk: its lines, and the folder that says who is who. */
export class CaptureSource {
  readonly path: string;
  readonly index: CaptureIndex;
  readonly #certificates: string;

  /** `path`: of the .jsonl or .jsonl.gz. @throws RecordingError where there is no capture. */
  constructor(path: string) {
    this.path = path;
    this.#certificates = path.replace(/\.jsonl(\.gz)?$/, '-certs');
    const file = join(this.#certificates, 'index.json');
    try {
      this.index = JSON.parse(readFileSync(file, 'utf8')) as CaptureIndex;
      if (typeof this.index.identities !== 'object') throw new TypeError('no identities in it');
    } catch (cause) {
      const message = 'this file should say whose messages these are, and cannot be read';
      throw fault('FILE_MISSING', file, undefined, message, cause);
    }
  }

  /** The lines in order. @throws RecordingError for one that is none of a capture's. */
  async *lines(): AsyncGenerator<CapturedLine> {
    for await (const { firstLine, lines, fault: broken } of hashedLines(this.path, undefined)) {
      for (const [index, text] of lines.entries()) yield this.#parse(text, firstLine + index);
      if (broken !== undefined) throw new RecordingError(broken);
    }
  }

  /** Everybody by name, such as org1.peer0 or probe0. */
  parties(): ReadonlyMap<string, PartyInfo & { readonly serialized: Uint8Array }> {
    return new Map(
      Object.entries(this.index.identities).map(([pkiId, { name, mspid, sign, tls }]) => [
        name,
        {
          name,
          pkiId: Buffer.from(pkiId, 'hex'),
          certificate: decodePem(this.#read(tls))?.bytes,
          serialized: serializeIdentity({ mspId: mspid, idBytes: Buffer.from(this.#read(sign), 'latin1') }),
        },
      ]),
    );
  }

  /** The CAs of each organisation that somebody is of: `ca.org1.pem` and `tlsca.org1.pem` for org1.peer0. */
  organisations(): readonly OrganisationCas[] {
    const files = new Set(readdirSync(this.#certificates));
    const byMsp = new Map(
      Object.values(this.index.identities).map(({ mspid, name }: CapturedIdentity) => [
        mspid,
        name.split('.')[0] ?? '',
      ]),
    );
    byMsp.set(ORDERER.mspId, ORDERER.name);
    return [...byMsp].flatMap(([mspId, org]) => {
      if (!files.has(`ca.${org}.pem`)) return [];
      const tlsRootCerts = files.has(`tlsca.${org}.pem`) ? [this.#read(`tlsca.${org}.pem`)] : [];
      return [{ mspId, rootCerts: [this.#read(`ca.${org}.pem`)], tlsRootCerts }];
    });
  }

  /** The orderer's serialized identity, if it is there; it does not gossip, but signs blocks. */
  orderer(): (PartyInfo & { readonly serialized: Uint8Array }) | undefined {
    const file = `${ORDERER.name}.sign.pem`;
    if (!readdirSync(this.#certificates).includes(file)) return undefined;
    const idBytes = Buffer.from(this.#read(file), 'latin1');
    const { mspId, name } = ORDERER;
    return { name, pkiId: pkiIdOf(mspId, idBytes), serialized: serializeIdentity({ mspId, idBytes }) };
  }

  #read(name: string): string {
    return readFileSync(join(this.#certificates, name), 'latin1');
  }

  #parse(text: string, line: number): CapturedLine {
    try {
      const parsed = JSON.parse(text) as CapturedLine;
      if (typeof parsed.t !== 'number') throw new TypeError('no time in it');
      return parsed;
    } catch (cause) {
      throw fault('LINE_INVALID', this.path, line, 'the line is none of a capture’s', cause);
    }
  }
}

const fault = (
  code: RecordingFaultCode,
  file: string,
  line: number | undefined,
  message: string,
  cause: unknown,
): RecordingError => new RecordingError({ code, file, line, message }, { cause });
