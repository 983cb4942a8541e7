import type { BftConsenter, HostPort } from '../../../src/fabric/channel-profile';
import type { Organisation } from '../../../src/identity';
import type { BlockSigner } from '../../steps/signed-block';

/** Orderers that are said to agree by BFT; none of them runs. */
export interface BftOrderers {
  readonly consenters: readonly BftConsenter[];
  /** As many of them as have to sign a block, and no more. */
  readonly quorum: readonly [BlockSigner, ...BlockSigner[]];
}

/** Four stand a faulty one, so three have to sign. */
const ORDERERS = 4;

/** Issues orderers of an organisation, who are said to be at an address. */
export async function issueBftOrderers(organisation: Organisation, at: HostPort): Promise<BftOrderers> {
  const papers = await Promise.all(
    Array.from({ length: ORDERERS }, (_, i) => organisation.issue({ name: `bft${i + 1}`, role: 'orderer' })),
  );
  const consenters = papers.map(({ identity, tls }, i) => ({
    ...at,
    id: i + 1,
    identity: identity.serialized,
    clientTlsCertificatePem: tls.certificateChainPem,
    serverTlsCertificatePem: tls.certificateChainPem,
  }));
  const signers = papers.map(({ identity }, i) => ({
    serialized: identity.serialized,
    consenterId: i + 1,
    sign: (data: Uint8Array) => identity.sign(data),
  }));
  const [first, ...others] = signers.slice(1);
  if (first === undefined) throw new TypeError('no orderers');
  return { consenters, quorum: [first, ...others] };
}
