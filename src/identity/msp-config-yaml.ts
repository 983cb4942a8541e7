import { join } from 'node:path';
import { parse } from 'yaml';
import type { Log } from '../ports/log';
import { readFileIfAny } from './folder';
import { IdentityError } from './identity-error';
import { ROLES, type MspConfig, type NodeOus, type OuIdentifier, type Role } from './msp-config';

type OuConfig = Pick<MspConfig, 'nodeOus' | 'organizationalUnitIdentifiers'>;
type Mapping = Readonly<Record<string, unknown>>;

/** What `NodeOUs` calls the roles. */
export const OU_KEYS: Readonly<Record<Role, string>> = {
  client: 'ClientOUIdentifier',
  peer: 'PeerOUIdentifier',
  admin: 'AdminOUIdentifier',
  orderer: 'OrdererOUIdentifier',
};

/**
 * Reads an MSP folder's `config.yaml`: `NodeOUs` and `OrganizationalUnitIdentifiers`; nothing where there is no file.
 * A role whose certificate is not there is known below any CA, as in Fabric.
 * @throws IdentityError
 * Source: msp/configbuilder.go, `getMspConfig`, `loadCertificateAt`.
 */
export function readMspConfigYaml(folder: string, log: Log): OuConfig {
  const path = join(folder, 'config.yaml');
  const file = readFileIfAny(path);
  if (file === undefined) return {};
  const config = new MspConfigYaml(folder, path, log);
  return config.read(Buffer.from(file.text, 'latin1').toString('utf8'));
}

class MspConfigYaml {
  readonly #folder: string;
  readonly #path: string;
  readonly #log: Log;

  constructor(folder: string, path: string, log: Log) {
    this.#folder = folder;
    this.#path = path;
    this.#log = log;
  }

  read(text: string): OuConfig {
    const root = this.#mapping(this.#parse(text), 'the file');
    const nodeOus = this.#mapping(root['NodeOUs'], 'NodeOUs');
    const identifiers = root['OrganizationalUnitIdentifiers'] ?? [];
    if (!Array.isArray(identifiers)) throw this.#malformed('OrganizationalUnitIdentifiers is no list');
    return {
      organizationalUnitIdentifiers: identifiers.map((entry: unknown) => this.#identifier(entry)),
      ...(this.#isOn(nodeOus['Enable']) ? { nodeOus: this.#nodeOus(nodeOus) } : {}),
    };
  }

  #parse(text: string): unknown {
    try {
      // Fabric's reader is of YAML 1.1, where `yes` is true.
      return parse(text, { version: '1.1' });
    } catch (cause) {
      throw this.#malformed('it is no YAML', cause);
    }
  }

  #isOn(value: unknown): boolean {
    if (value !== undefined && value !== null && typeof value !== 'boolean') {
      throw this.#malformed('NodeOUs.Enable is neither true nor false');
    }
    return value === true;
  }

  #nodeOus(nodeOus: Mapping): NodeOus {
    const units = ROLES.map((role): [Role, OuIdentifier] | undefined => {
      const key = OU_KEYS[role];
      const unit = this.#mapping(nodeOus[key], `NodeOUs.${key}`);
      const name = this.#text(unit, 'OrganizationalUnitIdentifier', key);
      return name === ''
        ? undefined
        : [role, this.#withCertificateIfAny(name, this.#text(unit, 'Certificate', key))];
    });
    return Object.fromEntries(units.filter((unit) => unit !== undefined));
  }

  #withCertificateIfAny(organizationalUnitIdentifier: string, certificate: string): OuIdentifier {
    if (certificate === '') return { organizationalUnitIdentifier };
    const path = join(this.#folder, certificate);
    const file = readFileIfAny(path);
    if (file !== undefined) return { organizationalUnitIdentifier, certificate: file.text };
    this.#log.warn('a NodeOU names a certificate that is not there; any CA may give it', { path });
    return { organizationalUnitIdentifier };
  }

  #identifier(entry: unknown): Required<OuIdentifier> {
    const key = 'OrganizationalUnitIdentifiers';
    const unit = this.#mapping(entry, key);
    const certificate = this.#text(unit, 'Certificate', key);
    const file = readFileIfAny(join(this.#folder, certificate));
    if (file === undefined)
      throw this.#malformed(`${key} names a certificate that is not there: ${certificate}`);
    return {
      organizationalUnitIdentifier: this.#text(unit, 'OrganizationalUnitIdentifier', key),
      certificate: file.text,
    };
  }

  /** Empty for what is left out. */
  #mapping(value: unknown, name: string): Mapping {
    if (value === undefined || value === null) return {};
    if (typeof value !== 'object' || Array.isArray(value)) throw this.#malformed(`${name} is no mapping`);
    return value as Mapping;
  }

  /** Empty for what is left out. */
  #text(mapping: Mapping, key: string, within: string): string {
    const value = mapping[key] ?? '';
    if (typeof value !== 'string') throw this.#malformed(`${within}.${key} is no text`);
    return value;
  }

  #malformed(problem: string, cause?: unknown): IdentityError {
    const message = `${problem}; write it as the MSP documentation of Fabric has it.`;
    return new IdentityError('CONFIG_MALFORMED', this.#path, message, { cause });
  }
}
