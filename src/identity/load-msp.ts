import { join } from 'node:path';
import { silentLog, type Log } from '../ports/log';
import { certificateFromPem } from './certificate-pem';
import { mustBeFolder, readFolderIfAny, readPemFiles, readPemFilesIfAny, type NamedText } from './folder';
import { IdentityError } from './identity-error';
import { Msp } from './msp';
import type { MspConfig } from './msp-config';
import { readMspConfigYaml } from './msp-config-yaml';
import { signingIdentityOf, type SigningIdentityOptions } from './signing-identity';
import type { X509SigningIdentity } from './x509-identity';

export interface LoadMspOptions {
  /** Is told of files that are skipped. */
  readonly log?: Log;
}

/** An MSP and the identity that its folder holds. */
export interface LocalMsp {
  readonly msp: Msp;
  readonly identity: X509SigningIdentity;
}

/**
 * Loads an MSP from its folder, as cryptogen and the Fabric CA client lay it out: `cacerts`, and where they are there
 * `intermediatecerts`, `tlscacerts`, `tlsintermediatecerts`, `crls` and `config.yaml`. The folder does not say the MSP-ID.
 * @throws IdentityError
 * Source: msp/configbuilder.go, `getMspConfig`.
 */
export function loadMsp(folder: string, mspId: string, { log = silentLog }: LoadMspOptions = {}): Msp {
  mustBeFolder(folder, 'name the MSP folder of an organisation, a peer or a user, which holds cacerts.');
  const advice = 'put the certificate of the organisation’s root CA there.';
  const files = {
    rootCerts: readPemFiles(join(folder, 'cacerts'), advice, log),
    intermediateCerts: readPemFilesIfAny(join(folder, 'intermediatecerts'), log),
    tlsRootCerts: readPemFilesIfAny(join(folder, 'tlscacerts'), log),
    tlsIntermediateCerts: readPemFilesIfAny(join(folder, 'tlsintermediatecerts'), log),
    revocationList: readPemFilesIfAny(join(folder, 'crls'), log),
  };
  const textsOf = (named: readonly NamedText[]): string[] => named.map(({ text }) => text);
  const config: MspConfig = {
    mspId,
    rootCerts: textsOf(files.rootCerts),
    intermediateCerts: textsOf(files.intermediateCerts),
    tlsRootCerts: textsOf(files.tlsRootCerts),
    // Fabric reads the TLS intermediates only where there are TLS roots.
    tlsIntermediateCerts: files.tlsRootCerts.length === 0 ? [] : textsOf(files.tlsIntermediateCerts),
    revocationList: textsOf(files.revocationList),
    ...readMspConfigYaml(folder, log),
  };
  return new Msp(config, (field, index) => {
    const named: readonly NamedText[] = field in files ? files[field as keyof typeof files] : [];
    return named[index]?.path ?? join(folder, 'config.yaml');
  });
}

/**
 * Loads the MSP of a peer or a user: what {@link loadMsp} reads, the certificate in `signcerts`, and from `keystore` the
 * key that belongs to it, whatever its file is called.
 * @throws IdentityError
 * Source: msp/configbuilder.go, `GetLocalMspConfig`; msp/mspimplsetup.go, `setupSigningIdentity`.
 */
export function loadLocalMsp(
  folder: string,
  mspId: string,
  options: LoadMspOptions & SigningIdentityOptions = {},
): LocalMsp {
  const { log = silentLog, nowMs } = options;
  const msp = loadMsp(folder, mspId, { log });
  const advice = 'name the MSP folder of a peer or a user, and put its enrolment certificate there.';
  const [{ path, text }] = readPemFiles(join(folder, 'signcerts'), advice, log);
  const certificate = certificateFromPem(text, path);
  const refusal = msp.refuses(certificate);
  if (refusal?.reason === 'untrusted') {
    const wanted = 'put certificates of one organisation into signcerts and cacerts.';
    throw new IdentityError(
      'CERTIFICATE_UNTRUSTED',
      path,
      `${mspId} refuses the certificate: ${refusal.detail}; ${wanted}`,
    );
  }
  if (refusal !== undefined) {
    log.warn('other peers will refuse this identity', { path, reason: refusal.detail });
  }
  const keystore = join(folder, 'keystore');
  const keys = readFolderIfAny(keystore) ?? [];
  return { msp, identity: signingIdentityOf(msp, certificate, path, keys, keystore, nowMs) };
}
