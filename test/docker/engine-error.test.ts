import { expect } from 'chai';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Engine } from '../../docker/engine';
import { engineError } from '../../docker/engine-error';
import { provideImages } from '../../docker/images';
import { FabricError } from '../../src/fabric/fabric-error';
import { systemClock } from '../../src/node';

const AT = 'unix:///var/run/docker.sock';

describe('what an engine refuses', () => {
  const cases = [
    {
      error: Object.assign(new Error('connect ENOENT'), { code: 'ENOENT' }),
      code: 'NO_ENGINE',
      says: /^No Docker engine answers at unix:.* \(ENOENT\)\. Start one, or name another with DOCKER_HOST\.$/,
    },
    {
      error: Object.assign(new Error('connect EACCES'), { code: 'EACCES' }),
      code: 'NO_ENGINE',
      says: /is not for this user \(EACCES\)\. Join the group that owns its socket/,
    },
    {
      error: refusal(500, 'write /var/lib/docker/x: no space left on device'),
      code: 'NO_SPACE',
      says: /^The disk of the Docker engine is full: it cannot start x\. Free some/,
    },
    {
      error: refusal(500, 'Bind for 0.0.0.0:7051 failed: port is already allocated'),
      code: 'NO_ADDRESS',
      says: /port is already allocated\. Stop whoever listens there/,
    },
    {
      error: refusal(500, 'driver failed programming external connectivity: all ports are allocated'),
      code: 'NO_ADDRESS',
      says: /all ports are allocated\. Stop whoever listens there/,
    },
    {
      error: refusal(400, 'exec: "peer": executable file not found in $PATH: unknown'),
      code: 'NO_PROGRAM',
      says: /executable file not found in \$PATH.*Is the image the right one\?$/,
    },
    {
      error: refusal(500, 'all predefined address pools have been fully subnetted'),
      code: 'NO_ADDRESS',
      says: /has no addresses left to start x\. Remove networks/,
    },
    {
      error: refusal(404, 'No such image: a/b:1'),
      code: 'NO_IMAGE',
      says: /^No such image: a\/b:1\. Pull it, or name another\.$/,
    },
    {
      error: refusal(500, 'something else'),
      code: 'ENGINE_FAILED',
      says: /^The Docker engine at unix:.* does not start x: something else\. Its own log may say more\.$/,
    },
  ];
  for (const { error, code, says } of cases) {
    it(`is told in a sentence: ${error.message}`, () => {
      const told = engineError('start x', AT, error);
      expect(told.code).to.equal(code);
      expect(told.message).to.match(says);
      expect(told.cause).to.equal(error);
    });
  }

  it('is told once', () => {
    const told = new FabricError('NO_IMAGE', 'no');
    expect(engineError('start x', AT, told)).to.equal(told);
  });
});

function refusal(statusCode: number, message: string): Error {
  return Object.assign(new Error(`(HTTP code ${statusCode}) server error - ${message} `), { statusCode });
}

describe('images that an engine lacks', () => {
  let folder: string;
  let server: Server | undefined;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'engine-test-'));
  });
  afterEach(() => {
    server?.close();
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  /** What a pull was sent to log in with. */
  let shown: unknown;
  /** An engine that has no image, and answers a pull with these lines. */
  async function engineOf(name: string, ...pull: readonly object[]): Promise<Engine> {
    const socket = join(folder, name);
    server = createServer((request, response) => {
      const path = request.url ?? '';
      if (path.includes('/images/create')) shown = request.headers['x-registry-auth'];
      if (path.includes('/_ping')) response.end('OK');
      else if (path.includes('/images/create'))
        response.end(pull.map((one) => `${JSON.stringify(one)}\r\n`).join(''));
      else response.writeHead(404).end('{"message":"No such image"}');
    }).listen(socket);
    await once(server, 'listening');
    const before = process.env['DOCKER_HOST'];
    process.env['DOCKER_HOST'] = `unix://${socket}`;
    try {
      return await Engine.connect();
    } finally {
      if (before === undefined) delete process.env['DOCKER_HOST'];
      else process.env['DOCKER_HOST'] = before;
    }
  }

  const layer = (current: number): object => ({
    id: 'a',
    status: 'Downloading',
    progressDetail: { current, total: 80_000_000 },
  });

  it('are pulled, and how that goes is told now and then', async () => {
    const notes: string[] = [];
    const engine = await engineOf('fine', ...[1, 2, 30, 50, 79, 80].map((mb) => layer(mb * 1_000_000)));
    await provideImages(engine, ['fabric:1'], {
      clock: systemClock,
      signal: new AbortController().signal,
      note: (line) => notes.push(line),
    });
    expect(notes.slice(0, -1)).to.deep.equal([
      'the engine has no fabric:1: pulling it',
      'fabric:1: 25 % of 80 MB',
      'fabric:1: 50 % of 80 MB',
      'fabric:1: 75 % of 80 MB',
      'fabric:1: 100 % of 80 MB',
    ]);
    expect(notes.at(-1)).to.match(/^fabric:1 pulled in \d+\.\d s$/);
  });

  it('are pulled with the user’s credentials for their registry', async () => {
    const serveraddress = 'registry.example.com';
    const auth = Buffer.from('somebody:secret').toString('base64');
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ auths: { [serveraddress]: { auth } } }));
    const before = process.env['DOCKER_CONFIG'];
    process.env['DOCKER_CONFIG'] = folder;
    try {
      const engine = await engineOf('private', { status: 'Downloaded' });
      await engine.pull(`${serveraddress}/fork/peer:1`, new AbortController().signal, () => undefined);
      expect(JSON.parse(Buffer.from(String(shown), 'base64url').toString())).to.deep.equal({
        username: 'somebody',
        password: 'secret',
        serveraddress,
      });
      await engine.pull('other.example.com/fork/peer:1', new AbortController().signal, () => undefined);
      expect(shown).to.be.undefined;
    } finally {
      if (before === undefined) delete process.env['DOCKER_CONFIG'];
      else process.env['DOCKER_CONFIG'] = before;
    }
  });

  const missing = [
    { reason: 'manifest for fabric:9 not found', advice: /Is the name right\?$/ },
    { reason: 'pull access denied for fabric', advice: /are you logged in \(docker login docker\.io\)\?$/ },
    {
      reason: 'dial tcp: lookup registry-1.docker.io: no such host',
      advice: /reach docker\.io\? .*docker load/,
    },
  ];
  for (const { reason, advice } of missing) {
    it(`that cannot be had are named, with the reason and what to do: ${reason}`, async () => {
      const engine = await engineOf('none', { error: reason });
      const refused = await provideImages(engine, ['fabric:9'], {
        clock: systemClock,
        signal: new AbortController().signal,
        note: () => undefined,
      }).catch((error: unknown) => error);
      expect(refused).to.be.instanceOf(FabricError).with.property('code', 'NO_IMAGE');
      expect(String(refused)).to.contain(`There is no image fabric:9: ${reason}. `);
      expect(String(refused)).to.match(advice);
    });
  }

  it('that do not fit on its disk are not said to be missing', async () => {
    const engine = await engineOf('full', { error: 'write /var/lib/docker/tmp/x: no space left on device' });
    const refused = await provideImages(engine, ['fabric:1'], {
      clock: systemClock,
      signal: new AbortController().signal,
      note: () => undefined,
    }).catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(FabricError).with.property('code', 'NO_SPACE');
    expect(String(refused)).to.match(
      /The disk of the Docker engine is full: it cannot pull fabric:1\. Free some/,
    );
  });
});
