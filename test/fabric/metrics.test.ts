import { expect } from 'chai';
import { Metrics } from '../../src/fabric/metrics';

const TEXT = `# HELP gossip_membership_total_peers_known Total known peers
# TYPE gossip_membership_total_peers_known gauge
gossip_membership_total_peers_known{channel="gossip"} 3
gossip_leader_election_leader{channel="gossip"} 1
ledger_blockchain_height{channel="gossip"} 1.2e+01
go_goroutines 88
grpc_server_stream_requests_received{code="OK",method="GossipStream",service="gossip_Gossip"} 7
`;

describe('metrics of a node', () => {
  const metrics = new Metrics(TEXT);

  it('are read by name and labels', () => {
    expect(metrics.get('go_goroutines')).to.equal(88);
    const labels = { service: 'gossip_Gossip', method: 'GossipStream', code: 'OK' };
    expect(metrics.get('grpc_server_stream_requests_received', labels)).to.equal(7);
    expect(metrics.get('go_goroutines', { channel: 'gossip' })).to.be.undefined;
  });

  it('tell of a channel what readiness looks at', () => {
    expect(metrics.peersKnown('gossip')).to.equal(3);
    expect(metrics.height('gossip')).to.equal(12);
    expect(metrics.isLeader('gossip')).to.be.true;
    expect(metrics.isLeader('other')).to.be.false;
    expect(metrics.height('other')).to.be.undefined;
  });
});
