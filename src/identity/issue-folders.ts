/**
 * Organisations in folders, as cryptogen lays them out:
 *
 *     peerOrganizations/org1.example.com/          (ordererOrganizations/ for orderers)
 *       ca/     tlsca/                             certificate and priv_sk of the CA that issues
 *       msp/                                       cacerts, tlscacerts, config.yaml
 *       peers/peer0.org1.example.com/              (orderers/ for orderers)
 *         msp/                                     the same, signcerts, keystore
 *         tls/                                     server.crt, server.key, ca.crt
 *       users/Admin@org1.example.com/
 *         msp/   tls/                              the same, but client.crt, client.key
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { silentLog, type Log } from '../ports/log';
import { certificateFromPem } from './certificate-pem';
import { readPemFiles } from './folder';
import { IdentityError } from './identity-error';
import { CertificateAuthority, type CurveName } from './issue-authority';
import { Organisation, type IssuedIdentity } from './issue-organisation';
import { loadMsp } from './load-msp';
import { ROLES, type MspConfig, type Role } from './msp-config';
import { OU_KEYS } from './msp-config-yaml';
import { decodePem } from './pem';
import { keyOf } from './private-key';

/** Where an organisation was written. */
export interface OrganisationFolders {
  /** peerOrganizations/<domain> or ordererOrganizations/<domain>. */
  readonly folder: string;
  /** The organisation's MSP, without an identity. */
  readonly mspFolder: string;
  /** In the order given. */
  readonly identities: readonly IdentityFolders[];
}

export interface IdentityFolders {
  readonly name: string;
  readonly mspFolder: string;
  readonly tlsFolder: string;
}

export interface OpenOrganisationOptions {
  /** Wall time in milliseconds since the Unix epoch, as for a new organisation. */
  readonly nowMs: number;
  /** Of the keys to be issued; P-256 by default. */
  readonly curve?: CurveName;
  readonly log?: Log;
}

/** Files by their paths within a folder. */
type Files = Readonly<Record<string, string>>;

const MEMBERS: Readonly<Record<Role, string>> = {
  peer: 'peers',
  orderer: 'orderers',
  admin: 'users',
  client: 'users',
};
const KEY_FILE = 'priv_sk';
/** Keys are for their owner alone. */
const KEY_MODE = 0o600;

/**
 * Writes an organisation and identities of it below `root`.
 * @throws IdentityError with code UNREADABLE if a file cannot be written.
 */
export function writeOrganisation(
  root: string,
  organisation: Organisation,
  identities: readonly IssuedIdentity[],
): OrganisationFolders {
  const { kind, domain, ca, tlsCa, msp } = organisation;
  const folder = join(root, `${kind}Organizations`, domain);
  const mspFiles = mspFilesOf(organisation.domain, msp.config);
  const mspFolder = join(folder, 'msp');
  write(mspFolder, mspFiles);
  for (const [name, authority] of Object.entries({ ca, tlsca: tlsCa })) {
    write(join(folder, name), {
      [`${name}.${domain}-cert.pem`]: authority.certificatePem,
      [KEY_FILE]: authority.privateKeyPem,
    });
  }
  return { folder, mspFolder, identities: identities.map((one) => writeIdentity(folder, one, mspFiles)) };
}

function writeIdentity(folder: string, issued: IssuedIdentity, mspFiles: Files): IdentityFolders {
  const home = join(folder, MEMBERS[issued.role], issued.name);
  write(home, identityFilesOf(issued, mspFiles));
  return { name: issued.name, mspFolder: join(home, 'msp'), tlsFolder: join(home, 'tls') };
}

/**
 * The files of one identity, by their paths below its folder: `msp/...` and `tls/...`, as on disk. `config`: of its MSP, in
 * the place of the organisation's own.
 */
export const identityFiles = (
  { domain, msp }: Organisation,
  issued: IssuedIdentity,
  config: MspConfig = msp.config,
): Files => identityFilesOf(issued, mspFilesOf(domain, config));

function identityFilesOf({ name, role, enrolment, tls, clientTls }: IssuedIdentity, mspFiles: Files): Files {
  const certificates =
    MEMBERS[role] === 'users' ? { client: clientTls ?? tls } : { server: tls, client: clientTls };
  const files: Record<string, string> = {
    ...Object.fromEntries(Object.entries(mspFiles).map(([path, text]) => [`msp/${path}`, text])),
    [`msp/signcerts/${name}-cert.pem`]: enrolment.certificatePem,
    [`msp/keystore/${KEY_FILE}`]: enrolment.privateKeyPem,
    'tls/ca.crt': tls.rootsPem.join(''),
  };
  for (const [use, credentials] of Object.entries(certificates)) {
    if (credentials === undefined) continue;
    files[`tls/${use}.crt`] = credentials.certificateChainPem;
    files[`tls/${use}.key`] = credentials.privateKeyPem;
  }
  return files;
}

/** What {@link loadMsp} reads. */
function mspFilesOf(domain: string, config: MspConfig): Files {
  const filesOf = (pems: readonly string[] | undefined, fileOf: (nth: string) => string): Files =>
    Object.fromEntries((pems ?? []).map((pem, index) => [fileOf(index === 0 ? '' : `${index}`), pem]));
  const cas = {
    ...filesOf(config.rootCerts, (nth) => `cacerts/ca${nth}.${domain}-cert.pem`),
    ...filesOf(config.intermediateCerts, (nth) => `intermediatecerts/ica${nth}.${domain}-cert.pem`),
  };
  return {
    ...cas,
    ...filesOf(config.tlsRootCerts, (nth) => `tlscacerts/tlsca${nth}.${domain}-cert.pem`),
    ...filesOf(config.tlsIntermediateCerts, (nth) => `tlsintermediatecerts/tlsica${nth}.${domain}-cert.pem`),
    ...filesOf(config.revocationList, (nth) => `crls/crl${nth}.pem`),
    'config.yaml': configYamlOf(config, cas),
  };
}

function configYamlOf({ nodeOus }: MspConfig, cas: Files): string {
  if (nodeOus === undefined) return stringify({ NodeOUs: { Enable: false } });
  const units = ROLES.map((role) => [OU_KEYS[role], nodeOus[role]] as const)
    .filter(([, unit]) => unit !== undefined)
    .map(([key, unit]) => {
      const file = Object.keys(cas).find((path) => cas[path] === unit?.certificate);
      const certificate = file === undefined ? {} : { Certificate: file };
      const name = unit?.organizationalUnitIdentifier;
      return [key, { ...certificate, OrganizationalUnitIdentifier: name }] as const;
    });
  return stringify({ NodeOUs: { Enable: true, ...Object.fromEntries(units) } });
}

function write(folder: string, files: Files): void {
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    const isKey = name.endsWith(KEY_FILE) || name.endsWith('.key');
    try {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text, isKey ? { mode: KEY_MODE } : {});
    } catch (cause) {
      throw new IdentityError('UNREADABLE', path, 'it cannot be written; name a folder that can.', { cause });
    }
  }
}

/**
 * Takes up an organisation that cryptogen or {@link writeOrganisation} wrote, to issue more identities of it: the folder
 * <domain> with `ca`, `tlsca` and `msp` in it.
 * @throws IdentityError
 */
export async function openOrganisation(
  folder: string,
  mspId: string,
  { nowMs, curve = 'P-256', log = silentLog }: OpenOrganisationOptions,
): Promise<Organisation> {
  const [ca, tlsCa] = await Promise.all([
    openCa(join(folder, 'ca'), log),
    openCa(join(folder, 'tlsca'), log),
  ]);
  return new Organisation({
    domain: basename(folder),
    kind: basename(dirname(folder)) === 'ordererOrganizations' ? 'orderer' : 'peer',
    curve,
    nowMs,
    ca,
    tlsCa,
    config: loadMsp(join(folder, 'msp'), mspId, { log }).config,
  });
}

function openCa(folder: string, log: Log): Promise<CertificateAuthority> {
  const advice =
    'name an organisation’s folder with its CAs, such as cryptogen’s peerOrganizations/org1.example.com.';
  const files = readPemFiles(folder, advice, log);
  const isCertificate = ({ text }: { text: string }): boolean => decodePem(text)?.type === 'CERTIFICATE';
  const file = files.find(isCertificate);
  if (file === undefined)
    throw new IdentityError('FILE_MISSING', folder, `no certificate in this folder; ${advice}`);
  const certificate = certificateFromPem(file.text, file.path);
  const keys = files.filter((other) => !isCertificate(other));
  return CertificateAuthority.open(certificate, keyOf(certificate, keys, folder));
}
