import type { Organisation } from '../../../src/identity';
import type { Papers, PapersRequest } from '../target';

/** TLS names of an issued tester besides the address it listens on. */
const ALWAYS = ['localhost', '127.0.0.1'];

export interface IssuingOptions {
  readonly organisation: Organisation;
  readonly tls: boolean;
  /** The address that testers listen on. */
  readonly listenHost: string;
  /** Wall time, milliseconds since the Unix epoch. */
  readonly nowMs: () => number;
}

/** Issues testers of one organisation, numbered, each with papers that no peer has ever seen. */
export function paperMill(options: IssuingOptions): (request?: PapersRequest) => Promise<Papers> {
  const { organisation, tls, listenHost, nowMs } = options;
  let issued = 0;
  return async (request = {}) => {
    issued += 1;
    const number = issued;
    const { role = 'peer', validFromSeconds, validForSeconds, tlsSans } = request;
    const now = nowMs();
    const one = await organisation.issue({
      // The start of the run tells the testers of one run from those of another.
      name: `tester${number}-${now.toString(36)}`,
      role,
      sans: tlsSans ?? [...new Set([listenHost, ...ALWAYS])],
      validity: {
        ...(validFromSeconds === undefined ? {} : { notBeforeMs: now + validFromSeconds * 1_000 }),
        ...(validForSeconds === undefined ? {} : { notAfterMs: now + validForSeconds * 1_000 }),
      },
    });
    return {
      name: `${organisation.mspId}/tester${number}`,
      identity: one.identity,
      tls: tls ? one.tls : undefined,
      listenHost,
    };
  };
}
