export type { Certificate } from './certificate';
export { channelMac, pkiIdOf, tlsCertHash } from './digests';
export { IdentityError, type IdentityErrorCode } from './identity-error';
export type { CertificateAuthority, CurveName, Validity } from './issue-authority';
export {
  identityFiles,
  openOrganisation,
  writeOrganisation,
  type IdentityFolders,
  type OpenOrganisationOptions,
  type OrganisationFolders,
} from './issue-folders';
export {
  issueOrganisation,
  type IdentityRequest,
  type IssuedIdentity,
  type Organisation,
  type OrganisationKind,
  type OrganisationOptions,
} from './issue-organisation';
export { loadLocalMsp, loadMsp, type LoadMspOptions, type LocalMsp } from './load-msp';
export { Msp, type Refusal } from './msp';
export type { MspConfig, NodeOus, OuIdentifier, Role } from './msp-config';
export { MspRegistry, type MspRegistryOptions } from './msp-registry';
export { decodePem, encodePem, type PemBlock } from './pem';
export { readIdentity } from './read-identity';
export { deserializeIdentity, serializeIdentity, type IdentityBytes } from './serialized-identity';
export { createSigningIdentity, type SigningIdentityOptions, type SigningMaterial } from './signing-identity';
export {
  createTlsCredentials,
  loadTlsCredentials,
  type LoadTlsOptions,
  type TlsCredentials,
  type TlsMaterial,
  type TlsOptions,
} from './tls-credentials';
export { X509Identity, X509SigningIdentity } from './x509-identity';
