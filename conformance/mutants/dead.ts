import { mutant, saying, withRules } from './mutant';

export const deadMutants = [
  mutant(
    'dead-patient',
    'it takes a member for dead after twice aliveExpirationTimeout',
    ['DEAD-01'],
    withRules({ isSilent: (silenceMs, timeoutMs) => silenceMs > 2 * timeoutMs }),
  ),
  mutant(
    'dead-impatient',
    'it takes a member for dead after half of aliveExpirationTimeout',
    ['DEAD-01'],
    withRules({ isSilent: (silenceMs, timeoutMs) => silenceMs > timeoutMs / 2 }),
  ),
  mutant(
    'dead-stays-connected',
    'it keeps the connection of a member that died',
    ['DEAD-01'],
    withRules({ closesOnDeath: () => false }),
  ),
  mutant(
    'dead-for-good',
    'it takes nobody back who was dead',
    ['DEAD-04'],
    withRules({ resurrects: () => false }),
  ),
  mutant(
    'dead-asked-with-nonce',
    'it asks with a nonce of 1',
    ['DEAD-05'],
    saying('memReq', () => ({ nonce: 1n })),
  ),
];
