import { expect } from 'chai';
import { issueOrganisation, signEnvelope, verifyEnvelope, type EnvelopeFault } from '../../src/identity';
import type { Envelope } from '../../src/wire';
import { highS, NOW_MS } from './craft';

describe('signatures on envelopes', () => {
  const payload = Buffer.from('payload');
  const secret = Buffer.from('secret');
  const nothing = Buffer.of();
  let author: Parameters<typeof signEnvelope>[1] & Parameters<typeof verifyEnvelope>[1];
  let other: typeof author;
  let sound: Envelope;
  let withSecret: Envelope;

  before(async () => {
    const organisation = await issueOrganisation({
      mspId: 'Org1MSP',
      domain: 'org1.example.com',
      nowMs: NOW_MS,
    });
    const [one, two] = await Promise.all(
      ['peer0', 'peer1'].map((name) => organisation.issue({ name, role: 'peer' })),
    );
    if (one === undefined || two === undefined) throw new Error('not issued');
    author = one.identity;
    other = two.identity;
    sound = signEnvelope(payload, author);
    withSecret = signEnvelope(payload, author, secret);
  });

  it('hold over the payload (SIGN-01), and over the secret by themselves (SIGN-05)', () => {
    expect(verifyEnvelope(sound, author)).to.be.undefined;
    expect(verifyEnvelope(withSecret, author)).to.be.undefined;
  });

  it('hold without the secret envelope: a relay may take it off (SIGN-05)', () => {
    expect(verifyEnvelope({ ...withSecret, secretEnvelope: undefined }, author)).to.be.undefined;
  });

  const faults: [string, EnvelopeFault, () => Envelope][] = [
    ['an empty payload', 'no-payload', () => ({ ...sound, payload: nothing })],
    ['an empty signature', 'no-signature', () => ({ ...sound, signature: nothing })],
    ['a payload that was changed', 'bad-signature', () => ({ ...sound, payload: Buffer.from('Payload') })],
    ['the signature of another', 'bad-signature', () => signEnvelope(payload, other)],
    ['a high s', 'bad-signature', () => ({ ...sound, signature: highS(sound.signature) })],
    ['an empty secret', 'no-secret-payload', () => secretWith({ payload: nothing })],
    ['a secret without signature', 'no-secret-signature', () => secretWith({ signature: nothing })],
    ['a secret by another', 'bad-secret-signature', () => secretWith({ signature: other.sign(secret) })],
    [
      'the outer signature on the secret',
      'bad-secret-signature',
      () => secretWith({ signature: withSecret.signature }),
    ],
  ];
  const secretWith = (change: { payload?: Uint8Array; signature?: Uint8Array }): Envelope => ({
    ...withSecret,
    secretEnvelope: { payload: secret, signature: author.sign(secret), ...change },
  });
  for (const [what, fault, make] of faults) {
    it(`do not hold with ${what} (SIGN-06, SIGN-09)`, () => {
      expect(verifyEnvelope(make(), author)).to.equal(fault);
    });
  }
});
