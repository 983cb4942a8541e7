import { expect } from 'chai';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileLedger, ForeignLedgerError } from '../../src/node';

describe('FileLedger', () => {
  const blockOf = (number: number): Uint8Array => Buffer.alloc(100 + number, number);
  const genesis = blockOf(0);
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'gossipspec-ledger-'));
    path = join(folder, 'chain');
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  function write(...numbers: readonly number[]): void {
    using ledger = new FileLedger(path, genesis);
    for (const number of numbers) ledger.append(blockOf(number));
  }

  it('begins with the genesis block, and keeps what is appended over a restart', () => {
    write(1, 2);
    write(3);
    using ledger = new FileLedger(path, genesis);
    expect(ledger.height()).to.equal(4n);
    for (let number = 0; number < 4; number++) {
      expect(Buffer.compare(ledger.blockAt(BigInt(number)) ?? genesis, blockOf(number))).to.equal(0);
    }
    expect(ledger.blockAt(4n)).to.equal(undefined);
    expect(ledger.blockAt(2n ** 64n - 1n)).to.equal(undefined);
  });

  it('is only appended to', () => {
    write(1);
    const before = readFileSync(path);
    write(2);
    expect(readFileSync(path).subarray(0, before.length).equals(before)).to.equal(true);
  });

  it('forgets a block that was not written to its end, wherever it was cut, and goes on behind the one before', () => {
    write(1, 2);
    const { size } = statSync(path);
    for (const missing of [1, 50, 102, 103, 104, 105]) {
      truncateSync(path, size - missing);
      write(2);
      using ledger = new FileLedger(path, genesis);
      expect(ledger.height(), `${missing} bytes missing`).to.equal(3n);
      expect(statSync(path).size).to.equal(size);
    }
  });

  it('forgets bytes at the end that are no block', () => {
    write(1);
    appendFileSync(path, Uint8Array.of(0xff, 0xff, 0xff, 0xff, 1, 2, 3));
    using ledger = new FileLedger(path, genesis);
    expect(ledger.height()).to.equal(2n);
  });

  it('refuses the file of another chain, and leaves it as it is', () => {
    write(1);
    const before = readFileSync(path);
    expect(() => new FileLedger(path, blockOf(9))).to.throw(ForeignLedgerError, 'name another file');
    expect(readFileSync(path).equals(before)).to.equal(true);
  });

  it('throws what the file system does', () => {
    expect(() => new FileLedger(join(folder, 'no', 'such'), genesis)).to.throw('ENOENT');
  });
});
