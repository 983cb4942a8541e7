import { expect } from 'chai';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { credentialsFor, registryOf } from '../../docker/registry-credentials';
import { FabricError } from '../../src/fabric/fabric-error';

const inBase64 = (text: string): string => Buffer.from(text).toString('base64');

/** A credential helper: knows one server, and says of the others what helpers say. */
const HELPER = `#!/bin/sh
[ "$1" = get ] || exit 64
case "$(cat)" in
  helped.example.com) echo '{"ServerURL":"helped.example.com","Username":"helped","Secret":"word"}' ;;
  token.example.com) echo '{"ServerURL":"token.example.com","Username":"<token>","Secret":"t"}' ;;
  broken.example.com) echo 'the keychain is locked'; exit 1 ;;
  *) echo 'credentials not found in native keychain'; exit 1 ;;
esac
`;

describe('credentials for a registry', () => {
  let folder: string;
  const env = (): NodeJS.ProcessEnv => ({
    DOCKER_CONFIG: folder,
    PATH: [folder, process.env['PATH']].join(delimiter),
  });
  const config = (value: unknown): void => {
    writeFileSync(join(folder, 'config.json'), typeof value === 'string' ? value : JSON.stringify(value));
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'credentials-test-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('are those of the host that an image’s name begins with', () => {
    const registries = {
      'hyperledger/fabric-peer:2.5.16': 'docker.io',
      peer: 'docker.io',
      'registry.example.com/fork/peer': 'registry.example.com',
      'host:5000/peer:1': 'host:5000',
      'localhost/peer': 'localhost',
    };
    for (const [image, registry] of Object.entries(registries)) expect(registryOf(image)).to.equal(registry);
  });

  it('are none where nobody has logged in', async () => {
    expect(await credentialsFor('registry.example.com/peer', env())).to.be.undefined;
    config({ auths: {} });
    expect(await credentialsFor('registry.example.com/peer', env())).to.be.undefined;
    config({ auths: { 'registry.example.com': {} } });
    expect(await credentialsFor('registry.example.com/peer', env())).to.be.undefined;
  });

  it('are read from config.json, by host or URL', async () => {
    config({
      auths: {
        'https://index.docker.io/v1/': { auth: inBase64('hub:a:b') },
        'https://url.example.com/v2/': { username: 'apart', password: 'p' },
        'host:5000': { identitytoken: 'token' },
      },
    });
    expect(await credentialsFor('hyperledger/fabric-peer:2.5.16', env())).to.deep.equal({
      username: 'hub',
      password: 'a:b',
      serveraddress: 'https://index.docker.io/v1/',
    });
    expect(await credentialsFor('url.example.com/peer', env())).to.deep.equal({
      username: 'apart',
      password: 'p',
      serveraddress: 'url.example.com',
    });
    expect(await credentialsFor('host:5000/peer', env())).to.deep.equal({
      identitytoken: 'token',
      serveraddress: 'host:5000',
    });
  });

  it('are asked of the helper that config.json names, for one registry or for all', async () => {
    writeFileSync(join(folder, 'docker-credential-test'), HELPER, { mode: 0o755 });
    config({ credHelpers: { 'helped.example.com': 'test' }, credsStore: 'nobody' });
    const helped = { username: 'helped', password: 'word', serveraddress: 'helped.example.com' };
    expect(await credentialsFor('helped.example.com/peer', env())).to.deep.equal(helped);
    config({ credsStore: 'test' });
    expect(await credentialsFor('helped.example.com/peer', env())).to.deep.equal(helped);
    const token = { identitytoken: 't', serveraddress: 'token.example.com' };
    expect(await credentialsFor('token.example.com/peer', env())).to.deep.equal(token);
    expect(await credentialsFor('hyperledger/fabric-peer', env())).to.be.undefined;
  });

  it('that cannot be read are told of in a sentence', async () => {
    writeFileSync(join(folder, 'docker-credential-test'), HELPER, { mode: 0o755 });
    const cases: readonly (readonly [unknown, RegExp])[] = [
      ['{', /cannot be read from .*config\.json: /],
      [{ credsStore: 'test' }, /cannot be read from docker-credential-test: the keychain is locked\.$/],
      [{ credsStore: 'nobody' }, /cannot be read from docker-credential-nobody: .*ENOENT\.$/],
    ];
    for (const [value, says] of cases) {
      config(value);
      const refused = await credentialsFor('broken.example.com/peer', env()).catch((error: unknown) => error);
      expect(refused).to.be.instanceOf(FabricError).with.property('code', 'BAD_CREDENTIALS');
      expect(String(refused)).to.match(says);
    }
  });
});
