import { expect } from 'chai';
import { once } from 'node:events';
import { extract } from 'tar-stream';
import { archiveOf } from '../../docker/archive';
import { imageOf } from '../../docker/images';
import { ownerIn, ownerState, thisOwner } from '../../docker/labels';
import { reachedAt } from '../../docker/reach';

describe('images by version', () => {
  const named = (peer: string | undefined): string =>
    imageOf({ versions: ['3.1'], peer, orderer: undefined }, 'org1.peer1');

  it('are Fabric’s own, of that release', () => {
    expect(named(undefined)).to.equal('hyperledger/fabric-peer:3.1');
    expect(imageOf({ versions: ['2.5.16'], peer: 'x', orderer: undefined }, 'orderer')).to.equal(
      'hyperledger/fabric-orderer:2.5.16',
    );
  });

  it('have other names where these are given, which may have a tag', () => {
    expect(named('registry.test:5000/fork/peer')).to.equal('registry.test:5000/fork/peer:3.1');
    expect(named('fork/peer:mine')).to.equal('fork/peer:mine');
    expect(named('fork/peer@sha256:00')).to.equal('fork/peer@sha256:00');
  });

  it('are of both where two are mixed: a peer of each in every organisation, the orderer of the older', () => {
    const choice = { versions: ['2.5.16', '3.1.5'], peer: 'fork/peer', orderer: undefined };
    const nodes = ['orderer', 'org1.peer0', 'org1.peer1', 'org2.peer0', 'org2.peer1'];
    expect(nodes.map((node) => imageOf(choice, node))).to.deep.equal([
      'hyperledger/fabric-orderer:2.5.16',
      'fork/peer:2.5.16',
      'fork/peer:3.1.5',
      'fork/peer:2.5.16',
      'fork/peer:3.1.5',
    ]);
  });
});

describe('files for a container', () => {
  it('are an archive with its folders, for their owner alone', async () => {
    const archive = await archiveOf('home', { 'msp/keystore/key': 'secret', 'core.yaml': 'x: 1' });
    const found: string[] = [];
    const reader = extract();
    reader.on('entry', ({ name, mode, uid }, stream, next) => {
      found.push(`${name} ${(mode ?? 0).toString(8)} ${uid ?? ''}`);
      stream.resume().on('end', next);
    });
    const finished = once(reader, 'finish');
    reader.end(archive);
    await finished;
    expect(found).to.deep.equal([
      'home 700 0',
      'home/msp 700 0',
      'home/msp/keystore 700 0',
      'home/msp/keystore/key 600 0',
      'home/core.yaml 600 0',
    ]);
  });
});

describe('whose a run is', () => {
  const me = thisOwner();
  if (me === undefined) throw new Error('this process has no mark');

  it('is told by its label, and by whether its process still runs', () => {
    expect(ownerIn(JSON.stringify(me))).to.deep.equal(me);
    expect(ownerState(me)).to.equal('running');
    expect(ownerState({ ...me, identity: 'another program of that number' })).to.equal('gone');
  });

  it('is nobody’s to know on another machine, of another user, or without a proper label', () => {
    expect(ownerState({ ...me, space: 'elsewhere.test', identity: '' })).to.equal('elsewhere');
    expect(ownerState({ ...me, user: 'somebody else', identity: '' })).to.equal('elsewhere');
    for (const label of [undefined, '', 'x', '{}', '{"pid":"1"}']) {
      expect(ownerState(ownerIn(label))).to.equal('elsewhere');
    }
  });
});

describe('where a container is reached', () => {
  const addresses = { byNetwork: ['10.0.0.2'], published: new Map([[7051, 49_153]]) };

  it('is its own address, or a published port', () => {
    expect(reachedAt({ published: undefined, ownHost: undefined }, addresses, 7051)).to.equal(
      '10.0.0.2:7051',
    );
    const published = { host: 'engine.test', bindIp: '' };
    expect(reachedAt({ published, ownHost: undefined }, addresses, 7051)).to.equal('engine.test:49153');
    expect(reachedAt({ published, ownHost: undefined }, addresses, 9443)).to.be.undefined;
  });

  it('is nowhere without a network', () => {
    const none = { byNetwork: [], published: new Map<number, number>() };
    expect(reachedAt({ published: undefined, ownHost: undefined }, none, 7051)).to.be.undefined;
  });
});
