import type { Command } from 'commander';
import type { Selection } from '../../conformance/run-types';
import { resolveSelection } from '../../conformance/selection';
import { collect, collectList } from './collect';

/** Which clauses to judge. */
export interface SelectionFlags {
  readonly clause?: readonly string[];
  readonly area?: readonly string[];
  readonly level?: readonly string[];
}

/** Adds the options that name clauses. */
export const withSelectionOptions = (command: Command): Command =>
  command
    .option('--clause <id>', 'a clause, such as CONN-07; repeatable', collect)
    .option('--area <name>', 'a family, such as CONN, or a section’s name; repeatable', collect)
    .option('--level <level>', 'must, should or impl; repeatable, or separated by commas', collectList);

/** The clauses that the flags name. Throws a UsageError for what does not exist. */
export const selectionOf = ({ clause = [], area = [], level = [] }: SelectionFlags): Selection =>
  resolveSelection({ clauses: clause, areas: area, levels: level });
