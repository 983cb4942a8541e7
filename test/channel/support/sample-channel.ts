/** A channel with an orderer that signs blocks, and what is needed to make wrong ones. */
import type { common } from '@hyperledger/fabric-protos';
import { signedBlock as makeBlock, type BlockSigner } from '../../../conformance/steps/signed-block';
import { defaultBatch, defaultRaft, type ChannelProfile } from '../../../src/fabric/channel-profile';
import { makeEnvelope, makeHeader, type Creator } from '../../../src/fabric/envelope';
import { genesisBlock } from '../../../src/fabric/genesis-block';
import type { Organisation, X509SigningIdentity } from '../../../src/identity';
import { sampleOrganisation } from '../../fabric/support/sample-profile';

export interface SampleChannel {
  readonly profile: ChannelProfile;
  readonly genesis: Uint8Array;
  readonly orderer: X509SigningIdentity;
  readonly peer: X509SigningIdentity;
  readonly organisations: readonly Organisation[];
}

export async function sampleChannel(change: Partial<ChannelProfile> = {}): Promise<SampleChannel> {
  const [org1, org2, ordererOrg] = await Promise.all([
    sampleOrganisation('Org1MSP', 'org1.example.com'),
    sampleOrganisation('Org2MSP', 'org2.example.com'),
    sampleOrganisation('OrdererMSP', 'example.com'),
  ]);
  const [orderer, peer] = await Promise.all([
    ordererOrg.issue({ name: 'orderer', role: 'orderer', sans: ['127.0.0.1'] }),
    org1.issue({ name: 'peer', role: 'peer', sans: ['127.0.0.1'] }),
  ]);
  const tlsCertificatePem = ordererOrg.tlsCa.certificatePem;
  const endpoint = { host: '127.71.0.2', port: 7050 };
  const profile: ChannelProfile = {
    name: 'mychannel',
    capabilities: { channel: 'V2_0', orderer: 'V2_0', application: 'V2_5' },
    applicationOrganisations: [
      { msp: org1.msp.config, anchorPeers: [{ host: '127.71.0.11', port: 7051 }] },
      { msp: org2.msp.config, anchorPeers: [] },
    ],
    ordererOrganisations: [{ msp: ordererOrg.msp.config, endpoints: [endpoint] }],
    consenters: [
      { ...endpoint, clientTlsCertificatePem: tlsCertificatePem, serverTlsCertificatePem: tlsCertificatePem },
    ],
    batch: defaultBatch,
    raft: defaultRaft,
    ...change,
  };
  return {
    profile,
    genesis: genesisBlock(profile, 1n),
    orderer: orderer.identity,
    peer: peer.identity,
    organisations: [org1, org2, ordererOrg],
  };
}

export interface BlockChange {
  readonly number?: number;
  readonly channel?: string;
  readonly transactions?: readonly Uint8Array[];
  readonly signers?: readonly BlockSigner[];
  /** Changes the block after it was signed. */
  readonly after?: (block: common.Block) => void;
}

/** A transaction as an application would send it; what it says does not matter to gossip. */
export function transaction(creator: Creator, channel = 'mychannel'): Uint8Array {
  const header = makeHeader({ type: 'ENDORSER_TRANSACTION', channel, wallNanos: 1n, creator });
  return makeEnvelope(header, Buffer.from('data'), creator).serializeBinary();
}

/** A block as an orderer delivers it; anything can be said otherwise. */
export function signedBlock({ orderer, peer }: SampleChannel, change: BlockChange = {}): Uint8Array {
  const { number = 1, channel, signers = [orderer], after } = change;
  const transactions = change.transactions ?? [transaction(peer, channel)];
  const block = makeBlock({ number, previousHash: Buffer.alloc(32, 1), transactions, signers });
  after?.(block);
  return block.serializeBinary();
}
