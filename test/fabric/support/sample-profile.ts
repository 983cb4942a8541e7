import { defaultBatch, defaultRaft, type ChannelProfile } from '../../../src/fabric/channel-profile';
import { issueOrganisation, type Organisation } from '../../../src/identity';

export const NOW_MS = 1_790_000_000_000;

const PEER_PORT = 7051;

export const sampleOrganisation = (mspId: string, domain: string): Promise<Organisation> =>
  issueOrganisation({ mspId, domain, nowMs: NOW_MS, kind: mspId === 'OrdererMSP' ? 'orderer' : 'peer' });

/** Two organisations with an anchor peer each, and an orderer. */
export async function sampleProfile(): Promise<ChannelProfile> {
  const [org1, org2, ordererOrg] = await Promise.all([
    sampleOrganisation('Org1MSP', 'org1.example.com'),
    sampleOrganisation('Org2MSP', 'org2.example.com'),
    sampleOrganisation('OrdererMSP', 'example.com'),
  ]);
  const orderer = { host: '127.71.0.2', port: 7050 };
  const tlsCertificatePem = ordererOrg.tlsCa.certificatePem;
  return {
    name: 'mychannel',
    capabilities: { channel: 'V2_0', orderer: 'V2_0', application: 'V2_5' },
    applicationOrganisations: [
      { msp: org1.msp.config, anchorPeers: [{ host: '127.71.0.11', port: PEER_PORT }] },
      { msp: org2.msp.config, anchorPeers: [{ host: '127.71.0.21', port: PEER_PORT }] },
    ],
    ordererOrganisations: [{ msp: ordererOrg.msp.config, endpoints: [orderer] }],
    consenters: [
      { ...orderer, clientTlsCertificatePem: tlsCertificatePem, serverTlsCertificatePem: tlsCertificatePem },
    ],
    batch: defaultBatch,
    raft: defaultRaft,
  };
}
