import { expect } from 'chai';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { FabricError } from '../../src/fabric/fabric-error';
import { findPrograms, hasPrograms } from '../../src/fabric/native-programs';

describe('programs of a native network', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'programs-test-'));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  function put(name: string, script: string): void {
    const path = join(folder, name);
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
  }

  const failureOf = async (search: Promise<unknown>): Promise<string> => {
    try {
      await search;
    } catch (error) {
      if (error instanceof FabricError && error.code === 'NO_PROGRAM') return error.message;
      throw error;
    }
    return 'none';
  };

  it('are found in a folder or on PATH, with their versions', async () => {
    put('peer', 'echo "peer:"; echo " Version: v2.5.16"');
    put('orderer', 'echo "orderer:"; echo " Version: 3.1.5"');
    const { peer, orderer } = await findPrograms(folder);
    expect(peer).to.deep.equal({ path: join(folder, 'peer'), version: '2.5.16' });
    expect(orderer.version).to.equal('3.1.5');
    const found = await findPrograms(undefined, ['/no/such/folder', folder].join(delimiter));
    expect(found.peer.path).to.equal(peer.path);
    expect(hasPrograms(folder)).to.be.true;
  });

  it('that are missing, other programs, too old or broken are named', async () => {
    put('peer', 'echo " Version: 2.5.16"');
    expect(await failureOf(findPrograms(folder))).to.contain(`no program orderer in ${folder}.`);
    expect(await failureOf(findPrograms(undefined, folder))).to.contain('no program orderer on PATH.');
    expect(hasPrograms(folder)).to.be.false;
    put('orderer', 'echo hello');
    expect(await failureOf(findPrograms(folder))).to.contain('is no Fabric orderer: it tells no version.');
    put('orderer', 'echo " Version: 1.4.12"');
    expect(await failureOf(findPrograms(folder))).to.contain('is of version 1.4.12; 2.5 or later is needed.');
    put('orderer', 'echo "no such library" >&2; exit 127');
    expect(await failureOf(findPrograms(folder))).to.contain('does not run: no such library');
  });
});
