import { common, msp } from '@hyperledger/fabric-protos';
import type { BftConsenter } from './channel-profile';
import { identityPolicy } from './policies';

/** The consenters as the configuration lists them, each by the number with which it signs. */
export function ordererMapping(consenters: readonly BftConsenter[]): common.Orderers {
  const orderers = new common.Orderers();
  for (const { id, host, port, identity, ...tls } of consenters) {
    const { mspid, idBytes } = msp.SerializedIdentity.deserializeBinary(identity).toObject();
    const consenter = new common.Consenter();
    consenter.setId(id);
    consenter.setHost(host);
    consenter.setPort(port);
    consenter.setMspId(mspid);
    consenter.setIdentity(idBytes);
    consenter.setClientTlsCert(Buffer.from(tls.clientTlsCertificatePem));
    consenter.setServerTlsCert(Buffer.from(tls.serverTlsCertificatePem));
    orderers.addConsenterMapping(consenter);
  }
  return orderers;
}

/** Signatures of a quorum of the consenters. Source: common/policies/bft.go, `EncodeBFTBlockVerificationPolicy`. */
export function quorumPolicy(consenters: readonly BftConsenter[]): common.Policy {
  const count = consenters.length;
  const faulty = Math.floor((count - 1) / 3);
  return identityPolicy(
    Math.ceil((count + faulty + 1) / 2),
    consenters.map(({ identity }) => identity),
  );
}
