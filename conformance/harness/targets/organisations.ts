import { X509Certificate } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  deserializeIdentity,
  IdentityError,
  loadLocalMsp,
  loadMsp,
  loadTlsCredentials,
  MspRegistry,
  openOrganisation,
  type Organisation,
  type TlsCredentials,
} from '../../../src/identity';
import { UsageError, type AttachOptions } from '../../run-types';

/** The folder of a tester, or of an organisation with its CA keys; its MSP-ID where the user said it. */
export interface NamedFolder {
  readonly dir: string;
  readonly mspId: string | undefined;
}

/** A tester's folder whose files are in order. */
export interface TesterFolder extends NamedFolder {
  /** Undefined where TLS is off. */
  readonly tls: TlsCredentials | undefined;
}

/** Runs `load`, and turns what is wrong with the user's files into a UsageError. */
export function fromFiles<T>(load: () => T): T {
  try {
    return load();
  } catch (error) {
    if (error instanceof IdentityError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}

/** Reads the folders of `--tester`. Throws a UsageError for what is missing, does not match, or has expired. */
export function openTesterFolders(options: AttachOptions, nowMs: number): readonly TesterFolder[] {
  if (options.testers.length === 0 && options.issuers.length === 0) {
    const what = 'Which outside peer shall speak to the network?';
    throw new UsageError(
      `${what} Name the folder of one with --tester DIR; it holds msp/ and tls/. Or name an organisation with CA keys: --issuer DIR.`,
    );
  }
  return options.testers.map(({ dir, mspId }) => {
    // Its MSP-ID may not be known yet, but the files can be read, and key and certificate must belong together.
    fromFiles(() => loadLocalMsp(join(dir, 'msp'), mspId ?? 'unknown', { nowMs }));
    const tls = options.tls ? fromFiles(() => loadTlsCredentials(join(dir, 'tls'), { nowMs })) : undefined;
    return { dir, mspId, tls };
  });
}

const hasCas = (folder: string): boolean =>
  existsSync(join(folder, 'ca')) && existsSync(join(folder, 'tlsca'));

/**
 * The organisation folders with CAs: those of `--issuer`, and, where testers lie in folders as cryptogen lays them out,
 * the organisations of that network.
 */
export function issuerFolders(options: AttachOptions): readonly NamedFolder[] {
  if (!options.issue) return [];
  const organisations = new Set(options.testers.map(({ dir }) => dirname(dirname(dirname(dir)))));
  const beside = [...organisations]
    .filter((folder) =>
      options.testers.some(
        ({ dir }) => dirname(dirname(dirname(dir))) === folder && hasCas(dirname(dirname(dir))),
      ),
    )
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .filter(hasCas);
  return [...new Set([...options.issuers, ...beside])].map((dir) => ({ dir, mspId: undefined }));
}

/** Opens an organisation's CAs; undefined for a folder that nobody named and that is not fit. */
export async function openIssuer(
  options: AttachOptions,
  dir: string,
  mspId: string,
  nowMs: number,
): Promise<Organisation | undefined> {
  try {
    return await openOrganisation(dir, mspId, { nowMs });
  } catch (error) {
    if (!(error instanceof IdentityError)) throw error;
    if (options.issuers.includes(dir)) throw new UsageError(error.message, { cause: error });
    return undefined;
  }
}

/**
 * The MSP-ID of a folder: the one said, or that of an identity which the folder's own CAs vouch for. `identities`:
 * serialized ones of peers of the network. Undefined if none is of that organisation.
 */
export function mspIdOf(
  { dir, mspId }: NamedFolder,
  identities: readonly Uint8Array[],
  nowMs: number,
): string | undefined {
  if (mspId !== undefined) return mspId;
  const vouches = (identity: Uint8Array): string | undefined => {
    const claimed = deserializeIdentity(identity)?.mspId;
    if (claimed === undefined) return undefined;
    const registry = new MspRegistry([fromFiles(() => loadMsp(join(dir, 'msp'), claimed))]);
    return registry.validate(identity, nowMs).ok ? claimed : undefined;
  };
  return identities.map(vouches).find((found) => found !== undefined);
}

/**
 * The MSP-IDs that a tester's organisation is likely to have, for a peer that does not show which it is: the one said,
 * or `Org1MSP` where the organisation's CA is one of org1.example.com, as is the custom.
 */
export function likelyMspIds({ dir, mspId }: NamedFolder): readonly string[] {
  if (mspId !== undefined) return [mspId];
  const { config } = fromFiles(() => loadMsp(join(dir, 'msp'), 'unknown'));
  return config.rootCerts.flatMap((pem) => {
    const [, label] = /^O=([A-Za-z0-9-]+)/m.exec(new X509Certificate(pem).subject) ?? [];
    return label === undefined ? [] : [`${label.charAt(0).toUpperCase()}${label.slice(1)}MSP`];
  });
}
