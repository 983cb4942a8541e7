import { expect } from 'chai';
import { isDeepStrictEqual } from 'node:util';
import {
  decodeEnvelope,
  decodeMessage,
  decodeSecret,
  encodeEnvelope,
  encodeMessage,
  encodeSecret,
  toJson,
  unknownFieldsOf,
  type Envelope,
  type GossipMessage,
} from '../../src/wire';
import { recorded, type Recording } from './recordings';

interface Counts {
  envelopes: number;
  nested: number;
  secrets: number;
}

/** Counted from the recordings' `decoded` fields. */
const expected: Readonly<Record<Recording, Counts>> = {
  'v2.5.16-peer-to-peer': { envelopes: 8_546, nested: 6_703, secrets: 1_045 },
  'v2.5.16-tls': { envelopes: 5_426, nested: 2_252, secrets: 1_941 },
  'v3.1.5-peer-to-peer': { envelopes: 8_409, nested: 6_611, secrets: 1_040 },
  'v3.1.5-tls': { envelopes: 5_375, nested: 2_102, secrets: 1_969 },
};

describe('recordings of real peers', () => {
  for (const [name, counts] of Object.entries(expected) as [Recording, Counts][]) {
    it(`${name}: decodes to the recorded values and encodes to the recorded bytes`, async function () {
      this.timeout(60_000);
      const seen: Counts = { envelopes: 0, nested: 0, secrets: 0 };
      for await (const { kind, envelope: bytes, decoded } of recorded(name)) {
        const envelope = decodeEnvelope(bytes);
        expectSameBytes(encodeEnvelope(envelope), bytes);
        expect(checkContents(envelope, seen).content?.kind).to.equal(kind);
        const json = toJson(envelope);
        // chai's own comparison takes several times as long, and is wanted only for its message.
        if (!isDeepStrictEqual(json, decoded)) expect(json).to.deep.equal(decoded);
        seen.envelopes += 1;
      }
      expect(seen).to.deep.equal(counts);
    });
  }
});

/** Decodes and encodes again what is in the envelope, down to the envelopes in its message. */
function checkContents({ payload, secretEnvelope }: Envelope, seen: Counts): GossipMessage {
  const message = decodeMessage(payload);
  expectSameBytes(encodeMessage(message), payload);
  expect(unknownFieldsOf(message)).to.have.length(0);
  if (secretEnvelope !== undefined) {
    expectSameBytes(encodeSecret(decodeSecret(secretEnvelope.payload)), secretEnvelope.payload);
    seen.secrets += 1;
  }
  for (const nested of envelopesIn(message)) {
    checkContents(nested, seen);
    seen.nested += 1;
  }
  return message;
}

function envelopesIn({ content }: GossipMessage): readonly Envelope[] {
  if (content?.kind === 'memReq') {
    return content.value.selfInformation ? [content.value.selfInformation] : [];
  }
  if (content?.kind === 'memRes') return [...content.value.alive, ...content.value.dead];
  if (content?.kind === 'dataUpdate') return content.value.data;
  return content?.kind === 'stateSnapshot' ? content.value.elements : [];
}

function expectSameBytes(actual: Uint8Array, wanted: Uint8Array): void {
  if (Buffer.compare(actual, wanted) !== 0) {
    expect(Buffer.from(actual).toString('hex')).to.equal(Buffer.from(wanted).toString('hex'));
  }
}
