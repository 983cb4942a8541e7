import type { PeerIdentity } from '../ports/identity';
import type { Envelope } from '../wire';
import type { PeerContext } from './context';
import { rejected, type Rejection } from './rejections';

/**
 * What is wrong with an envelope that is said to be of `author`; undefined: nothing. Its signatures must hold, and one of
 * another organisation must satisfy the policy Readers of a channel (ID-13).
 * Source: internal/peer/gossip/mcs.go, `Verify`.
 */
export function authenticityFault(
  { self, rules, isReader }: PeerContext,
  envelope: Envelope,
  author: PeerIdentity,
): Rejection | undefined {
  const fault = rules.signatureFault(envelope, author);
  if (fault !== undefined || author.mspId === self.mspId || rules.hearsAbroad(isReader(author))) {
    return fault;
  }
  return rejected('no-reader-anywhere', author.mspId);
}
