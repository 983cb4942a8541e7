import { expect } from 'chai';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  defaultGossipTiming,
  gossipSettingsOf,
  grpcSettingsOf,
  loadSettings,
  readSettings,
  SettingsError,
  settingsTable,
  variableOf,
  type PeerSettings,
  type SettingValues,
} from '../../src/node';

/** What every peer must say. */
const needed = { CORE_PEER_LOCALMSPID: 'Org1MSP', CORE_PEER_ADDRESS: 'peer0:7051' };

describe('settings', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'settings-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  /** Settings from a core.yaml of this text. */
  function load(yaml: string, env: Record<string, string> = needed): PeerSettings {
    const coreYaml = join(folder, 'core.yaml');
    writeFileSync(coreYaml, yaml);
    return loadSettings({ coreYaml, env });
  }
  const withEnv = (env: Record<string, string>): SettingValues =>
    loadSettings({ env: { ...needed, ...env } }).values;
  /** The error that a call throws. */
  function refusal(call: () => unknown): SettingsError {
    try {
      call();
    } catch (error) {
      if (error instanceof SettingsError) return error;
      throw error;
    }
    throw new Error('nothing was refused');
  }

  it('CFG-04: without a file the code defaults hold, of which some differ from the sample core.yaml', () => {
    const values = withEnv({});
    expect(values['peer.gossip.pullInterval']).to.equal(4000);
    expect(values['peer.gossip.requestWaitTime']).to.equal(1500);
    expect(values['peer.gossip.sendBuffSize']).to.equal(20);
    expect(values['peer.gossip.orgLeader']).to.be.false;
    expect(values['peer.gossip.bootstrap']).to.deep.equal([]);
  });

  it('CFG-04: the expiry follows aliveTimeInterval, and reconnectInterval follows the expiry, unless set', () => {
    const values = withEnv({ CORE_PEER_GOSSIP_ALIVETIMEINTERVAL: '1s' });
    expect(values['peer.gossip.aliveExpirationTimeout']).to.equal(5000);
    expect(values['peer.gossip.reconnectInterval']).to.equal(5000);
    const set = withEnv({
      CORE_PEER_GOSSIP_ALIVETIMEINTERVAL: '1s',
      CORE_PEER_GOSSIP_ALIVEEXPIRATIONTIMEOUT: '25s',
    });
    expect(set['peer.gossip.aliveExpirationTimeout']).to.equal(25_000);
  });

  it('reads core.yaml, whose keys do not heed case', () => {
    const { values } = load(`
peer:
  listenaddress: 127.0.0.1:7051
  gossip:
    PullInterval: 10s
    maxConnectionAttempts: 7
    useLeaderElection: true
    state:
      enabled: true
    bootstrap:
      - a:1
      - b:2
`);
    expect(values).to.include({
      'peer.listenAddress': '127.0.0.1:7051',
      'peer.gossip.pullInterval': 10_000,
      'peer.gossip.maxConnectionAttempts': 7,
      'peer.gossip.useLeaderElection': true,
      'peer.gossip.state.enabled': true,
    });
    expect(values['peer.gossip.bootstrap']).to.deep.equal(['a:1', 'b:2']);
  });

  it('CFG-01: a variable goes before the file, an empty one is ignored', () => {
    const yaml = 'peer: { gossip: { pullInterval: 10s, dialTimeout: 9s } }';
    const { values } = load(yaml, {
      ...needed,
      CORE_PEER_GOSSIP_PULLINTERVAL: '6s',
      CORE_PEER_GOSSIP_DIALTIMEOUT: '',
    });
    expect(values['peer.gossip.pullInterval']).to.equal(6000);
    expect(values['peer.gossip.dialTimeout']).to.equal(9000);
  });

  it('CFG-02: zero means the default where Fabric says so, and zero elsewhere', () => {
    const values = withEnv({
      CORE_PEER_GOSSIP_PROPAGATEITERATIONS: '0',
      CORE_PEER_GOSSIP_PULLINTERVAL: '0',
      CORE_PEER_GOSSIP_PVTDATA_BTLPULLMARGIN: '0',
    });
    expect(values['peer.gossip.propagateIterations']).to.equal(1);
    expect(values['peer.gossip.pullInterval']).to.equal(4000);
    expect(values['peer.gossip.pvtData.btlPullMargin']).to.equal(0);
  });

  it('CFG-03: a bare number is nanoseconds, in a file too; a list in a variable is separated by spaces', () => {
    const { values } = load('peer: { gossip: { pullInterval: 9000000000 } }', {
      ...needed,
      CORE_PEER_GOSSIP_BOOTSTRAP: 'a:1  b:2',
    });
    expect(values['peer.gossip.pullInterval']).to.equal(9000);
    expect(values['peer.gossip.bootstrap']).to.deep.equal(['a:1', 'b:2']);
  });

  it('takes relative paths from where core.yaml is', () => {
    const { values } = load('peer: { tls: { clientRootCAs: { files: [tls/ca.crt] } } }');
    expect(values['peer.mspConfigPath']).to.equal(join(folder, 'msp'));
    expect(values['peer.tls.clientRootCAs.files']).to.deep.equal([join(folder, 'tls/ca.crt')]);
  });

  it('tells of keys and variables that are no settings', () => {
    const { unknown } = load('peer: { gossip: { pulInterval: 1s } }', { ...needed, CORE_PEER_GOSSIP_X: '1' });
    expect(unknown).to.deep.equal(['peer.gossip.pulinterval', 'CORE_PEER_GOSSIP_X']);
  });

  describe('are refused, with key, value and rule', () => {
    const impossible: Readonly<Record<string, [Record<string, string>, string, RegExp]>> = {
      'a duration that is none': [
        { CORE_PEER_GOSSIP_PULLINTERVAL: 'soon' },
        'peer.gossip.pullInterval',
        /"soon" \(from CORE_PEER_GOSSIP_PULLINTERVAL\) is not a duration/,
      ],
      'a number that is none': [
        { CORE_PEER_GOSSIP_PULLPEERNUM: '3.5' },
        'peer.gossip.pullPeerNum',
        /"3.5".*is not a whole number/,
      ],
      'a truth that is none': [{ CORE_PEER_TLS_ENABLED: 'yes' }, 'peer.tls.enabled', /"yes".*true or false/],
      'a negative duration': [
        { CORE_PEER_GOSSIP_RECONNECTINTERVAL: '-1ms' },
        'peer.gossip.reconnectInterval',
        /is negative/,
      ],
      'a negative number': [
        { CORE_PEER_GOSSIP_PROPAGATEPEERNUM: '-1' },
        'peer.gossip.propagatePeerNum',
        /-1 is negative/,
      ],
      'a duration without its unit': [
        { CORE_PEER_GOSSIP_ALIVETIMEINTERVAL: '4' },
        'peer.gossip.aliveTimeInterval',
        /4ns is shorter than 1ms: a number without a unit is nanoseconds/,
      ],
      'requestWaitTime not above digestWaitTime': [
        { CORE_PEER_GOSSIP_REQUESTWAITTIME: '1s' },
        'peer.gossip.requestWaitTime',
        /1s must be more than peer.gossip.digestWaitTime \(1s\)/,
      ],
      'pullInterval not above digestWaitTime + responseWaitTime': [
        { CORE_PEER_GOSSIP_PULLINTERVAL: '3s' },
        'peer.gossip.pullInterval',
        /3s must be more than peer.gossip.digestWaitTime \(1s\) \+ peer.gossip.responseWaitTime \(2s\)/,
      ],
      'an expiry not above aliveTimeInterval': [
        { CORE_PEER_GOSSIP_ALIVEEXPIRATIONTIMEOUT: '5s' },
        'peer.gossip.aliveExpirationTimeout',
        /5s must be more than/,
      ],
      'a leader both elected and appointed': [
        { CORE_PEER_GOSSIP_USELEADERELECTION: 'true', CORE_PEER_GOSSIP_ORGLEADER: 'true' },
        'peer.gossip.useLeaderElection',
        /either elected or appointed/,
      ],
      'an address that nobody can reach': [
        { CORE_PEER_ADDRESS: '0.0.0.0:7051' },
        'peer.address',
        /"0.0.0.0:7051" is not where others can reach/,
      ],
      'an address without a port': [
        { CORE_PEER_ADDRESS: 'peer0' },
        'peer.address',
        /"peer0" is not host:port/,
      ],
      'a bootstrap peer without a port': [
        { CORE_PEER_GOSSIP_BOOTSTRAP: 'a:1 b' },
        'peer.gossip.bootstrap',
        /"b" is not host:port/,
      ],
      'a port out of range': [{ CORE_PEER_GOSSIP_ENDPOINT: 'a:70000' }, 'peer.gossip.endpoint', /1 to 65535/],
      'TLS without a certificate': [{ CORE_PEER_TLS_ENABLED: 'true' }, 'peer.tls.cert.file', /is not set/],
    };
    for (const [title, [env, key, message]] of Object.entries(impossible)) {
      it(title, () => {
        const error = refusal(() => withEnv(env));
        expect(error.key).to.equal(key);
        expect(error.message).to.match(message);
      });
    }

    it('no organisation', () => {
      expect(refusal(() => loadSettings({ env: { CORE_PEER_ADDRESS: 'a:1' } })).key).to.equal(
        'peer.localMspId',
      );
    });

    it('a file that is not there, or is no YAML', () => {
      expect(refusal(() => readSettings({ coreYaml: join(folder, 'none.yaml') })).code).to.equal(
        'UNREADABLE',
      );
      expect(refusal(() => load('peer: [')).code).to.equal('UNREADABLE');
    });
  });

  it('reach the machines and the transport', () => {
    const values = withEnv({ CORE_PEER_GOSSIP_EXTERNALENDPOINT: 'x:1', CORE_PEER_MAXRECVMSGSIZE: '1000' });
    const gossip = gossipSettingsOf(values);
    expect(gossip).to.deep.include({ internalEndpoint: 'peer0:7051', externalEndpoint: 'x:1' });
    expect({ ...gossip, sendBuffSize: 200 }).to.deep.include(defaultGossipTiming);
    expect(grpcSettingsOf(values).maxRecvMsgSizeBytes).to.equal(1000);
  });

  it('every key has its variable and is explained', () => {
    for (const [key, { doc }] of Object.entries(settingsTable)) {
      expect(variableOf(key)).to.match(/^CORE_PEER_[A-Z_]+$/);
      expect(doc, key).to.not.equal('');
    }
  });
});
