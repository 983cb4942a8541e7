import { expect } from 'chai';
import { VerifyCrew } from '../../../conformance/recorded/verify-crew';
import { issueOrganisation } from '../../../src/identity';

describe('threads that verify signatures', () => {
  it('tell of each what it is, whoever signed it, however long it is, more than fit into a batch', async () => {
    const organisation = await issueOrganisation({
      mspId: 'Org1MSP',
      domain: 'org1.example.com',
      nowMs: Date.now(),
    });
    const authors = await Promise.all(
      ['peer0', 'peer1'].map((name) => organisation.issue({ name, role: 'peer' })),
    );
    const wanted: boolean[] = [];
    const told: (boolean | undefined)[] = [];
    await using crew = new VerifyCrew();
    for (let n = 0; n < 600; n++) {
      const author = authors[n % 2]?.identity;
      const claimed = authors[n % 5 === 0 ? (n + 1) % 2 : n % 2]?.identity;
      if (author === undefined || claimed === undefined) throw new Error('an author is missing');
      const payload = new Uint8Array(n % 100 === 7 ? 200_000 : 50 + n).fill(n);
      const signature = author.sign(payload);
      if (n % 7 === 0) payload[3] = (payload[3] ?? 0) ^ 1;
      wanted[n] = author === claimed && n % 7 !== 0;
      crew.verify(claimed, payload, signature, {
        settle: (isValid) => {
          told[n] = isValid;
        },
      });
      if (crew.isFull) await crew.settled();
    }
    await crew.settled(true);
    expect(told).to.deep.equal(wanted);
  });
});
