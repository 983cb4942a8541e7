import { arriving, hearing, mutant, saying, withSettings } from './mutant';

const FEW = 6;

/** Wrong in how much a peer tells and reads of a channel's members, and how often. */
export const sinfMeasureMutants = [
  mutant(
    'sinf-lists-six',
    'its snapshots have six elements at most',
    ['SINF-11'],
    saying('stateSnapshot', (_, { elements }) => ({
      content: { kind: 'stateSnapshot', value: { elements: elements.slice(0, FEW) } },
    })),
  ),
  mutant(
    'sinf-reads-six',
    'it reads six elements of a snapshot at most',
    ['SINF-12'],
    hearing('stateSnapshot', () => ({ elements }, _, message) => [
      arriving({
        ...message,
        content: { kind: 'stateSnapshot', value: { elements: elements.slice(0, FEW) } },
      }),
    ]),
  ),
  mutant(
    'sinf-tells-seldom',
    'it tells of itself at every second publishStateInfoInterval',
    ['SINF-05'],
    withSettings({ publishStateInfoIntervalMs: 500 }),
  ),
  mutant(
    'sinf-asks-seldom',
    'it asks at every second requestStateInfoInterval',
    ['SINF-08'],
    withSettings({ requestStateInfoIntervalMs: 1_000 }),
  ),
];
