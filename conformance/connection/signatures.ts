import { decodeMessage, envelope, type Envelope } from '../../src/wire';
import { check, type Check, type CheckOptions } from '../harness/check';
import type { CheckContext } from '../harness/context';
import type { TesterStream } from '../harness/tester-stream';
import { demand, demandInTime } from '../harness/verdict';
import { unknownField, withBadSignature, withoutSecret, withoutSignature } from '../steps/alive';
import {
  backwards,
  badSecrets,
  missing,
  otherSchemes,
  resigned,
  strangeField,
  type Change,
} from '../steps/forgeries';
import { unmet } from '../steps/identities';
import { Observer, quietMember } from '../steps/membership';
import { flipBit, identityHello, signed, unsigned, withSecret } from '../steps/messages';
import { itemOf, letPull, offers, persist, type Item } from '../steps/pull';
import { accepted, dropped, refused, takenAsItIs } from '../steps/signed-messages';
import { unknownAuthority } from '../steps/strangers';
import { concat, lengthDelimited, varintField } from '../steps/wire-fields';

const nothing = new Uint8Array();
const watched: CheckOptions = { lane: 'view', own: 2 };

/** Joins, and lets the peer pull items that the check makes. */
async function puller(t: CheckContext): Promise<TesterStream> {
  const { stream } = await t.control('the tester joins', () => t.tester.join());
  t.tester.manners.answersHellos = false;
  return stream;
}

/** The peer pulls a good item and must keep it, so that it offers it to others (CERT-07). */
const keepsItem = (t: CheckContext, stream: TesterStream, what: string): Promise<void> =>
  // A peer that is late with the update keeps nothing of it (PULL-12).
  persist(async () => {
    const item = itemOf(unmet(t.tester.identity, t.random));
    await t.control('the peer asks for an item that it lacks', () => letPull(t, stream, [item]));
    demandInTime(await offers(t, stream, item.pkiId), `${what} offered to others`, 'not offered');
  });

/** The peer pulls an item and must drop it. */
async function dropsItem(t: CheckContext, stream: TesterStream, item: Item, what: string): Promise<void> {
  await t.control('the peer asks for an item that it lacks', () => letPull(t, stream, [item]));
  demand(!(await offers(t, stream, item.pkiId)), `${what} dropped`, 'it is offered to others');
}

/** Which signatures a peer accepts. */
export const signatureChecks: readonly Check[] = [
  check('SIGN-01', 'verifies signatures over the payload and nothing else', {}, async (t) => {
    const beside = [lengthDelimited(100, Uint8Array.of(1))];
    const taken: Envelope[] = [];
    const remembered: Change = (good) => {
      taken.push(good);
      return good;
    };
    await accepted(t, [remembered, (good) => ({ ...good, unknownFields: beside })]);
    await refused(
      t,
      new Map<string, Change>([
        ['the signature is corrupted', withBadSignature],
        [
          'a field was added to the payload',
          ({ payload, ...rest }) => ({ ...rest, payload: concat(payload, varintField(1, 7)) }),
        ],
        [
          'the signature was good for another payload',
          ({ payload }) => envelope(concat(payload, varintField(1, 7)), taken[0]?.signature),
        ],
        [
          'the signature is that of another message',
          (good) => ({ ...good, signature: t.tester.alive().signature }),
        ],
      ]),
    );
  }),

  check('SIGN-02', 'verifies a ConnEstablish in the bytes in which it came', {}, async (t) => {
    const { identity } = t.tester;
    const strange = (good: Envelope): Envelope => {
      const payload = concat(good.payload, strangeField, varintField(1, 0));
      return { ...good, payload, signature: identity.sign(payload) };
    };
    await accepted(t, [strange]);
    await refused(
      t,
      new Map<string, Change>([
        [
          'a field that nobody knows was added',
          (good) => ({ ...good, payload: concat(good.payload, strangeField) }),
        ],
        [
          'a field that nobody knows was changed',
          (good) => ({
            ...strange(good),
            payload: flipBit(strange(good).payload, 8 * good.payload.length + 32),
          }),
        ],
      ]),
    );
  }),

  check('SIGN-02', 'keeps fields that it does not know, and passes them on', watched, async (t) => {
    await takenAsItIs(t, 'an alive message with fields that nobody knows', () => {
      const { identity } = t.tester;
      const { content, ...rest } = decodeMessage(t.tester.alive().payload);
      if (content?.kind !== 'aliveMsg') throw new Error('an alive message of ours is none');
      const value = { ...content.value, unknownFields: [unknownField] };
      const outer = signed(identity, {
        ...rest,
        content: { kind: 'aliveMsg', value },
        unknownFields: [unknownField],
      });
      return withSecret(outer, t.tester.endpoint, identity);
    });
  }),

  check('SIGN-02', 'verifies and passes on a message that is encoded like no other', watched, async (t) => {
    await takenAsItIs(t, 'an alive message with its fields in falling order', () => backwards(t.tester));
  }),

  check('SIGN-03', 'refuses a ConnEstablish signed in another way', {}, (t) =>
    refused(t, otherSchemes(t.tester)),
  ),

  check('SIGN-03', 'refuses that of another organisation’s peer too', { foreign: 1 }, (t) =>
    refused(t, otherSchemes(t.stranger), t.stranger),
  ),

  check('SIGN-03', 'drops an alive message signed in another way', watched, (t) =>
    dropped(t, otherSchemes(t.tester)),
  ),

  check(
    'SIGN-05',
    'takes an alive message whose secret a relay has stripped, and one with another’s',
    watched,
    async (t) => {
      const { observer, stream } = await takenAsItIs(t, 'an alive message whose secret was stripped', () =>
        withoutSecret(t.tester.alive()),
      );
      // The secret is signed by itself, so that it holds with any message of its author.
      const { secretEnvelope } = t.tester.alive();
      const other = { ...t.tester.alive(), secretEnvelope };
      stream.sendWrong(other);
      await observer.sees(other, 'an alive message with the secret of an earlier one');
    },
  ),

  check('SIGN-05', 'takes a ConnEstablish with a secret that is signed', {}, (t) =>
    accepted(t, [(good) => withSecret(good, t.tester.endpoint, t.tester.identity)]),
  ),

  check('SIGN-06', 'refuses a ConnEstablish with a bad secret', { own: 2 }, (t) =>
    refused(t, badSecrets(t.tester, t.witness)),
  ),

  check('SIGN-06', 'drops an alive message with a bad secret, the message too', watched, (t) =>
    dropped(t, badSecrets(t.tester, t.witness)),
  ),

  check(
    'SIGN-06',
    'drops an alive message with a bad secret of another organisation too',
    { lane: 'view', foreign: 2, needs: ['external-endpoint'] },
    (t) => {
      const [author, watcher] = t.foreign;
      if (author === undefined || watcher === undefined)
        throw new Error('the check asks for two foreign testers');
      return dropped(t, badSecrets(author, watcher), [author, watcher]);
    },
  ),

  check('SIGN-08', 'does not look at the signature and secret of what need not be signed', {}, async (t) => {
    const stream = await t.tester.connect();
    await t.control('an identity Hello is answered', () => t.marker(stream));
    const odd: readonly Change[] = [
      (hello) => ({ ...hello, signature: Uint8Array.of(1, 2, 3) }),
      (hello) => ({ ...hello, secretEnvelope: { payload: nothing, signature: nothing } }),
    ];
    for (const change of odd) {
      const nonce = t.random.uint64();
      stream.sendWrong(change(unsigned(identityHello(nonce))));
      await stream.expect('dataDig', {
        where: ({ value }) => value.nonce === nonce,
        what: 'an answer to a Hello with a signature or a secret',
      });
    }
  }),

  check('SIGN-09', 'refuses a ConnEstablish without payload or signature', {}, (t) => refused(t, missing)),

  check('SIGN-09', 'drops an alive message without signature', watched, (t) =>
    dropped(t, new Map([['an alive message without signature', withoutSignature]])),
  ),

  check('SIGN-09', 'drops an identity item without signature', { lane: 'view' }, async (t) => {
    const stream = await puller(t);
    await t.control('a signed item is taken', () => keepsItem(t, stream, 'a signed item'));
    const bare = itemOf(unmet(t.tester.identity, t.random));
    await dropsItem(
      t,
      stream,
      { ...bare, envelope: withoutSignature(bare.envelope) },
      'an item without signature',
    );
  }),

  check(
    'SIGN-10',
    'verifies an alive message with its author’s key, whoever brings it',
    watched,
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      await quietMember(t, t.tester);
      const { stream } = observer;
      const brought = t.tester.alive();
      stream.send(brought);
      await observer.sees(brought, 'an alive message that another brings');
      // The identity is known from the handshake; the key of who brings it signs for nobody else.
      const bare = t.tester.aliveWithoutSecret({ identity: nothing });
      const faulty = new Map([
        ['an alive message signed by who brings it', resigned(t.witness, t.tester.aliveWithoutSecret())],
        ['one without identity, signed by who brings it', resigned(t.witness, bare)],
      ]);
      for (const one of faulty.values()) stream.sendWrong(one);
      await observer.seesNone(faulty, stream);
      const last = t.tester.aliveWithoutSecret({ identity: nothing });
      stream.send(last);
      await observer.sees(last, 'an alive message without identity that another brings');
    },
  ),

  check(
    'SIGN-10',
    'verifies an identity item with its owner’s key, whoever brings it',
    { lane: 'view' },
    async (t) => {
      const stream = await puller(t);
      const { identity: stranger } = await unknownAuthority(t);
      await keepsItem(t, stream, 'an item that another brings');
      const forged = itemOf(unmet(t.tester.identity, t.random));
      const { payload } = forged.envelope;
      await dropsItem(
        t,
        stream,
        { ...forged, envelope: envelope(payload, stranger.sign(payload)) },
        'an item that its owner did not sign',
      );
    },
  ),
];
