import { delimiter } from 'node:path';

const VARIABLE = 'GOSSIPSPEC_FABRIC_BIN';

/** Folders with Fabric's programs that the user names, separated as in PATH. Tests on real peers run once for each. */
export const fabricFolders: readonly string[] = (process.env[VARIABLE] ?? '')
  .split(delimiter)
  .filter(Boolean);

/** Shows tests as pending that have no real peers to run on, and says why. */
export function describeNotRun(title: string, why = ''): void {
  describe(title, () => {
    it(`not run: ${VARIABLE} names no folder with Fabric’s peer and orderer${why}`);
  });
}
