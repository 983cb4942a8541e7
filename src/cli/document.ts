import { Command } from 'commander';
import { readFileSync, writeFileSync } from 'node:fs';
import { exitCodes } from './exit-codes';
import type { CommandFactory } from './session';

/** `gossipspec document`; `load` loads the catalogue, its checks and mutants when they are needed. */
export const documentCommand =
  (load: () => { readonly documentOfClauses: () => string }): CommandFactory =>
  (session) =>
    new Command('document')
      .summary('write the document of all clauses')
      .description('Writes every clause with its checks, and what they find, as Markdown.')
      .argument('[file]', 'where to', 'conformance/README.md')
      .option('--check', 'write nothing; exit with 1 if the file is not what would be written')
      .option('--verbose', 'show the stack of a fault of this program')
      .action((file: string, { check }: { readonly check?: true }) => {
        const text = load().documentOfClauses();
        if (check !== true) {
          writeFileSync(file, text);
        } else if (readFileSync(file, 'utf8') !== text) {
          session.io.err.write(`${file} is stale: npm run document writes it anew.\n`);
          session.exitCode = exitCodes.notConformant;
        }
      });
