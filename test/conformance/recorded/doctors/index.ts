import type { ClauseDoctors } from '../doctor';
import { channelDoctors } from './channel';
import { connectionDoctors } from './connection';
import { membershipDoctors } from './membership';
import { pullDoctors } from './pull';
import { signingDoctors } from './signing';

/** For every check of recordings, a recording in which it must find something. */
export const doctors: ClauseDoctors = {
  ...connectionDoctors,
  ...signingDoctors,
  ...membershipDoctors,
  ...pullDoctors,
  ...channelDoctors,
};
