import { expect } from 'chai';
import { badInputs } from '../../conformance/hostile/bad-inputs';
import { clauses } from '../../conformance/clauses';
import { parseCites, placeText } from '../../src/drift/cite';

const places = (source: string): readonly string[] => parseCites(source).places.map(placeText);

describe('a citation', () => {
  const cases: readonly { source: string; is: readonly string[] }[] = [
    { source: 'gossip/comm/batcher.go', is: ['gossip/comm/batcher.go'] },
    {
      source: 'gossip/comm/comm_impl.go createConnection, Handshake; gossip/comm/conn.go',
      is: [
        'gossip/comm/comm_impl.go createConnection',
        'gossip/comm/comm_impl.go Handshake',
        'gossip/comm/conn.go',
      ],
    },
    {
      source: 'gossip/identity/identity.go Put (timer, and more), delete',
      is: ['gossip/identity/identity.go Put', 'gossip/identity/identity.go delete'],
    },
    { source: 'gossip/comm/comm_impl.go SendWithAck callers', is: ['gossip/comm/comm_impl.go SendWithAck'] },
    { source: 'gossip/comm/comm_impl.go connInfo.Auth', is: ['gossip/comm/comm_impl.go connInfo.Auth'] },
    { source: 'v3.1.5 msp/identities.go Verify', is: ['msp/identities.go Verify'] },
    {
      source: 'internal/a/b.go (2.5.16), core/c/d.go (3.1.5)',
      is: ['internal/a/b.go', 'core/c/d.go'],
    },
    {
      source: 'internal/pkg/comm; vendored google.golang.org/grpc/credentials/tls.go',
      is: ['internal/pkg/comm', 'vendor/google.golang.org/grpc/credentials/tls.go'],
    },
  ];
  for (const { source, is } of cases) {
    it(`${source} is of ${is.join(' and ')}`, () => {
      expect(places(source)).to.deep.equal(is);
      expect(parseCites(source).elsewhere).to.be.empty;
    });
  }

  it('tells what is not in Fabric’s sources', () => {
    const source =
      'fabric-protos gossip/message.proto; msp/identities.go Sign; Go standard library crypto/tls X';
    expect(places(source)).to.deep.equal(['msp/identities.go Sign']);
    expect(parseCites(source).elsewhere).to.deep.equal([
      'fabric-protos gossip/message.proto',
      'Go standard library crypto/tls X',
    ]);
  });

  it('is, in nearly every clause and bad input, of a place that can be compared', () => {
    const all = [...clauses.values(), ...badInputs.values()];
    const without = all.filter(({ source }) => parseCites(source).places.length === 0);
    expect(without.length, without.map(({ id }) => id).join()).to.be.below(all.length / 20);
  });
});
