import { expect } from 'chai';
import { issueOrganisation, MspRegistry, type IssuedIdentity, type Organisation } from '../../src/identity';
import type { IdentityRefusal } from '../../src/ports/identity';
import { NOW_MS } from './craft';

/** Two organisations, the second with an intermediate CA, and a peer of the first. */
export interface RegistryCast {
  readonly org1: Organisation;
  readonly org2: Organisation;
  readonly peer: IssuedIdentity;
}

export async function issueCast(): Promise<RegistryCast> {
  const [org1, org2] = await Promise.all([
    issueOrganisation({ mspId: 'Org1MSP', domain: 'org1.example.com', nowMs: NOW_MS }),
    issueOrganisation({ mspId: 'Org2MSP', domain: 'org2.example.com', nowMs: NOW_MS, intermediateCa: true }),
  ]);
  return { org1, org2, peer: await org1.issue({ name: 'peer0', role: 'peer' }) };
}

/** A registry that knows both organisations, and what a test expects of it. */
export class RegistryBench {
  readonly registry: MspRegistry;

  constructor({ org1, org2 }: RegistryCast) {
    this.registry = new MspRegistry([org1.msp, org2.msp]);
  }

  expectAccepted(serialized: Uint8Array): void {
    expect(this.registry.validate(serialized, NOW_MS)).to.deep.include({ ok: true });
  }

  expectRefused(serialized: Uint8Array, reason: IdentityRefusal, detail = /./): void {
    const verdict = this.registry.validate(serialized, NOW_MS);
    expect(verdict).to.deep.include({ ok: false, reason });
    expect(verdict.ok ? '' : verdict.detail).to.match(detail);
  }
}
