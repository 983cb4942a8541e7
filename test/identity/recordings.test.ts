import { expect } from 'chai';
import { RecordingReader } from '../../src/capture';
import { fabricRules } from '../../src/core';
import {
  channelMac,
  decodePem,
  deserializeIdentity,
  Msp,
  MspRegistry,
  serializeIdentity,
  tlsCertHash,
} from '../../src/identity';
import type { PeerIdentity } from '../../src/ports/identity';
import { hex } from '../../src/wire';
import { decode } from '../../src/wire/codec';
import { Envelope, GossipMessage, type Content } from '../../src/wire/messages';
import { recorded, recordingFolder, recordings, type Recording } from '../wire/recordings';
import { highS } from './craft';

/** The recordings' certificates are of 2026. */
const THEN_MS = Date.UTC(2027, 0, 1);
/** Signed messages looked at of each kind in each recording. */
const SAMPLE = 40;
const SIGNED = ['conn', 'aliveMsg', 'stateInfo', 'leadershipMsg'] as const;

for (const recording of recordings) {
  describe(`identities of ${recording}`, () => {
    const reader = new RecordingReader(recordingFolder(recording));
    const { organisations, identities, tlsCertificates, channels } = reader.manifest;
    const read = (file: string): string => reader.certificate(file) ?? '';
    const registry = new MspRegistry(
      organisations.map(
        ({ mspId, rootCerts, tlsRootCerts }) =>
          new Msp({
            mspId,
            rootCerts: rootCerts.map(read),
            tlsRootCerts: tlsRootCerts.map(read),
            nodeOus: {
              peer: { organizationalUnitIdentifier: 'peer', certificate: read(rootCerts[0] ?? '') },
            },
          }),
      ),
    );
    const serializedOf = (mspid: string, file: string): Uint8Array =>
      serializeIdentity({ mspId: mspid, idBytes: Buffer.from(read(file), 'latin1') });
    const identityOf = (pkiId: Uint8Array): PeerIdentity => {
      const entry = identities.find((one) => one.pkiId === hex(pkiId));
      if (entry === undefined) throw new Error(`nobody has the PKI-ID ${hex(pkiId)}`);
      const verdict = registry.validate(serializedOf(entry.mspId, entry.certificate), THEN_MS);
      if (!verdict.ok) throw new Error(verdict.detail);
      return verdict.identity;
    };

    it('holds TLS certificates by their hashes (TLS-08)', () => {
      for (const [hash, file] of Object.entries(tlsCertificates)) {
        expect(hex(tlsCertHash(decodePem(read(file))?.bytes ?? Buffer.of()))).to.equal(hash);
      }
    });

    for (const { pkiId, mspId, certificate, name } of identities) {
      if (name === 'orderer') continue;
      it(`${name} is valid under ${mspId}, and has its PKI-ID (ID-02, ID-05)`, () => {
        const verdict = registry.validate(serializedOf(mspId, certificate), THEN_MS);
        if (!verdict.ok) throw new Error(verdict.detail);
        expect(hex(verdict.identity.pkiId)).to.equal(pkiId);
        const other = mspId === 'Org1MSP' ? 'Org2MSP' : 'Org1MSP';
        expect(registry.validate(serializedOf(other, certificate), THEN_MS)).to.include({
          reason: 'untrusted',
        });
      });
    }

    it('made the signatures, and the channel MACs are theirs (SIGN-01, SIGN-06, TAG-04)', async () => {
      const sample = await signedMessages(recording);
      expect(new Set(sample.map(({ content }) => content.kind))).to.have.length(SIGNED.length);
      for (const { envelope, content } of sample) {
        const author = identityOf(pkiIdIn(content));
        expect(fabricRules.signatureFault(envelope, author)).to.be.undefined;
        const forged = { ...envelope, signature: highS(envelope.signature) };
        expect(fabricRules.signatureFault(forged, author)?.reason).to.equal('bad-signature');
        if (content.kind === 'stateInfo') {
          expect(hex(channelMac(content.value.pkiId, channels[0] ?? ''))).to.equal(
            hex(content.value.channelMac),
          );
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
