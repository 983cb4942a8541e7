/**
 * The lines of captures: one JSON object each, of two sorts. `…-tls`: what probes outside the network saw; `…-peer-to-peer`:
 * what a proxy saw between peers. A folder `…-certs` beside the file says who is who.
 */

/** A message or, with `event`, a mark. Fields that only one sort has are optional. */
export interface CapturedLine {
  /** Milliseconds since the Unix epoch. */
  readonly t: number;
  /** Microseconds since the Unix epoch; peer-to-peer only. */
  readonly us?: number;
  readonly event?: string;
  readonly role?: 'client' | 'server';
  readonly kind?: string;
  readonly envelope?: string;
  readonly decoded?: unknown;
  /** Of probes. */
  readonly probe?: string;
  readonly dir?: 'in' | 'out';
  readonly remote?: string;
  readonly remotePkiId?: string | null;
  readonly pkiId?: string;
  readonly why?: string;
  /** Of peers. */
  readonly from?: string;
  readonly to?: string;
  readonly conn?: number;
  readonly path?: string;
  readonly status?: number;
}

/** `index.json` of the certificates. */
export interface CaptureIndex {
  readonly version: string;
  readonly tls: boolean;
  readonly channel: string;
  readonly peers: Readonly<Record<string, string>>;
  readonly gossipConfigOfOrg1Peer0?: Readonly<Record<string, string>>;
  readonly identities: Readonly<Record<string, CapturedIdentity>>;
}

export interface CapturedIdentity {
  readonly name: string;
  readonly mspid: string;
  readonly sign: string;
  readonly tls: string;
}

/** Microseconds since the Unix epoch. */
export const wallUsOf = ({ t, us }: CapturedLine): number => us ?? t * 1000;
