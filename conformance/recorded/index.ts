import type { RecordedCheck } from './recorded-check';
import { channelChecks } from './checks/channel';
import { connectionChecks } from './checks/connection';
import { intervalChecks } from './checks/intervals';
import { membershipChecks } from './checks/membership';
import { pullChecks } from './checks/pull';
import { signingChecks } from './checks/signing';

/** Every check of recordings. */
export const recordedChecks: readonly RecordedCheck[] = [
  ...connectionChecks,
  ...signingChecks,
  ...membershipChecks,
  ...pullChecks,
  ...channelChecks,
  ...intervalChecks,
];
