import { msp } from '@hyperledger/fabric-protos';
import { Msp, type MspConfig, type NodeOus, type OuIdentifier } from '../identity';
import { ChannelConfigError } from './channel-config-error';

/** Fabric's number for an MSP of X.509 certificates. Source: msp/msp.go, `FABRIC`. */
const FABRIC_MSP_TYPE = 0;

const textOf = (pem: Uint8Array): string => Buffer.from(pem).toString('latin1');

/**
 * The organisation that a serialized `msp.MSPConfig` defines.
 * @throws ChannelConfigError UNSUPPORTED for another kind of MSP, BAD_ORGANISATION for one that does not stand up.
 */
export function readMsp(definition: Uint8Array, group: string): Msp {
  try {
    const config = msp.MSPConfig.deserializeBinary(definition);
    if (config.getType() !== FABRIC_MSP_TYPE) {
      const message = `the MSP of ${group} is of type ${config.getType()}; only X.509 MSPs are known.`;
      throw new ChannelConfigError('UNSUPPORTED', message);
    }
    return new Msp(mspConfig(msp.FabricMSPConfig.deserializeBinary(config.getConfig_asU8())));
  } catch (error) {
    if (error instanceof ChannelConfigError) throw error;
    throw new ChannelConfigError('BAD_ORGANISATION', `the MSP of ${group} does not stand up.`, {
      cause: error,
    });
  }
}

function mspConfig(fabric: msp.FabricMSPConfig): MspConfig {
  const units = fabric.getFabricNodeOus();
  return {
    mspId: fabric.getName(),
    rootCerts: fabric.getRootCertsList_asU8().map(textOf),
    intermediateCerts: fabric.getIntermediateCertsList_asU8().map(textOf),
    tlsRootCerts: fabric.getTlsRootCertsList_asU8().map(textOf),
    tlsIntermediateCerts: fabric.getTlsIntermediateCertsList_asU8().map(textOf),
    revocationList: fabric.getRevocationListList_asU8().map(textOf),
    organizationalUnitIdentifiers: fabric.getOrganizationalUnitIdentifiersList().map((unit) => ({
      organizationalUnitIdentifier: unit.getOrganizationalUnitIdentifier(),
      certificate: textOf(unit.getCertificate_asU8()),
    })),
    ...(units?.getEnable() === true ? { nodeOus: nodeOus(units) } : {}),
  };
}

function nodeOus(units: msp.FabricNodeOUs): NodeOus {
  const read = (unit: msp.FabricOUIdentifier | undefined): OuIdentifier | undefined => {
    if (unit === undefined || unit.getOrganizationalUnitIdentifier() === '') return undefined;
    const certificate = unit.getCertificate_asU8();
    return {
      organizationalUnitIdentifier: unit.getOrganizationalUnitIdentifier(),
      ...(certificate.length === 0 ? {} : { certificate: textOf(certificate) }),
    };
  };
  const client = read(units.getClientOuIdentifier());
  const peer = read(units.getPeerOuIdentifier());
  const admin = read(units.getAdminOuIdentifier());
  const orderer = read(units.getOrdererOuIdentifier());
  return {
    ...(client && { client }),
    ...(peer && { peer }),
    ...(admin && { admin }),
    ...(orderer && { orderer }),
  };
}
