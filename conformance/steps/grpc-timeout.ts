const UNIT_MS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1_000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
};

/** A gRPC timeout header, in milliseconds; NaN for none, or one that says nothing. */
export const timeoutMs = (header: string | readonly string[] | undefined): number =>
  typeof header === 'string'
    ? Number(header.slice(0, -1)) * (UNIT_MS[header.slice(-1)] ?? Number.NaN)
    : Number.NaN;
