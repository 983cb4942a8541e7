import { createHash, X509Certificate } from 'node:crypto';
import { decodePem, deserializeIdentity, serializeIdentity } from '../../src/identity';
import type { SigningIdentity } from '../../src/ports/identity';
import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import type { Tester } from '../harness/tester';
import { demand, demandInTime } from '../harness/verdict';
import { withoutSecret } from '../steps/alive';
import { hex, sameBytes } from '../steps/bytes';
import { acceptedConn, honestHandshake, refusedConn } from '../steps/handshake';
import {
  bytesOf,
  connOf,
  disguised,
  relabelled,
  rewrapped,
  unmet,
  withLongSignature,
  withPem,
} from '../steps/identities';
import { farAhead, Observer } from '../steps/membership';
import { aliveMessage, flipBit, identityItem, signed } from '../steps/messages';
import { itemOf, letPull, offers, persist } from '../steps/pull';
import { isSignedBy } from '../steps/signatures';
import { identityOfTls, unknownAuthority } from '../steps/strangers';

const sha256 = (...parts: readonly (string | Uint8Array)[]): Uint8Array => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** Each identity must be refused in a handshake that is right in all else; what is wrong with it is its key. */
async function refused(
  t: CheckContext,
  tester: Tester,
  faulty: Iterable<readonly [string, SigningIdentity]>,
): Promise<void> {
  for (const [what, identity] of faulty) {
    const stream = await tester.dial();
    await refusedConn(t, stream, connOf(stream, identity), what);
  }
  await t.demandAlive();
}

/** Each PKI-ID must be refused in a handshake of this identity. */
async function refusedPkiIds(
  t: CheckContext,
  identity: SigningIdentity,
  wrong: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  for (const [what, pkiId] of wrong) {
    const stream = await t.tester.dial();
    await refusedConn(t, stream, connOf(stream, identity, { pkiId }), `pki_id is ${what}`);
  }
  await t.demandAlive();
}

/** What an identity is, and which one a peer takes. */
/** An MSP-ID as somebody might write it who takes it for a word. */
const misspelt = (mspId: string): readonly string[] =>
  [mspId.toLowerCase(), mspId.toUpperCase(), `${mspId} `, mspId.slice(0, -1)].filter((one) => one !== mspId);

export const identityChecks: readonly Check[] = [
  check(
    'ID-05',
    'refuses an identity that a revocation list of its MSP names, and no other',
    { own: 2, recruit: {} },
    async (t) => {
      const { identity } = t.witness;
      await t.recruit.start({ revoked: [identity] });
      await honestHandshake(t, t.tester);
      await refused(t, t.witness, [['the identity is revoked', identity]]);
    },
  ),

  check('ID-01', 'is a SerializedIdentity with its enrolment certificate in one PEM block', {}, async (t) => {
    const stream = await t.tester.dial();
    const { value, envelope } = await stream.expect('conn');
    const identity = deserializeIdentity(value.identity);
    demand(identity !== undefined, 'a SerializedIdentity', 'bytes that do not decode');
    demand(identity.mspId !== '', 'an MSP-ID', 'none');
    demand(
      sameBytes(serializeIdentity(identity), value.identity),
      'MSP-ID and certificate, and nothing else',
      'more than that',
    );
    const pem = Buffer.from(identity.idBytes).toString('latin1');
    const block = decodePem(pem);
    demand(
      pem.startsWith('-----BEGIN CERTIFICATE-----'),
      'one PEM block of type CERTIFICATE',
      'something else',
    );
    demand(block !== undefined && block.rest === '', 'one PEM block and nothing behind', 'something else');
    demand(
      !sameBytes(block.bytes, stream.stream.binding.remoteCertificate),
      'the enrolment certificate',
      'the TLS certificate',
    );
    demand(!new X509Certificate(block.bytes).ca, 'the certificate of a peer', 'that of a CA');
    demand(
      isSignedBy(value.identity, envelope),
      'the certificate whose key signs the ConnEstablish',
      'another certificate',
    );
  }),

  check('ID-01', 'refuses what is no SerializedIdentity with a certificate in PEM', {}, async (t) => {
    await honestHandshake(t, t.tester);
    const { identity } = t.tester;
    const { idBytes } = bytesOf(identity);
    const der = decodePem(Buffer.from(idBytes).toString('latin1'))?.bytes ?? new Uint8Array();
    const raw = (serialized: Uint8Array): SigningIdentity => ({ ...disguised(identity, {}), serialized });
    await refused(t, t.tester, [
      ['the identity is a bare PEM', raw(idBytes)],
      ['the identity is empty', raw(new Uint8Array())],
      ['id_bytes is DER', disguised(identity, { idBytes: der })],
      ['id_bytes is empty', disguised(identity, { idBytes: new Uint8Array() })],
      ['the MSP-ID is empty', disguised(identity, { mspId: '' })],
    ]);
  }),

  check('ID-02', 'has the SHA-256 of MSP-ID and id_bytes as its PKI-ID', {}, async (t) => {
    const stream = await t.tester.dial();
    const { value } = await stream.expect('conn');
    const identity = deserializeIdentity(value.identity);
    demand(identity !== undefined, 'a SerializedIdentity', 'bytes that do not decode');
    const expected = sha256(identity.mspId, identity.idBytes);
    demand(sameBytes(value.pkiId, expected), `PKI-ID ${hex(expected)}`, hex(value.pkiId));
  }),

  check('ID-02', 'computes a PKI-ID from id_bytes exactly as sent', {}, async (t) => {
    const good = await t.tester.dial();
    await acceptedConn(t, good, t.tester.conn(good));
    await t.tester.leave(good);
    // Another PEM of the same certificate is another identity, with a PKI-ID of its own.
    const other = withPem(t.tester.identity, rewrapped);
    const stream = await t.tester.dial();
    await acceptedConn(t, stream, connOf(stream, other));
    await t.tester.leave(stream);
    await refusedPkiIds(t, other, new Map([['that of the PEM as it is usually written', t.tester.pkiId]]));
  }),

  check('ID-02', 'refuses PKI-IDs that are computed otherwise', {}, async (t) => {
    await honestHandshake(t, t.tester);
    const { identity } = t.tester;
    const { mspId, idBytes } = bytesOf(identity);
    const der = decodePem(Buffer.from(idBytes).toString('latin1'))?.bytes ?? new Uint8Array();
    await refusedPkiIds(
      t,
      identity,
      new Map([
        ['the hash of the SerializedIdentity', sha256(identity.serialized)],
        ['the hash of MSP-ID and DER', sha256(mspId, der)],
        ['the hash of the PEM alone', sha256(idBytes)],
        ['the hash of the DER alone', sha256(der)],
        ['the hash of PEM and MSP-ID, in that order', sha256(idBytes, mspId)],
        ['in hexadecimal', Buffer.from(hex(identity.pkiId))],
      ]),
    );
  }),

  check('ID-03', 'refuses a handshake with another PKI-ID than the identity’s', { own: 2 }, async (t) => {
    await honestHandshake(t, t.tester);
    const { pkiId } = t.tester;
    await refusedPkiIds(
      t,
      t.tester.identity,
      new Map([
        ['another in its first bit', flipBit(pkiId)],
        ['another in its last bit', flipBit(pkiId, 8 * pkiId.length - 1)],
        ['another tester’s', t.witness.pkiId],
        ['the peer’s own', t.put.pkiId],
        ['one byte short', pkiId.subarray(0, -1)],
        ['one byte long', Uint8Array.of(...pkiId, 0)],
      ]),
    );
  }),

  check(
    'ID-03',
    'drops an alive message whose identity is not that of its PKI-ID',
    { lane: 'view', own: 2 },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      const { stream } = await t.control('a tester joins', () => t.tester.join());
      const pkiId = flipBit(t.tester.pkiId);
      const faulty = new Map([
        ['an alive message whose pki_id differs in one bit', t.tester.alive({ pkiId })],
      ]);
      for (const envelope of faulty.values()) stream.send(envelope);
      await observer.seesNone(faulty, stream);
      const good = t.tester.alive({ timestamp: farAhead(t.tester) });
      stream.send(good);
      await t.control('the same with its own PKI-ID is taken', () => observer.sees(good, 'an alive message'));
    },
  ),

  check(
    'ID-03',
    'drops an identity item whose certificate is not that of its PKI-ID',
    { lane: 'view', own: 2 },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      const { identity } = t.tester;
      const { stream } = await t.control('the tester joins', () => t.tester.join());
      t.tester.manners.answersHellos = false;
      await t.control('the peer pulls a good item, and offers it', () =>
        persist(async () => {
          const fresh = unmet(identity, t.random);
          await letPull(t, stream, [itemOf(fresh)]);
          demandInTime(
            await offers(t, stream, fresh.pkiId),
            'an item that is offered',
            'an item that is dropped',
          );
        }),
      );
      const pkiId = Uint8Array.from({ length: 32 }, () => t.random.below(256));
      await t.control('the peer asks for an item it does not have', () =>
        letPull(t, stream, [{ pkiId, envelope: identityItem(identity, { pkiId }) }]),
      );
      demand(!(await offers(t, stream, pkiId)), 'an item that is dropped', 'an item that is offered');
      const time = t.tester.nextTime();
      const fields = { pkiId, identity: new Uint8Array() };
      const alive = signed(identity, aliveMessage(identity, time, t.tester.endpoint, fields));
      stream.send(withoutSecret(alive));
      await observer.seesNone(new Map([['an alive message by that PKI-ID', alive]]), stream);
    },
  ),

  check('ID-04', 'refuses a PEM with anything behind it, or of another type', {}, async (t) => {
    await honestHandshake(t, t.tester);
    const changes: readonly [string, (pem: string) => string][] = [
      ['one newline follows the PEM', (pem) => `${pem}\n`],
      ['text follows the PEM', (pem) => `${pem}more`],
      ['a second block follows the PEM', (pem) => `${pem}${pem}`],
      ['the PEM is no CERTIFICATE', relabelled],
      ['a byte follows r and s in the certificate’s signature', withLongSignature],
    ];
    await refused(
      t,
      t.tester,
      changes.map(([what, change]) => [what, withPem(t.tester.identity, change)] as const),
    );
  }),

  check('ID-05', 'refuses an identity of an organisation that it does not know', {}, async (t) => {
    await honestHandshake(t, t.tester);
    const { identity } = await unknownAuthority(t);
    await refused(t, t.tester, [
      ['nobody knows the MSP-ID', identity],
      ['nobody knows the MSP-ID of this certificate', disguised(t.tester.identity, { mspId: 'NoSuchMSP' })],
      ...misspelt(t.put.mspId).map(
        (mspId) => [`the MSP-ID is misspelt, “${mspId}”`, disguised(t.tester.identity, { mspId })] as const,
      ),
    ]);
  }),

  check('ID-05', 'refuses a certificate that is not one of the organisation’s CAs', {}, async (t) => {
    await honestHandshake(t, t.tester);
    const { mspId } = t.put;
    const { identity } = await unknownAuthority(t, { mspId });
    await refused(t, t.tester, [['another CA issued the certificate', identity]]);
  }),

  check('ID-05', 'refuses the TLS certificate as an identity', { needs: ['tls'] }, async (t) => {
    await honestHandshake(t, t.tester);
    const identity = await identityOfTls(t, t.tester.papers);
    await refused(t, t.tester, [['the certificate is the TLS certificate', identity]]);
  }),

  check('ID-05', 'takes identities of other organisations of its channels', { foreign: 1 }, async (t) => {
    const stream = await t.stranger.dial();
    await acceptedConn(t, stream, t.stranger.conn(stream));
  }),

  check('ID-05', 'judges a certificate by the MSP that it names', { foreign: 1 }, async (t) => {
    await honestHandshake(t, t.tester);
    await honestHandshake(t, t.stranger);
    const [own, foreign] = [t.tester.identity, t.stranger.identity];
    await refused(t, t.tester, [
      ['the MSP-ID is that of another organisation', disguised(own, { mspId: foreign.mspId })],
      ['the certificate is that of another organisation', disguised(foreign, { mspId: own.mspId })],
    ]);
  }),
];
