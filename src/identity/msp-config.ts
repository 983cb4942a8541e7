/** The roles that an MSP can tell apart by an organisational unit. */
export const ROLES = ['client', 'peer', 'admin', 'orderer'] as const;
export type Role = (typeof ROLES)[number];

/** An organisational unit; with `certificate`, only below that CA of the MSP. */
export interface OuIdentifier {
  readonly organizationalUnitIdentifier: string;
  /** PEM of a root or intermediate certificate of the same MSP. */
  readonly certificate?: string;
}

/** By which unit a role is known; a role that is left out is not known. */
export type NodeOus = Readonly<Partial<Record<Role, OuIdentifier>>>;

/**
 * What an MSP is made of: the fields of `msp.FabricMSPConfig` that decide who belongs to an organisation.
 * Certificates and lists are PEM texts; of each, the first block counts.
 */
export interface MspConfig {
  readonly mspId: string;
  readonly rootCerts: readonly string[];
  readonly intermediateCerts?: readonly string[];
  readonly tlsRootCerts?: readonly string[];
  readonly tlsIntermediateCerts?: readonly string[];
  readonly revocationList?: readonly string[];
  /** If there are any, an identity has to have one of these units. */
  readonly organizationalUnitIdentifiers?: readonly Required<OuIdentifier>[];
  /** Given, an identity has to have exactly one of these roles (ID-06). */
  readonly nodeOus?: NodeOus;
}

/** Names a part of a configuration in errors; a file's path, say. */
export type WhereIs = (field: keyof MspConfig, index: number) => string;

export const inMemory: WhereIs = (field, index) => `${field}[${index}]`;
