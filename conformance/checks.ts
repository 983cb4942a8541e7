import { handshakeChecks } from './connection/handshake';
import type { Check } from './harness/check';

/** Every check of the suite. */
export const checks: readonly Check[] = [...handshakeChecks];
