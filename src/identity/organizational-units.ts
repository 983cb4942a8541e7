import type { Chain } from './chain';
import type { Certificate } from './certificate';
import { sha256 } from './digests';
import type { MspConfig, OuIdentifier } from './msp-config';

/** A unit and, where only one CA's identities may have it, that CA's chain identifier. */
interface Unit {
  readonly name: string;
  readonly certifiersId: string | undefined;
}

/** Which organisational units an MSP asks for. */
export interface OuRules {
  /** One of these, unless there are none. */
  readonly identifiers: readonly Unit[];
  /** Exactly one of these, by name; undefined where roles are not enforced. */
  readonly roles: ReadonlyMap<string, Unit> | undefined;
}

/** The chain of a CA given in PEM, itself first; field and index say where in the configuration it is named. */
type ChainOfCa = (pem: string, field: keyof MspConfig, index: number) => readonly Certificate[];

/**
 * Reads the rules.
 * Source: msp/mspimplsetup.go, `setupOUs` and `setupNodeOUsV142`.
 */
export function ouRulesOf(config: MspConfig, chainOfCa: ChainOfCa): OuRules {
  const readUnits = (units: readonly OuIdentifier[], field: keyof MspConfig): Unit[] =>
    units.map(({ organizationalUnitIdentifier: name, certificate }, index) => ({
      name,
      certifiersId:
        certificate === undefined ? undefined : certifiersIdOf(chainOfCa(certificate, field, index)),
    }));
  const { client, peer, admin, orderer } = config.nodeOus ?? {};
  // Where two roles have one name the later one counts, in this order.
  const given = [client, peer, admin, orderer].filter((unit) => unit !== undefined);
  const roles = readUnits(given, 'nodeOus').map((unit) => [unit.name, unit] as const);
  return {
    identifiers: readUnits(config.organizationalUnitIdentifiers ?? [], 'organizationalUnitIdentifiers'),
    roles: roles.length === 0 ? undefined : new Map(roles),
  };
}

/**
 * What is wrong with the units of the certificate that `chain` starts with; undefined if nothing is (ID-06).
 * Source: msp/mspimplvalidate.go, `validateIdentityOUsV142`.
 */
export function ouFault(chain: Chain, rules: OuRules): string | undefined {
  const [certificate, ...issuers] = chain;
  const units = certificate.organizationalUnits;
  const listed = units.length === 0 ? 'it has none' : `it has ${units.join(', ')}`;
  const certifiersId = certifiersIdOf(issuers);
  const fits = (unit: Unit): boolean => unit.certifiersId === undefined || unit.certifiersId === certifiersId;

  const { identifiers, roles } = rules;
  if (identifiers.length > 0 && !identifiers.some((unit) => units.includes(unit.name) && fits(unit))) {
    return `none of the organisational units that the MSP asks for; ${listed}`;
  }
  if (roles === undefined) return undefined;

  let found = 0;
  for (const name of units) {
    const role = roles.get(name);
    if (role === undefined) continue;
    if (!fits(role)) return `the organisational unit ${name} under a CA that may not give it`;
    found++;
  }
  if (found === 1) return undefined;
  const problem = found === 0 ? 'no organisational unit of a role' : 'several organisational units of roles';
  return `${problem} (${[...roles.keys()].join(', ')}); ${listed}`;
}

/** SHA-256 over the certificates; hex. Source: msp/mspimpl.go, `getCertificationChainIdentifierFromChain`. */
const certifiersIdOf = (chain: readonly Certificate[]): string =>
  Buffer.from(sha256(...chain.map(({ der }) => der))).toString('hex');
