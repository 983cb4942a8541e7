import type { Level } from '../../src/report/model';
import type { Clause } from '../catalogue/clause';
import { blocksInputs } from './inputs/blocks';
import { handshakeInputs } from './inputs/handshake';
import { membershipInputs } from './inputs/membership';
import { pullInputs } from './inputs/pull';
import type { BadInput } from './inputs/row';
import { stateInputs } from './inputs/state';
import { streamsInputs } from './inputs/streams';
import { transportInputs } from './inputs/transport';

export type { BadInput } from './inputs/row';

const table = [
  ...transportInputs,
  ...handshakeInputs,
  ...streamsInputs,
  ...membershipInputs,
  ...pullInputs,
  ...stateInputs,
  ...blocksInputs,
].sort((a, b) => a.id.localeCompare(b.id));

export type BadInputId = (typeof table)[number]['id'];

/** Every bad input by its id. PUT is the peer under test, OP the outside peer that judges it. */
export const badInputs: ReadonlyMap<BadInputId, BadInput<BadInputId>> = new Map(
  table.map((row) => [row.id, row]),
);

/** The area of what a peer is judged by for its bad inputs. */
const AREA = 'hostile';

/** The bad inputs as clauses of an area of their own. `levelOf`: the level of a clause that one is judged by. */
export const hostileClauses = (levelOf: (clause: string) => Level): readonly Clause<BadInputId>[] =>
  table.map(
    ({ id, input, reaction, destructive, evidence, source, role, level, judgedBy, unobservable }) => ({
      id,
      area: AREA,
      level: level ?? (judgedBy === undefined ? 'impl' : levelOf(judgedBy.clause)),
      text: `${input}: ${reaction}.${destructive ? ' A conforming peer drops it.' : ''}`,
      source,
      role,
      evidence,
      differs: false,
      observation:
        judgedBy === undefined
          ? 'A well-formed exchange works; OP sends this in its place; PUT still answers.'
          : `As for ${judgedBy.clause}.`,
      unobservable,
      unjudged: undefined,
    }),
  );
