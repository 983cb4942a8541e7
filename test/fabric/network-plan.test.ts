import { expect } from 'chai';
import { parse } from 'yaml';
import { timingProfiles } from '../../src/fabric/gossip-profile';
import {
  capabilitiesFor,
  nodeNames,
  planGenesisBlock,
  planNetwork,
  type NetworkPlan,
} from '../../src/fabric/network-plan';
import { defaultSettings, type NetworkSettings } from '../../src/fabric/network-settings';
import { usualPorts, type NodePlace } from '../../src/fabric/node-place';
import { describeConfigBlock, present } from './support/describe-block';
import { NOW_MS } from './support/sample-profile';

const settings: NetworkSettings = { ...defaultSettings, timers: timingProfiles.fast };

const placeOf = (name: string): NodePlace => ({
  host: `${name}.test`,
  listenHost: '0.0.0.0',
  ports: usualPorts[name === 'orderer' ? 'orderer' : 'peer'],
  sans: [`${name}.test`],
  home: `/nodes/${name}`,
});

describe('plan of a network', () => {
  let plan: NetworkPlan;
  let withoutTls: NetworkPlan;

  before(async () => {
    [plan, withoutTls] = await Promise.all([
      planNetwork({ settings, placeOf, nowMs: NOW_MS }),
      planNetwork({ settings: { ...settings, tls: false }, placeOf, nowMs: NOW_MS }),
    ]);
  });

  const yamlOf = (file: string | undefined): unknown => parse(present(file));
  const peerNamed = (name: string) => present(plan.peers.find((peer) => peer.name === name));

  it('has an orderer and two organisations of two peers', () => {
    expect(nodeNames(settings)).to.deep.equal([
      'orderer',
      'org1.peer0',
      'org1.peer1',
      'org2.peer0',
      'org2.peer1',
    ]);
    expect(plan.peers.map(({ organisation }) => organisation.mspId)).to.deep.equal([
      'Org1MSP',
      'Org1MSP',
      'Org2MSP',
      'Org2MSP',
    ]);
  });

  it('gives a peer a core.yaml with its own addresses, its fellow as bootstrap, and the timers', () => {
    const core = yamlOf(peerNamed('org2.peer1').files['core.yaml']);
    expect(core).to.have.nested.property('peer.localMspId', 'Org2MSP');
    expect(core).to.have.nested.property('peer.listenAddress', '0.0.0.0:7051');
    expect(core).to.have.nested.property('peer.gossip.endpoint', 'org2.peer1.test:7051');
    expect(core).to.have.nested.property('peer.gossip.externalEndpoint', 'org2.peer1.test:7051');
    expect(core).to.have.deep.nested.property('peer.gossip.bootstrap', ['org2.peer0.test:7051']);
    expect(core).to.have.nested.property('peer.gossip.aliveTimeInterval', '500ms');
    expect(core).to.have.nested.property('peer.gossip.useLeaderElection', true);
    expect(core).to.have.nested.property('peer.gossip.orgLeader', false);
    expect(core).to.have.nested.property('peer.tls.enabled', true);
    expect(core).to.not.have.property('vm');
  });

  it('has every file that the configurations name', () => {
    for (const node of [plan.orderer, ...plan.peers]) {
      const yaml = present(node.files[node.kind === 'peer' ? 'core.yaml' : 'orderer.yaml']);
      const named = [...yaml.matchAll(/\/nodes\/[^/\s]+\/(tls\/\S+)/g)].map(([, path]) => present(path));
      expect(named).to.not.be.empty;
      expect(node.files).to.include.keys([...named, 'msp/config.yaml', 'msp/keystore/priv_sk']);
    }
  });

  it('lets peers trust the TLS roots of every organisation', () => {
    const roots = present(peerNamed('org1.peer0').files['tls/roots.crt']);
    expect(roots.match(/BEGIN CERTIFICATE/g)).to.have.lengthOf(3);
  });

  it('gives the orderer a listener of its own for replication where TLS is off', () => {
    const on = yamlOf(plan.orderer.files['orderer.yaml']);
    const off = yamlOf(withoutTls.orderer.files['orderer.yaml']);
    expect(on).to.not.have.nested.property('General.Cluster.ListenPort');
    expect(on).to.have.nested.property('Admin.TLS.ClientAuthRequired', true);
    expect(off).to.have.nested.property('General.Cluster.ListenPort', 7055);
    expect(off).to.have.nested.property('General.Cluster.ListenAddress', '0.0.0.0');
    expect(off).to.have.nested.property('Admin.TLS.Enabled', false);
  });

  it('makes the first peers the anchors, and the orderer the consenter', () => {
    const described = describeConfigBlock(planGenesisBlock(plan, capabilitiesFor(['3.1.5', '3.0']), 1n));
    const at = (path: string): string => `channel.groups.${path}`;
    expect(described).to.have.deep.nested.property(
      at('Application.groups.Org2MSP.values.AnchorPeers.anchorPeersList'),
      [{ host: 'org2.peer0.test', port: 7051 }],
    );
    expect(described).to.have.nested.property(
      at('Orderer.values.ConsensusType.consenters[0].host'),
      'orderer.test',
    );
    expect(described).to.have.nested.property('channel.values.Capabilities.capabilities[0]', 'V3_0');
  });

  it('asks for what the oldest member understands', () => {
    expect(capabilitiesFor(['2.5.16', '3.1.5']).channel).to.equal('V2_0');
    expect(capabilitiesFor(['3.1.5', '3.0']).channel).to.equal('V3_0');
  });
});
