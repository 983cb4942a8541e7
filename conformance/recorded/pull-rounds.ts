import type { Millis } from '../../src/ports/clock';
import { Recent } from '../harness/recent';
import { hex } from '../steps/bytes';
import {
  isOf,
  watch,
  type Docket,
  type RecordedCheck,
  type RecordedNeed,
  type Watcher,
} from './recorded-check';
import type { Scene } from './scene';
import type { Seen } from './seen';

/** Rounds that are remembered at least. */
const ROUNDS = 2_000;

export type PullKind = 'hello' | 'dataDig' | 'dataReq' | 'dataUpdate';
export const isPull = (seen: Seen): seen is Seen<PullKind> =>
  seen.kind === 'hello' || seen.kind === 'dataDig' || seen.kind === 'dataReq' || seen.kind === 'dataUpdate';

/** What passed on one stream under one nonce, pulled by one side. */
export interface Round {
  /** The first Hello and how many there were; testers repeat themselves. */
  helloMs: Millis | undefined;
  hellos: number;
  digests: number;
  readonly offered: Set<string>;
  requests: number;
  readonly requested: Set<string>;
}

/** Follows pull rounds by stream, puller, nonce and type. */
class Rounds {
  readonly #rounds = new Recent<string, Round>(ROUNDS);

  /** The round to which a step belongs. */
  of(seen: Seen<PullKind>): Round {
    const key = keyOf(seen);
    const known = this.#rounds.get(key);
    if (known !== undefined) return known;
    const round: Round = {
      helloMs: undefined,
      hellos: 0,
      digests: 0,
      offered: new Set(),
      requests: 0,
      requested: new Set(),
    };
    this.#rounds.set(key, round);
    return round;
  }
}

/** Hello and request come from whoever pulls, digest and update from the other side. */
function keyOf({ kind, recorded: { stream, by }, value }: Seen<PullKind>): string {
  const isPuller = kind === 'hello' || kind === 'dataReq';
  return `${stream.number} ${isPuller === (by === 'initiator')} ${value.nonce} ${value.msgType}`;
}

function note(seen: Seen<PullKind>, round: Round): void {
  if (isOf(seen, 'hello')) {
    round.helloMs ??= seen.atMs;
    round.hellos += 1;
  } else if (isOf(seen, 'dataDig')) {
    round.digests += 1;
    for (const digest of seen.value.digests) round.offered.add(hex(digest));
  } else if (isOf(seen, 'dataReq')) {
    round.requests += 1;
    for (const digest of seen.value.digests) round.requested.add(hex(digest));
  }
}

/** A check that follows rounds; `look` sees each step with the round it belongs to, before it is noted there. */
export const following = (
  clause: RecordedCheck['clause'],
  title: string,
  look: (seen: Seen<PullKind>, round: Round, docket: Docket, scene: Scene) => void,
  ...needs: readonly RecordedNeed[]
): RecordedCheck =>
  watch(
    clause,
    title,
    (scene, docket): Watcher => {
      const rounds = new Rounds();
      return {
        envelope: (seen) => {
          if (!isPull(seen)) return;
          const round = rounds.of(seen);
          look(seen, round, docket, scene);
          note(seen, round);
        },
      };
    },
    ...needs,
  );
