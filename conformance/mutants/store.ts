import { fabricRules } from '../../src/node';
import { mutant, withRules } from './mutant';

export const storeMutants = [
  mutant(
    'store-seq-num-alone',
    'it orders messages by seq_num alone',
    ['STORE-01'],
    withRules({ isFresher: (candidate, held) => candidate.seqNum > held.seqNum }),
  ),
  mutant(
    'store-inc-num-alone',
    'it takes every message of the same incarnation for news',
    ['STORE-01', 'ALIVE-10'],
    withRules({ isFresher: (candidate, held) => candidate.incNum >= held.incNum }),
  ),
  mutant(
    'store-lossy-time',
    'it reads timestamps as numbers',
    ['STORE-01'],
    withRules({
      isFresher: (candidate, held) => {
        const [a, b] = [Number(candidate.incNum), Number(held.incNum)];
        return a > b || (a === b && Number(candidate.seqNum) > Number(held.seqNum));
      },
    }),
  ),
  mutant(
    'store-signed-time',
    'it reads timestamps as signed numbers',
    ['STORE-01'],
    withRules({
      isFresher: (candidate, held) =>
        fabricRules.isFresher(
          { ...candidate, seqNum: BigInt.asIntN(64, candidate.seqNum) },
          { ...held, seqNum: BigInt.asIntN(64, held.seqNum) },
        ),
    }),
  ),
  mutant(
    'store-either-will-do',
    'it takes a message for news that has a higher seq_num, whatever its incarnation',
    ['STORE-01'],
    withRules({
      isFresher: (candidate, held) =>
        fabricRules.isFresher(candidate, held) || candidate.seqNum > held.seqNum,
    }),
  ),
];
