import { expect } from 'chai';
import { IdentityError, type IdentityErrorCode } from '../../src/identity';

/** Expects an IdentityError of this code and path, with a sentence that says what to do. */
export function expectIdentityError(act: () => unknown, code: IdentityErrorCode, path: string): void {
  let thrown: unknown;
  try {
    act();
  } catch (error) {
    thrown = error;
  }
  if (!(thrown instanceof IdentityError)) {
    throw new Error(`expected an IdentityError, got ${String(thrown)}`, { cause: thrown });
  }
  expect({ code: thrown.code, path: thrown.path }).to.deep.equal({ code, path });
  expect(thrown.message).to.match(/: .+; .+\.$|needs .+\.$/);
}
