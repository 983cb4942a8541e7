import { runExitCodes } from '../report/verdict';

/** Every code that this program ends with. */
export const exitCodes = {
  ...runExitCodes,
  noNetwork: 3,
  usage: 64,
  badRecording: 65,
  interrupted: 130,
  terminated: 143,
} as const;

/** For `--help`. */
export const exitCodesHelp = `
Exit codes:
  ${exitCodes.conformant}    conformant: no must or should clause failed, and each must clause that ran could be judged
  ${exitCodes.notConformant}    not conformant: a peer violates a must or a should clause; or the baseline is stale
  ${exitCodes.cannotTell}    cannot tell: a must clause was inconclusive, or nothing, or less than demanded, could be judged
  ${exitCodes.noNetwork}    the network could not be reached or brought up
  ${exitCodes.usage}   wrong usage
  ${exitCodes.badRecording}   the recording cannot be read at all, or not be written
  ${exitCodes.ownFault}   a fault of this program
  ${exitCodes.interrupted}  interrupted (SIGINT)
  ${exitCodes.terminated}  terminated (SIGTERM)`;
