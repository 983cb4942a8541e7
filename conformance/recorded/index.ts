import type { RecordedCheck } from './recorded-check';
import { channelChecks } from './checks/channel';
import { connectionChecks } from './checks/connection';
import { identityChecks } from './checks/identity';
import { intervalChecks } from './checks/intervals';
import { membershipChecks } from './checks/membership';
import { pullChecks } from './checks/pull';
import { signingChecks } from './checks/signing';
import { stateInfoChecks } from './checks/state-info';

/** Every check of recordings. */
export const recordedChecks: readonly RecordedCheck[] = [
  ...connectionChecks,
  ...identityChecks,
  ...signingChecks,
  ...membershipChecks,
  ...pullChecks,
  ...stateInfoChecks,
  ...channelChecks,
  ...intervalChecks,
];
