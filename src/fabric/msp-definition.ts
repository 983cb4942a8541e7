import { msp } from '@hyperledger/fabric-protos';
import type { MspConfig, OuIdentifier } from '../identity';

/** Fabric's number for an MSP of X.509 certificates. Source: msp/msp.go, `FABRIC`. */
const FABRIC_MSP_TYPE = 0;

const bytesOf = (pem: string): Uint8Array => Buffer.from(pem);

/** How a channel's configuration defines an organisation: who its members are, and how they are told apart. */
export function mspDefinition(config: MspConfig): msp.MSPConfig {
  const crypto = new msp.FabricCryptoConfig();
  crypto.setSignatureHashFamily('SHA2');
  crypto.setIdentityIdentifierHashFunction('SHA256');

  const fabric = new msp.FabricMSPConfig();
  fabric.setName(config.mspId);
  fabric.setRootCertsList(config.rootCerts.map(bytesOf));
  fabric.setIntermediateCertsList((config.intermediateCerts ?? []).map(bytesOf));
  fabric.setTlsRootCertsList((config.tlsRootCerts ?? []).map(bytesOf));
  fabric.setTlsIntermediateCertsList((config.tlsIntermediateCerts ?? []).map(bytesOf));
  fabric.setRevocationListList((config.revocationList ?? []).map(bytesOf));
  fabric.setOrganizationalUnitIdentifiersList((config.organizationalUnitIdentifiers ?? []).map(ouIdentifier));
  fabric.setCryptoConfig(crypto);
  if (config.nodeOus !== undefined) fabric.setFabricNodeOus(nodeOus(config.nodeOus));

  const definition = new msp.MSPConfig();
  definition.setType(FABRIC_MSP_TYPE);
  definition.setConfig(fabric.serializeBinary());
  return definition;
}

function nodeOus({ client, peer, admin, orderer }: NonNullable<MspConfig['nodeOus']>): msp.FabricNodeOUs {
  const units = new msp.FabricNodeOUs();
  units.setEnable(true);
  units.setClientOuIdentifier(client && ouIdentifier(client));
  units.setPeerOuIdentifier(peer && ouIdentifier(peer));
  units.setAdminOuIdentifier(admin && ouIdentifier(admin));
  units.setOrdererOuIdentifier(orderer && ouIdentifier(orderer));
  return units;
}

function ouIdentifier({ organizationalUnitIdentifier, certificate }: OuIdentifier): msp.FabricOUIdentifier {
  const identifier = new msp.FabricOUIdentifier();
  identifier.setOrganizationalUnitIdentifier(organizationalUnitIdentifier);
  if (certificate !== undefined) identifier.setCertificate(bytesOf(certificate));
  return identifier;
}
