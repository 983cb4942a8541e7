import type { CheckContext } from '../harness/context';
import type { RecruitSettings } from '../harness/recruit';
import type { Tester } from '../harness/tester';
import type { TesterStream } from '../harness/tester-stream';
import { unmet } from './identities';
import { membershipResponse, unsigned } from './messages';
import { MANY_ITEMS } from './pull';

/** A peer that turns to nobody for a while: it does not find out that most of its members cannot be reached. */
export const AT_REST: RecruitSettings = {
  timing: {
    aliveTimeIntervalMs: 20_000,
    pullIntervalMs: 20_000,
    requestStateInfoIntervalMs: 20_000,
    publishStateInfoIntervalMs: 20_000,
  },
};

/** Many whom the peer has not met. */
export const manyUnmet = (t: CheckContext): readonly Tester[] =>
  Array.from({ length: MANY_ITEMS }, () => t.as(t.tester, unmet(t.tester.identity, t.random)));

/** Tells things in portions, one after the other. */
export function inPortions<T>(all: readonly T[], size: number, tell: (some: readonly T[]) => void): void {
  for (let from = 0; from < all.length; from += size) tell(all.slice(from, from + size));
}

/** Tells the peer that these are alive, in one response. */
export function tellAlive(t: CheckContext, on: TesterStream, members: readonly Tester[]): void {
  const alive = members.map((member) => member.alive());
  on.send(unsigned(membershipResponse(t.random.uint64(), alive)));
}
