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

Generated from the catalogue by \`npm run document\`; do not edit.

For each clause of Fabric's gossip protocol this document says

- its level: a failed *must* or *should* decides the verdict; *impl* tells what Fabric happens to do, and never does;
- which side of a stream it binds, and whether it was seen on running peers of Fabric or read in the source alone;
- what it demands; [in brackets] are Fabric's defaults;
- its source: Fabric's file and function;
- the procedure by which an outside peer (OP) can see whether the peer under test (PUT) keeps it;
- the checks that judge it. A check to which the peer gave no sign of itself, or which saw less than it needs, is inconclusive;
- what breaks it: mutants of our own peer, wrong in this one rule, that the checks must find.`;

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

/** Why no check judges a clause. */
function whyNone({ unobservable, unjudged }: Clause): string {
  if (unobservable !== undefined) return `No outside peer can see it: ${plain(unobservable)}`;
  return unjudged === undefined ? 'No check yet.' : `No check: ${plain(unjudged)}`;
}

function section(clause: Clause): string {
  const { id, level, role, text, source, observation, unobservable } = clause;
  const judging = checks.filter((check) => check.clause === id);
  const breaking = mutants.filter(({ expected }) => expected.some((one) => one === id));
  return [
    `### ${id}`,
    `*${level}*, binds ${roles[role]}, ${evidence[clause.evidence]}${clause.differs ? '; the two differ in it' : ''}.`,
    plain(text),
    `Source: ${plain(source)}`,
    ...(unobservable === undefined ? [`Procedure: ${plain(observation)}`] : []),
    judging.length === 0 ? whyNone(clause) : 'Checks:',
    ...(judging.length === 0 ? [] : [list(judging.map(checkText)).join('\n')]),
    ...(breaking.length === 0 ? [] : ['Broken by:', list(breaking.map(({ breaks }) => breaks)).join('\n')]),
  ].join('\n\n');
}

/** A link to the section of an area, as GitHub makes anchors of headings, with its first and last clause. */
function areaLink(area: string, ids: readonly string[]): string {
  const anchor = area
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
  return `- [${plain(area)}](#${anchor}): ${[...new Set([ids[0], ids.at(-1)])].join(' to ')}`;
}

/** The document of all clauses and bad inputs, in Markdown. */
export function documentOfClauses(): string {
  const all = [...clauses.values()];
  const areas = [...new Set(all.map(({ area }) => area))];
  const inArea = (area: string): readonly Clause[] => all.filter((clause) => clause.area === area);
  const judged = new Set(checks.map(({ clause }) => clause)).size;
  return [
    preface,
    `${clauses.size} clauses, ${judged} of them judged by ${checks.length} checks; ${mutants.length} mutants.`,
    areas
      .map((area) =>
        areaLink(
          area,
          inArea(area).map(({ id }) => id),
        ),
      )
      .join('\n'),
    ...areas.flatMap((area) => [`## ${plain(area)}`, ...inArea(area).map(section)]),
    '',
  ].join('\n\n');
}
