import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  channelMac,
  decodePem,
  deserializeIdentity,
  Msp,
  MspRegistry,
  serializeIdentity,
  tlsCertHash,
  verifyEnvelope,
} from '../../src/identity';
import type { PeerIdentity } from '../../src/ports/identity';
import { decode } from '../../src/wire/codec';
import { Envelope, GossipMessage, type Content } from '../../src/wire/messages';
import { recorded, recordings, type Recording } from '../wire/recordings';
import { highS } from './craft';

interface Index {
  readonly channel: string;
  readonly identities: Readonly<
    Record<
      string,
      { readonly mspid: string; readonly sign: string; readonly tls: string; readonly tlsCertHash: string }
    >
  >;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
/** The recordings' certificates are of 2026. */
const THEN_MS = Date.UTC(2027, 0, 1);
/** Signed messages looked at of each kind in each recording. */
const SAMPLE = 40;
const SIGNED = ['conn', 'aliveMsg', 'stateInfo', 'leadershipMsg'] as const;

for (const recording of recordings) {
  describe(`identities of ${recording}`, () => {
    const folder = join(__dirname, '../../fixtures', `${recording}-certs`);
    const read = (file: string): string => readFileSync(join(folder, file), 'latin1');
    const index = JSON.parse(read('index.json')) as Index;
    const registry = new MspRegistry(
      ['1', '2'].map(
        (n) =>
          new Msp({
            mspId: `Org${n}MSP`,
            rootCerts: [read(`ca.org${n}.pem`)],
            tlsRootCerts: [read(`tlsca.org${n}.pem`)],
            nodeOus: { peer: { organizationalUnitIdentifier: 'peer', certificate: read(`ca.org${n}.pem`) } },
          }),
      ),
    );
    const serializedOf = (mspid: string, file: string): Uint8Array =>
      serializeIdentity({ mspId: mspid, idBytes: Buffer.from(read(file), 'latin1') });
    const identityOf = (pkiId: Uint8Array): PeerIdentity => {
      const entry = index.identities[hex(pkiId)];
      if (entry === undefined) throw new Error(`nobody has the PKI-ID ${hex(pkiId)}`);
      const verdict = registry.validate(serializedOf(entry.mspid, entry.sign), THEN_MS);
      if (!verdict.ok) throw new Error(verdict.detail);
      return verdict.identity;
    };

    for (const [pkiId, { mspid, sign, tls, tlsCertHash: hash }] of Object.entries(index.identities)) {
      it(`${sign} is valid under ${mspid}, and has its PKI-ID and TLS hash (ID-02, ID-05, TLS-08)`, () => {
        const verdict = registry.validate(serializedOf(mspid, sign), THEN_MS);
        if (!verdict.ok) throw new Error(verdict.detail);
        expect(hex(verdict.identity.pkiId)).to.equal(pkiId);
        expect(hex(tlsCertHash(decodePem(read(tls))?.bytes ?? Buffer.of()))).to.equal(hash);
        const other = mspid === 'Org1MSP' ? 'Org2MSP' : 'Org1MSP';
        expect(registry.validate(serializedOf(other, sign), THEN_MS)).to.include({ reason: 'untrusted' });
      });
    }

    it('made the signatures, and the channel MACs are theirs (SIGN-01, SIGN-06, TAG-04)', async () => {
      const sample = await signedMessages(recording);
      expect(new Set(sample.map(({ content }) => content.kind))).to.have.length(SIGNED.length);
      for (const { envelope, content } of sample) {
        const author = identityOf(pkiIdIn(content));
        expect(verifyEnvelope(envelope, author)).to.be.undefined;
        expect(verifyEnvelope({ ...envelope, signature: highS(envelope.signature) }, author)).to.equal(
          'bad-signature',
        );
        if (content.kind === 'stateInfo') {
          expect(hex(channelMac(content.value.pkiId, index.channel))).to.equal(hex(content.value.channelMac));
        }
        if (content.kind === 'conn') {
          expect(hex(content.value.identity)).to.equal(hex(author.serialized));
          const parts = deserializeIdentity(content.value.identity);
          expect(hex(serializeIdentity(parts ?? { mspId: '', idBytes: Buffer.of() }))).to.equal(
            hex(author.serialized),
          );
        }
      }
    });
  });
}

interface Signed {
  readonly envelope: Envelope;
  readonly content: Content;
}

/** The first few of each signed kind. */
async function signedMessages(recording: Recording): Promise<Signed[]> {
  const found = new Map<string, Signed[]>(SIGNED.map((kind) => [kind, []]));
  for await (const { kind, envelope: bytes } of recorded(recording)) {
    const ofKind = found.get(kind);
    if (ofKind === undefined || ofKind.length >= SAMPLE) continue;
    const envelope = decode(Envelope, bytes);
    const { content } = decode(GossipMessage, envelope.payload);
    if (content !== undefined) ofKind.push({ envelope, content });
    if (
      [...found.values()].every(({ length }) => length >= 4) &&
      (found.get('aliveMsg')?.length ?? 0) >= SAMPLE
    )
      break;
  }
  return [...found.values()].flat();
}

function pkiIdIn(content: Content): Uint8Array {
  switch (content.kind) {
    case 'conn':
    case 'stateInfo':
    case 'leadershipMsg':
      return content.value.pkiId;
    case 'aliveMsg':
      return content.value.membership?.pkiId ?? Buffer.of();
    default:
      throw new Error(`${content.kind} is not signed`);
  }
}
