import { arriving, hearing, mutant, saying, withRules, withSettings } from './mutant';

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
  mutant(
    'sinf-sweeps-seldom',
    'it looks for state info of those who are no members every eight pullIntervals',
    ['SINF-14'],
    withRules({ sweepPeriodMs: (pullIntervalMs) => 8 * pullIntervalMs }),
  ),
  mutant(
    'sinf-forgets-chaincodes',
    'it tells of chaincodes in snapshots alone',
    ['SINF-01'],
    saying('stateInfo', (_, value) => ({
      content: {
        kind: 'stateInfo',
        value: { ...value, properties: value.properties && { ...value.properties, chaincodes: [] } },
      },
    })),
  ),
  mutant(
    'sinf-names-fold',
    'it takes the name of its channel in capitals for that of its channel',
    ['TAG-06'],
    hearing('stateSnapshot', () => (_, bytes, message) => {
      const name = Buffer.from(message.channel).toString('latin1');
      const isFolded = name !== '' && name === name.toUpperCase();
      return [isFolded ? arriving({ ...message, channel: Buffer.from(name.toLowerCase()) }) : bytes];
    }),
  ),
];
