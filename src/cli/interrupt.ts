import { exitCodes } from './exit-codes';
import type { Io, StopSignal } from './session';

/** The reason of an abort by a signal. */
class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

const codes: Readonly<Record<StopSignal, number>> = {
  SIGINT: exitCodes.interrupted,
  SIGTERM: exitCodes.terminated,
};

/**
 * Does `work`, whose result is an exit code; SIGINT or SIGTERM aborts it. Waits until it has stopped what it started,
 * then gives the signal's exit code, whatever the work came to. Rejects only where no signal came.
 */
export async function interruptible(io: Io, work: (signal: AbortSignal) => Promise<number>): Promise<number> {
  const controller = new AbortController();
  let code: number | undefined;
  const forget = io.onStopSignal((signal) => {
    code = codes[signal];
    io.err.write(`\n${signal}: stopping what was started; no verdict\n`);
    controller.abort(new Interrupted(signal));
  });
  try {
    const worked = await work(controller.signal);
    return code ?? worked;
  } catch (error) {
    if (code === undefined) throw error;
    if (!(error instanceof Interrupted)) io.err.write(`while stopping: ${String(error)}\n`);
    return code;
  } finally {
    forget();
  }
}
