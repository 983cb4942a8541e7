import type { AtHand, ConformanceRunner, MutantsRunner } from '../../conformance/run-types';
import { cleanCommand } from '../../src/cli/clean';
import { conformanceCommand } from '../../src/cli/conformance';
import { driftCommand } from '../../src/cli/drift';
import { explainCommand } from '../../src/cli/explain';
import { mutantsCommand } from '../../src/cli/mutants';
import { runCommandLine } from '../../src/cli/program';
import type { Io, StopSignal } from '../../src/cli/session';

export interface FakeProcess {
  readonly env?: Readonly<Record<string, string>>;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly conformance?: Partial<ConformanceRunner>;
  readonly mutants?: Partial<MutantsRunner>;
  /** Given a function that sends the signal, once somebody listens. */
  readonly onListening?: (send: (signal: StopSignal) => void) => void;
}

export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** Whether somebody still listens for signals. */
  readonly listening: boolean;
}

const never = (): never => {
  throw new Error('this must not be called');
};

const nothing = (): Promise<AtHand> => Promise.resolve({ docker: false, native: false });

/** Runs a command line with nothing real around it. */
export async function cli(argv: readonly string[], fake: FakeProcess = {}): Promise<Ended> {
  const { env = {}, isTTY = false, columns = 100, conformance, mutants, onListening } = fake;
  let [out, err, listening] = ['', '', false];
  const io: Io = {
    out: { write: (text: string) => (out += text), isTTY, columns },
    err: { write: (text: string) => (err += text) },
    env,
    onStopSignal: (stop) => {
      listening = true;
      onListening?.(stop);
      return () => {
        listening = false;
      };
    },
  };
  const code = await runCommandLine(argv, io, [
    conformanceCommand(() => ({ runConformance: never, listChecks: never, atHand: nothing, ...conformance })),
    mutantsCommand(() => ({ runMutants: never, listMutants: never, ...mutants })),
    explainCommand,
    driftCommand,
    cleanCommand,
  ]);
  return { code, out, err, listening };
}
