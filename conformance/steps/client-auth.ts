import type { TlsCredentials } from '../../src/identity';
import { BareSession } from '../harness/bare/http2-client';
import type { CheckContext } from '../harness/context';
import { demand, Violation } from '../harness/verdict';
import { unknownAuthority } from './strangers';

/**
 * Whether the peer verifies the TLS certificates of all callers (`peer.tls.clientAuthRequired`), which it may: then it
 * refuses who shows none, and who shows one of an unknown CA. A Violation if it does one and not the other.
 */
export async function verifiesClients(t: CheckContext): Promise<boolean> {
  const refusal = async (shown: TlsCredentials | undefined): Promise<string | undefined> => {
    try {
      await using session = await BareSession.open(t.clock, t.put.endpoint, { shown }, t.waits.answerMs);
      return session.failure;
    } catch (error) {
      if (error instanceof Violation) return error.actual;
      throw error;
    }
  };
  const none = await refusal(undefined);
  const { tls } = await unknownAuthority(t);
  const unknown = await refusal(tls);
  demand(
    (none === undefined) === (unknown === undefined),
    'callers without a certificate taken as those with one of an unknown CA are, or both refused',
    `${none ?? 'taken'} without one; ${unknown ?? 'taken'} with one of an unknown CA`,
  );
  return none !== undefined;
}
