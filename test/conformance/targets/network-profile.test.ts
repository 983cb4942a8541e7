import { expect } from 'chai';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveAttachment } from '../../../conformance/harness/targets/described-network';
import { readProfile } from '../../../conformance/harness/targets/network-profile';
import { UsageError, type AttachOptions } from '../../../conformance/run-types';

describe('the profile of a network that is up', () => {
  let folder: string;
  let path: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'profile-test-'));
    path = join(folder, 'network.yaml');
  });

  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const complete = `
peers: [10.0.0.5:7051, peer0.org2.example.com:9051]
testers:
  - crypto/peerOrganizations/org1.example.com/peers/peer9.org1.example.com
  - { mspId: Org2MSP, dir: /papers/org2 }
issuers: [crypto/peerOrganizations/org1.example.com]
channel: mychannel
listen: 10.0.0.9
tls: false
coreYaml: core.yaml
timing: { pullInterval: 1s, election.startupGracePeriod: 2s }
versions: [2.5.16, '3.1']
`;

  const read = (text: string): ReturnType<typeof readProfile> => {
    writeFileSync(path, text);
    return readProfile(path);
  };

  it('says all that single options say, with paths from where it lies', () => {
    expect(read(complete)).to.deep.equal({
      peers: ['10.0.0.5:7051', 'peer0.org2.example.com:9051'],
      testers: [
        {
          mspId: undefined,
          dir: join(folder, 'crypto/peerOrganizations/org1.example.com/peers/peer9.org1.example.com'),
        },
        { mspId: 'Org2MSP', dir: '/papers/org2' },
      ],
      issuers: [join(folder, 'crypto/peerOrganizations/org1.example.com')],
      channel: 'mychannel',
      listen: '10.0.0.9',
      tls: false,
      timing: {
        coreYaml: join(folder, 'core.yaml'),
        overrides: { pullInterval: '1s', 'election.startupGracePeriod': '2s' },
      },
      fabricVersion: '2.5.16 and 3.1',
    });
  });

  for (const { text, says } of [
    { text: '- 1', says: 'it must be a map of keys' },
    { text: 'peers: []', says: 'peers must name at least one host:port' },
    { text: 'peers: h:1', says: 'peers must be a list' },
    { text: 'peers: [h:1, h]', says: 'peers[1] "h" is no host:port' },
    { text: 'peer: [h:1]', says: 'unknown key "peer"; did you mean peers?' },
    { text: 'peers: [h:1]\ntesters: [{ dri: x }]', says: 'testers[0].dri is unknown' },
    { text: 'peers: [h:1]\ntesters: [{ mspId: M }]', says: 'testers[0].dir must be text' },
    { text: 'peers: [h:1]\ntesters: [7]', says: 'testers[0] must be a folder, or a map of mspId and dir' },
    { text: 'peers: [h:1]\ntls: "no"', says: 'tls must be true or false' },
    { text: 'peers: [h:1]\ntiming: 1s', says: 'timing must be a map' },
    { text: 'peers: [h:1]\ntiming: { pullInterval: 1 }', says: 'timing.pullInterval must be text' },
    { text: 'peers: [h:1]\nversions: [2.5]', says: 'versions[0] must be text; put quotes around a number' },
    { text: 'peers: [h:1', says: 'cannot be read: Flow sequence' },
  ]) {
    it(`is refused where it says ${text.replace('\n', '; ')}`, () => {
      expect(() => read(text))
        .to.throw(UsageError)
        .with.property('message')
        .that.contains(path)
        .and.contains(says);
    });
  }

  it('that is not there is named', () => {
    expect(() => readProfile('/no/such/file')).to.throw(UsageError, '/no/such/file cannot be read: ENOENT');
  });

  it('gives way to single options', () => {
    writeFileSync(path, complete);
    const options: AttachOptions = {
      kind: 'attach',
      described: { kind: 'profile', path },
      peers: ['h:1'],
      testers: [],
      issuers: [],
      issue: false,
      channel: 'other',
      listen: undefined,
      tls: true,
    };
    const timing = { coreYaml: undefined, overrides: { pullInterval: '9s' } };
    const { attach, run } = resolveAttachment(options, { timing, fabricVersion: '3.1.5' });
    expect(attach).to.deep.include({
      peers: ['h:1'],
      issuers: [],
      channel: 'other',
      tls: false,
      listen: '10.0.0.9',
    });
    expect(attach.testers).to.have.lengthOf(2);
    expect(run.timing.overrides).to.deep.equal({ pullInterval: '9s', 'election.startupGracePeriod': '2s' });
    expect(run.fabricVersion).to.equal('3.1.5');
  });

  it('must name a tester, or somebody who issues one', () => {
    writeFileSync(path, 'peers: [h:1]');
    const options: AttachOptions = {
      kind: 'attach',
      described: { kind: 'profile', path },
      peers: [],
      testers: [],
      issuers: [],
      issue: true,
      channel: undefined,
      listen: undefined,
      tls: true,
    };
    const timing = { coreYaml: undefined, overrides: {} };
    expect(() => resolveAttachment(options, { timing, fabricVersion: undefined })).to.throw(
      UsageError,
      `${path} names no tester: name one with --tester DIR`,
    );
  });
});
