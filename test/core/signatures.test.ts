import { expect } from 'chai';
import { fabricRules, type RejectionReason } from '../../src/core';
import { issueOrganisation } from '../../src/identity';
import type { SigningIdentity } from '../../src/ports/identity';
import type { Envelope } from '../../src/wire';
import { highS, NOW_MS } from '../identity/craft';

describe('signatures on envelopes', () => {
  const payload = Buffer.from('payload');
  const secret = Buffer.from('secret');
  const nothing = Buffer.of();
  let author: SigningIdentity;
  let other: SigningIdentity;
  let sound: Envelope;
  let withSecret: Envelope;

  before(async () => {
    const organisation = await issueOrganisation({
      mspId: 'Org1MSP',
      domain: 'org1.example.com',
      nowMs: NOW_MS,
    });
    author = (await organisation.issue({ name: 'peer0', role: 'peer' })).identity;
    other = (await organisation.issue({ name: 'peer1', role: 'peer' })).identity;
    sound = { payload, signature: author.sign(payload), secretEnvelope: undefined };
    withSecret = secretWith({});
  });

  const secretWith = (change: { payload?: Uint8Array; signature?: Uint8Array }): Envelope => ({
    ...sound,
    secretEnvelope: { payload: secret, signature: author.sign(secret), ...change },
  });
  const faultOf = (envelope: Envelope): RejectionReason | undefined =>
    fabricRules.signatureFault(envelope, author)?.reason;

  it('hold over the payload (SIGN-01), and over the secret by themselves (SIGN-05)', () => {
    expect(faultOf(sound)).to.be.undefined;
    expect(faultOf(withSecret)).to.be.undefined;
  });

  const faults: [string, RejectionReason, () => Envelope][] = [
    ['an empty payload', 'unsigned', () => ({ ...sound, payload: nothing })],
    ['an empty signature', 'unsigned', () => ({ ...sound, signature: nothing })],
    ['a payload that was changed', 'bad-signature', () => ({ ...sound, payload: Buffer.from('Payload') })],
    ['the signature of another', 'bad-signature', () => ({ ...sound, signature: other.sign(payload) })],
    ['a high s', 'bad-signature', () => ({ ...sound, signature: highS(sound.signature) })],
    ['an empty secret', 'bad-secret', () => secretWith({ payload: nothing })],
    ['a secret without signature', 'bad-secret', () => secretWith({ signature: nothing })],
    ['a secret by another', 'bad-secret', () => secretWith({ signature: other.sign(secret) })],
    ['the outer signature on the secret', 'bad-secret', () => secretWith({ signature: sound.signature })],
  ];
  for (const [what, fault, make] of faults) {
    it(`do not hold with ${what} (SIGN-06, SIGN-09)`, () => {
      expect(faultOf(make())).to.equal(fault);
    });
  }
});
