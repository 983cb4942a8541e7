import { expect } from 'chai';
import { appendFileSync, existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  faultText,
  RecordingError,
  RecordingReader,
  RecordingWriteError,
  RecordingWriter,
  type Manifest,
  type Recorded,
  type RecordingFault,
} from '../../src/capture';
import { LineFile } from '../../src/capture/recording-files';
import { issueOrganisation } from '../../src/identity';
import { encodeEnvelope, encodeMessage, envelope, gossipMessage, PullMsgType, Tag } from '../../src/wire';
import { header, privateKeyPem, temporaryFolder, tickingClock } from './support';

const NOW_MS = Date.UTC(2026, 10, 22);

const hello = encodeEnvelope(
  envelope(
    encodeMessage(
      gossipMessage({
        tag: Tag.EMPTY,
        content: { kind: 'hello', value: { nonce: 2n ** 63n, msgType: PullMsgType.IDENTITY_MSG } },
      }),
    ),
  ),
);

/** A recording of one stream with `count` Hellos. */
async function record(folder: string, count = 3, gzip = false): Promise<Manifest> {
  const writer = new RecordingWriter({ folder, header, clock: tickingClock(), gzip });
  const stream = writer.open({
    tap: 'proxy',
    initiator: { name: 'org1.peer0', pkiId: Uint8Array.of(1) },
    responder: { name: 'org1.peer1' },
    tls: false,
  });
  for (let n = 0; n < count; n++) writer.envelope(stream, n % 2 === 0 ? 'initiator' : 'responder', hello);
  writer.mark('block added', { number: 5 });
  writer.end(stream, { code: 0, details: '' });
  return writer.close();
}

async function readAll(folder: string): Promise<{ recorded: Recorded[]; faults: RecordingFault[] }> {
  const reader = new RecordingReader(folder);
  const faults = [...reader.faults];
  const recorded: Recorded[] = [];
  for await (const piece of reader.pieces()) {
    recorded.push(...piece.recorded);
    faults.push(...piece.faults);
  }
  return { recorded, faults };
}

const codes = (faults: readonly RecordingFault[]): string[] => faults.map(({ code }) => code);

describe('a recording', () => {
  for (const gzip of [false, true]) {
    it(`is read as it was written${gzip ? ', gzipped' : ''}`, async () => {
      using folder = temporaryFolder();
      const manifest = await record(folder.path, 3, gzip);
      expect(manifest.counts).to.deep.equal({
        envelopes: 3,
        bytes: 3 * hello.length,
        streams: 1,
        marks: 1,
        kinds: { hello: 3 },
      });
      const { recorded, faults } = await readAll(folder.path);
      expect(faults).to.deep.equal([]);
      expect(recorded.map(({ type }) => type)).to.deep.equal([
        'opened',
        'envelope',
        'envelope',
        'envelope',
        'mark',
        'ended',
      ]);
      const second = recorded[2];
      if (second?.type !== 'envelope') throw new Error('no envelope');
      expect(second).to.deep.include({ by: 'responder', kind: 'hello', line: 3 });
      expect(second.from).to.deep.equal({ name: 'org1.peer1', pkiId: undefined });
      expect(second.to).to.deep.equal({ name: 'org1.peer0', pkiId: '01' });
      expect(Buffer.from(second.bytes).equals(hello)).to.be.true;
      expect(new RecordingReader(folder.path).manifest).to.deep.equal(manifest);
    });
  }

  it('keeps the certificates that it is given, each once, and no key', async () => {
    using folder = temporaryFolder();
    const writer = new RecordingWriter({ folder: folder.path, header, clock: tickingClock() });
    const org = await issueOrganisation({ mspId: 'Org1MSP', domain: 'org1.example.com', nowMs: NOW_MS });
    const peer = await org.issue({ name: 'peer0', role: 'peer' });
    const { serialized, pkiId } = peer.identity;
    writer.addOrganisation({ mspId: 'Org1MSP', rootCerts: org.msp.config.rootCerts });
    writer.nameIdentity(pkiId, { name: 'org1.peer0', role: 'peer' });
    writer.addIdentity(serialized);
    writer.addIdentity(serialized);
    expect(() => {
      writer.addOrganisation({ mspId: 'Org2MSP', rootCerts: [privateKeyPem()] });
    }).to.throw(TypeError, 'private key');
    const { identities } = await writer.close();
    expect(identities).to.have.length(1);
    expect(identities[0]).to.include({ name: 'org1.peer0', mspId: 'Org1MSP', role: 'peer' });
    const reader = new RecordingReader(folder.path);
    expect(reader.faults).to.deep.equal([]);
    expect(reader.certificate(identities[0]?.certificate ?? '')).to.contain('BEGIN CERTIFICATE');
  });

  it('is not written over another', async () => {
    using folder = temporaryFolder();
    await record(folder.path);
    expect(() => new RecordingWriter({ folder: folder.path, header, clock: tickingClock() })).to.throw(
      RecordingWriteError,
      'not written over',
    );
  });

  it('on a full disk ends with a clear message', async function () {
    if (!existsSync('/dev/full')) this.skip();
    const told: string[] = [];
    const file = new LineFile('/dev/full', { gzip: false }, (why) => {
      told.push(why.message);
    });
    file.write('a line');
    const error = await file.close().then(
      () => undefined,
      (why: unknown) => why,
    );
    expect(error).to.be.instanceOf(RecordingWriteError);
    expect(String(error)).to.contain('/dev/full cannot be written: the disk is full');
    expect(told).to.have.length(1);
  });
});

describe('a damaged recording', () => {
  it('that ends within a line: the rest can be used, file and line are told', async () => {
    using folder = temporaryFolder();
    await record(folder.path);
    const path = join(folder.path, 'envelopes.jsonl');
    truncateSync(path, readFileSync(path).length - 9);
    const { recorded, faults } = await readAll(folder.path);
    expect(recorded).to.have.length(5);
    expect(codes(faults)).to.deep.equal(['TRUNCATED', 'WRONG_HASH']);
    expect(faultText(faults[0] ?? fail())).to.equal(
      `${path}:6: the file ends within this line, which is left out`,
    );
  });

  it('whose gzip is cut off', async () => {
    using folder = temporaryFolder();
    await record(folder.path, 500, true);
    const path = join(folder.path, 'envelopes.jsonl.gz');
    truncateSync(path, readFileSync(path).length - 9);
    const { faults } = await readAll(folder.path);
    expect(codes(faults)).to.deep.equal(['FILE_UNREADABLE']);
  });

  it('with a line that is none: the others can be used', async () => {
    using folder = temporaryFolder();
    await record(folder.path);
    const path = join(folder.path, 'envelopes.jsonl');
    const lines = readFileSync(path, 'utf8').split('\n');
    lines[1] = '{"us":1,"wallUs":1,"stream":9,"by":"initiator","kind":"hello","envelope":""}';
    lines[2] = 'not a line';
    writeFileSync(path, lines.join('\n'));
    const { recorded, faults } = await readAll(folder.path);
    expect(recorded).to.have.length(4);
    expect(faults.map(({ code, line, message }) => [code, line, message])).to.deep.equal([
      ['LINE_INVALID', 2, 'stream 9 is not open'],
      ['LINE_INVALID', 3, 'the line is no JSON'],
      ['WRONG_HASH', undefined, 'it is not the file that was recorded: its SHA-256 is another'],
    ]);
  });

  it('that was not finished can be used all the same', async () => {
    using folder = temporaryFolder();
    const writer = new RecordingWriter({ folder: folder.path, header, clock: tickingClock() });
    writer.mark('block added');
    await writer.drained();
    const before = new RecordingReader(folder.path);
    expect(codes(before.faults)).to.deep.equal(['UNFINISHED']);
    await writer.close();
    expect(new RecordingReader(folder.path).faults).to.deep.equal([]);
  });

  it('without a certificate, or with a key in its place', async () => {
    using folder = temporaryFolder();
    const writer = new RecordingWriter({ folder: folder.path, header, clock: tickingClock() });
    const org = await issueOrganisation({ mspId: 'Org1MSP', domain: 'org1.example.com', nowMs: NOW_MS });
    writer.addOrganisation({ mspId: 'Org1MSP', rootCerts: org.msp.config.rootCerts });
    const { organisations } = await writer.close();
    const path = join(folder.path, organisations[0]?.rootCerts[0] ?? '');
    appendFileSync(path, privateKeyPem());
    expect(codes(new RecordingReader(folder.path).faults)).to.deep.equal(['PRIVATE_KEY']);
    rmSync(path);
    const [fault] = new RecordingReader(folder.path).faults;
    expect(fault).to.include({ code: 'CERTIFICATE_MISSING', file: path });
  });

  const manifests: readonly (readonly [string, (manifest: Manifest) => unknown, string])[] = [
    ['of another tool', () => ({ log: {} }), 'OTHER_TOOL'],
    ['of a later version', (manifest) => ({ ...manifest, formatVersion: 2 }), 'UNKNOWN_VERSION'],
    ['without settings', (manifest) => ({ ...manifest, settings: undefined }), 'MANIFEST_INVALID'],
    [
      'that names a file elsewhere',
      (manifest) => ({ ...manifest, tlsCertificates: { '00': '../../etc/passwd' } }),
      'MANIFEST_INVALID',
    ],
  ];
  for (const [what, change, code] of manifests) {
    it(`with a manifest ${what} cannot be read`, async () => {
      using folder = temporaryFolder();
      const manifest = await record(folder.path);
      writeFileSync(join(folder.path, 'manifest.json'), JSON.stringify(change(manifest)));
      expect(faultOf(() => new RecordingReader(folder.path))).to.equal(code);
    });
  }

  it('that is none', () => {
    using folder = temporaryFolder();
    expect(faultOf(() => new RecordingReader(folder.path))).to.equal('NO_RECORDING');
    expect(faultOf(() => new RecordingReader(join(folder.path, 'nowhere')))).to.equal('NO_RECORDING');
  });
});

function faultOf(open: () => unknown): string | undefined {
  try {
    open();
    return undefined;
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error;
    return error.fault.code;
  }
}

const fail = (): never => {
  throw new Error('nothing is wrong with it');
};
