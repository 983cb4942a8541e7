import { expect } from 'chai';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readTestNetwork } from '../../../conformance/harness/targets/test-network';
import { UsageError } from '../../../conformance/run-types';
import { issueOrganisation, writeOrganisation } from '../../../src/identity';
import { systemClock } from '../../../src/node';
import { wallMs } from '../../../src/ports/clock';

/** In short what fabric-samples has: the list form of `environment`, the map form for the second peer. */
const COMPOSE = `
services:
  orderer.example.com:
    ports: [7050:7050]
  peer0.org1.example.com:
    environment:
      - CORE_PEER_ID=peer0.org1.example.com
      - CORE_PEER_ADDRESS=peer0.org1.example.com:7051
    ports:
      - 17051:7051
      - 9444:9444
  peer0.org2.example.com:
    environment:
      CORE_PEER_ADDRESS: peer0.org2.example.com:9051
    ports: ['127.0.0.7:19051:9051']
`;

describe('a folder of fabric-samples’ test-network', () => {
  let dir: string;

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'test-network-test-'));
    for (const n of [1, 2]) {
      const domain = `org${n}.example.com`;
      const nowMs = wallMs(systemClock);
      const organisation = await issueOrganisation({ mspId: `Org${n}MSP`, domain, nowMs });
      const peer = await organisation.issue({ name: 'peer0', role: 'peer' });
      writeOrganisation(join(dir, 'organizations'), organisation, [peer]);
    }
  });

  afterEach(() => {
    rmSync(dir, { recursive: true, force: true });
  });

  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  };
  const organisation = (n: number): string =>
    join(dir, `organizations/peerOrganizations/org${n}.example.com`);

  it('has its peers at the ports that fabric-samples documents, and issues testers from its CAs', () => {
    expect(readTestNetwork(dir)).to.deep.equal({
      peers: ['127.0.0.1:7051', '127.0.0.1:9051'],
      testers: [],
      issuers: [organisation(1), organisation(2)],
      channel: undefined,
      listen: undefined,
      tls: true,
      timing: { coreYaml: undefined, overrides: {} },
      fabricVersion: undefined,
    });
  });

  it('has them where docker-compose publishes them, and says which channel and which timers', () => {
    put('compose/compose-test-net.yaml', COMPOSE);
    put('compose/docker/peercfg/core.yaml', 'peer: {}');
    put('channel-artifacts/genesis.block', '');
    put('channel-artifacts/mychannel.block', '');
    const { peers, channel, timing } = readTestNetwork(dir);
    expect(peers).to.deep.equal(['127.0.0.1:17051', '127.0.0.7:19051']);
    expect(channel).to.equal('mychannel');
    expect(timing.coreYaml).to.equal(join(dir, 'compose/docker/peercfg/core.yaml'));
  });

  it('says what it lacks', () => {
    for (const n of [1, 2]) rmSync(join(organisation(n), 'ca/priv_sk'));
    expect(() => readTestNetwork(dir)).to.throw(UsageError, 'has no CA keys (ca/priv_sk and tlsca/priv_sk');
    for (const n of [1, 2]) rmSync(join(organisation(n), 'peers'), { recursive: true });
    mkdirSync(join(organisation(1), 'peers/peer7.org1.example.com'), { recursive: true });
    expect(() => readTestNetwork(dir)).to.throw(
      UsageError,
      'no port is known of peer7.org1.example.com: compose/compose-test-net.yaml',
    );
    put('compose/compose-test-net.yaml', 'services: [');
    expect(() => readTestNetwork(dir)).to.throw(UsageError, 'compose-test-net.yaml cannot be read');
    rmSync(join(dir, 'organizations'), { recursive: true });
    expect(() => readTestNetwork(dir)).to.throw(UsageError, 'and is it up (./network.sh up createChannel)?');
  });
});
