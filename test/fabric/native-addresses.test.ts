import { expect } from 'chai';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { FabricError } from '../../src/fabric/fabric-error';
import { freePorts } from '../../src/fabric/native-addresses';

/** Of a range that is for documentation, and so nobody's (RFC 5737). */
const NOBODYS = '192.0.2.1';

describe('free ports', () => {
  it('are different ones, and can be listened on', async () => {
    const ports = await freePorts('127.0.0.1', 4);
    expect(new Set(ports)).to.have.property('size', 4);
    for (const port of ports) {
      const server = createServer().listen(port, '127.0.0.1');
      await once(server, 'listening');
      server.close();
    }
  });

  it('are not to be had on an address that is not of this machine', async () => {
    const refused = await freePorts(NOBODYS, 2).catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(FabricError).with.property('code', 'NO_ADDRESS');
    expect(String(refused)).to.contain(NOBODYS);
  });
});
