import { wallMs } from '../../src/ports/clock';
import {
  createSigningIdentity,
  issueOrganisation,
  type IssuedIdentity,
  type Organisation,
} from '../../src/identity';
import type { SigningIdentity } from '../../src/ports/identity';
import type { CheckContext } from '../harness/context';
import type { Papers } from '../harness/target';

const organise = (t: CheckContext, mspId: string): Promise<Organisation> =>
  issueOrganisation({
    mspId,
    domain: 'nosuch.example.com',
    nowMs: wallMs(t.clock),
  });

/** What an organisation made up by the check issues. */
export interface StrangerOptions {
  /** The MSP-ID it claims to have; one that nobody knows by default. */
  readonly mspId?: string;
  /** Names and addresses in the TLS certificate. */
  readonly sans?: readonly string[];
}

/** Identity and TLS credentials, well made, by CAs that no peer of the network knows. */
export async function unknownAuthority(
  t: CheckContext,
  { mspId = 'NoSuchMSP', sans = ['localhost'] }: StrangerOptions = {},
): Promise<IssuedIdentity> {
  const organisation = await organise(t, mspId);
  return organisation.issue({ name: 'peer0', role: 'peer', sans });
}

/** The identity that a tester's TLS certificate would make: well signed, and by no CA of identities. */
export async function identityOfTls(t: CheckContext, { identity, tls }: Papers): Promise<SigningIdentity> {
  if (tls === undefined) throw new Error('a tester without TLS');
  const { msp } = await organise(t, identity.mspId);
  return createSigningIdentity(msp, {
    certificatePem: tls.certificateChainPem,
    privateKeyPem: tls.privateKeyPem,
  });
}
