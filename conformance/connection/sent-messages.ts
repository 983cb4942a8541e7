import {
  decodeMessage,
  decodeSecret,
  encodeEnvelope,
  encodeMessage,
  encodeSecret,
  type Envelope,
} from '../../src/wire';
import { check, type Check, type CheckOptions } from '../harness/check';
import type { CheckContext } from '../harness/context';
import type { TesterStream } from '../harness/tester-stream';
import { authorOf, nestedIn, signedKinds } from '../harness/signed-content';
import { demand } from '../harness/verdict';
import { demandSignedBy } from '../steps/alive';
import { hex, sameBytes } from '../steps/bytes';
import { hasLowS, publicKeyOf } from '../steps/ecdsa';
import { unmet } from '../steps/identities';
import { nextHeartbeat, nextRequest } from '../steps/own-alive';
import { askDigest, itemOf, letPull, servedItems } from '../steps/pull';

const asMember: CheckOptions = { lane: 'view' };

/**
 * Handshakes whose signatures are looked at. A peer that does not choose the low s has 20 of them once in a million
 * runs.
 */
const HANDSHAKES = 20;

/** What a member of the peer's organisation is sent, asked and unasked: at least one message of each kind there is. */
async function correspondence(t: CheckContext): Promise<TesterStream> {
  return t.control('the peer sends a member all that it sends to one', async () => {
    const { stream } = await t.tester.join();
    t.tester.manners.answersHellos = false;
    await askDigest(t, stream);
    await servedItems(t, stream, []);
    await letPull(t, stream, [itemOf(unmet(t.tester.identity, t.random))]);
    await nextRequest(t, stream);
    await nextHeartbeat(t, stream);
    return stream;
  });
}

/** Every envelope that the peer itself made, those inside others too, with a name for each. */
function ownEnvelopes(t: CheckContext, { received }: TesterStream): readonly (readonly [string, Envelope])[] {
  const all = received.flatMap((one) => [[one.kind as string, one.envelope] as const, ...nestedIn(one)]);
  return all.filter(([, { payload }]) => {
    const { content } = decodeMessage(payload);
    const author = content && authorOf(content);
    // A ConnEstablish is its sender's, whatever PKI-ID it has.
    return author === undefined || content?.kind === 'conn' || sameBytes(author, t.put.pkiId);
  });
}

function demandCanonical(what: string, envelope: Envelope): void {
  const { payload, secretEnvelope } = envelope;
  const again = encodeMessage(decodeMessage(payload));
  demand(sameBytes(again, payload), `${what} encoded as Fabric does: ${hex(again)}`, hex(payload));
  if (secretEnvelope === undefined) return;
  const secret = encodeSecret(decodeSecret(secretEnvelope.payload));
  demand(
    sameBytes(secret, secretEnvelope.payload),
    `the secret of ${what} encoded as Fabric does: ${hex(secret)}`,
    hex(secretEnvelope.payload),
  );
}

/** What a peer signs, and how it encodes its messages. */
export const sentMessageChecks: readonly Check[] = [
  check('SIGN-01', 'signs the payload of what it signs, with its enrolment key', asMember, async (t) => {
    const stream = await correspondence(t);
    const own = ownEnvelopes(t, stream).filter(([, { payload }]) => {
      const kind = decodeMessage(payload).content?.kind;
      return kind !== undefined && signedKinds.has(kind);
    });
    for (const [what, envelope] of own) demandSignedBy(t.put.identity, envelope, what);
  }),

  check(
    'SIGN-03',
    'signs with low s, in DER, every time',
    { floor: { of: 'signatures', atLeast: HANDSHAKES } },
    async (t) => {
      const key = publicKeyOf(t.put.identity);
      demand(key !== undefined, 'a certificate in the peer’s identity', 'none');
      for (let i = 0; i < HANDSHAKES; i++) {
        const probe = await t.tester.dial();
        probe.send(t.tester.conn(probe, { probe: true }));
        const { envelope } = await probe.expect('conn');
        demandSignedBy(t.put.identity, envelope, 'a ConnEstablish');
        const isLow = hasLowS(envelope.signature, key);
        demand(isLow !== undefined, 'a signature in DER', hex(envelope.signature));
        t.saw(1);
        demand(isLow, 's of at most half the curve’s order', 'a high s');
        await probe.expectEnd('the end of a probe');
      }
    },
  ),

  check('SIGN-05', 'signs its secret by itself', asMember, async (t) => {
    const stream = await correspondence(t);
    const secret = ownEnvelopes(t, stream).filter(([, { secretEnvelope }]) => secretEnvelope !== undefined);
    demand(
      secret.length > 0,
      'an alive message of the peer with its secret, to its own organisation',
      'none',
    );
    for (const [what, envelope] of secret)
      demandSignedBy(t.put.identity, envelope, `${what}, its secret too,`);
  }),

  check('SIGN-07', 'signs what is to be signed, and nothing else', asMember, async (t) => {
    const { received } = await correspondence(t);
    for (const one of received) {
      const isSigned = one.envelope.signature.length > 0;
      const what = one.kind;
      if (signedKinds.has(one.kind)) demand(isSigned, `a signature on ${what}`, 'none');
      else demand(!isSigned, `no signature on ${what}`, `one of ${one.envelope.signature.length} bytes`);
      for (const [inner, envelope] of nestedIn(one)) {
        demand(envelope.signature.length > 0, `a signature on ${inner}`, 'none');
      }
    }
  }),

  check('SIGN-11', 'encodes what it says as Fabric does', asMember, async (t) => {
    const stream = await correspondence(t);
    for (const { kind, envelope, bytes } of stream.received) {
      const again = encodeEnvelope(envelope);
      demand(
        sameBytes(again, bytes),
        `the envelope of ${kind} encoded as Fabric does: ${hex(again)}`,
        hex(bytes),
      );
    }
    for (const [what, envelope] of ownEnvelopes(t, stream)) demandCanonical(what, envelope);
  }),
];
