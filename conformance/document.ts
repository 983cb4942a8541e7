import { clauses, type Clause, type Evidence, type Role } from './clauses';
import { checks } from './checks';
import type { Check } from './harness/check';
import { anySign } from './harness/floor';
import { mutants } from './mutants';

const roles: Readonly<Record<Role, string>> = {
  init: 'the side that opens the stream',
  resp: 'the side that accepts the stream',
  both: 'both sides',
};

const evidence: Readonly<Record<Evidence, string>> = {
  live: 'seen on running peers of 2.5.16 and 3.1.5',
  live25: 'seen on running peers of 2.5.16, read in the source of 3.1.5',
  code: 'read in the source of both',
};

const preface = `# The clauses

Made from the catalogue by \`npm run document\`; do not edit.

Each clause of Fabric's gossip protocol with its level, whom it binds, where it is written, how an outside peer sees it, the
checks that judge it, and mutants of our own peer, broken in this one rule, that those checks must find. PUT is the peer
under test, OP the outside peer that judges it; [in brackets] are Fabric's defaults. A failed *must* or *should* turns the
verdict; *impl* tells what Fabric happens to do, and never does. A check to which the peer gave no sign of itself, or which saw
less than it says that it needs, is inconclusive.`;

/** Markdown's own characters, told to stand for themselves. */
const plain = (text: string): string =>
  text
    .split('`')
    .map((part, i) => (i % 2 === 1 ? part : part.replace(/[\\*_|<>[\]]/g, '\\$&')))
    .join('`');

const list = (items: readonly string[]): readonly string[] => items.map((item) => `- ${plain(item)}`);

/** A check in words, with what it must have seen before it may pass, where that is more than any sign of the peer. */
const checkText = ({ title, floor }: Check): string =>
  floor === anySign ? title : `${title} (from at least ${floor.atLeast} ${floor.of})`;

function section(clause: Clause): string {
  const { id, level, role, text, source, observation, unobservable } = clause;
  const judging = checks.filter((check) => check.clause === id);
  const breaking = mutants.filter(({ expected }) => expected.some((one) => one === id));
  const nobody =
    unobservable === undefined ? 'No check yet.' : `No outside peer can see it: ${plain(unobservable)}`;
  return [
    `### ${id}`,
    `*${level}*, binds ${roles[role]}, ${evidence[clause.evidence]}${clause.differs ? '; the two differ in it' : ''}.`,
    plain(text),
    `Source: ${plain(source)}`,
    ...(unobservable === undefined ? [`Procedure: ${plain(observation)}`] : []),
    judging.length === 0 ? nobody : 'Checks:',
    ...(judging.length === 0 ? [] : [list(judging.map(checkText)).join('\n')]),
    ...(breaking.length === 0 ? [] : ['Broken by:', list(breaking.map(({ breaks }) => breaks)).join('\n')]),
  ].join('\n\n');
}

/** The document of all clauses and bad inputs, in Markdown. */
export function documentOfClauses(): string {
  const all = [...clauses.values()];
  const areas = [...new Set(all.map(({ area }) => area))];
  const judged = new Set(checks.map(({ clause }) => clause)).size;
  return [
    preface,
    `${clauses.size} clauses, ${judged} of them judged by ${checks.length} checks; ${mutants.length} mutants.`,
    ...areas.flatMap((area) => [
      `## ${plain(area)}`,
      ...all.filter((clause) => clause.area === area).map(section),
    ]),
    '',
  ].join('\n\n');
}
