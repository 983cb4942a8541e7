import { acceptanceChecks } from './alive/acceptance';
import { ownMessageChecks } from './alive/own-messages';
import { updateChecks } from './alive/updates';
import { handshakeChecks } from './connection/handshake';
import { rpcChecks } from './connection/rpc';
import type { Check } from './harness/check';
import { learningChecks } from './membership/learning';
import { requestChecks } from './membership/requests';
import { responseChecks } from './membership/responses';
import { answerChecks } from './pull/answers';
import { identityItemChecks } from './pull/identity-items';
import { identityUpdateChecks } from './pull/identity-updates';
import { roundChecks } from './pull/rounds';

/** Every check of the suite. */
export const checks: readonly Check[] = [
  ...rpcChecks,
  ...handshakeChecks,
  ...answerChecks,
  ...roundChecks,
  ...identityItemChecks,
  ...identityUpdateChecks,
  ...ownMessageChecks,
  ...acceptanceChecks,
  ...updateChecks,
  ...requestChecks,
  ...responseChecks,
  ...learningChecks,
];
