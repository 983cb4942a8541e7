import { issueOrganisation, type IssuedIdentity } from '../../src/identity';
import type { CheckContext } from '../harness/context';

const NANOS_PER_MILLI = 1_000_000n;

/** What an organisation made up by the check issues. */
export type StrangerOptions = {
  /** The MSP-ID it claims to have; one that nobody knows by default. */
  readonly mspId?: string;
  /** Names and addresses in the TLS certificate. */
  readonly sans?: readonly string[];
};

/** Identity and TLS credentials, well made, by CAs that no peer of the network knows. */
export async function unknownAuthority(
  t: CheckContext,
  options: StrangerOptions = {},
): Promise<IssuedIdentity> {
  const { mspId = 'NoSuchMSP', sans = ['localhost'] } = options;
  const organisation = await issueOrganisation({
    mspId,
    domain: 'nosuch.example.com',
    nowMs: Number(t.clock.wallNanos() / NANOS_PER_MILLI),
  });
  return organisation.issue({ name: 'peer0', role: 'peer', sans });
}
