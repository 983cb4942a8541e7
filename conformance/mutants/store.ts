import { fabricRules } from '../../src/node';
import { hearing, mutant, withRules } from './mutant';

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
  mutant(
    'store-distrusts-the-future',
    'it takes no pushed alive message of an inc_num that is decades ahead',
    ['STORE-01'],
    hearing(
      'aliveMsg',
      () =>
        ({ timestamp }, bytes) =>
          (timestamp?.incNum ?? 0n) > 2n ** 61n ? [] : [bytes],
    ),
  ),
  mutant(
    'store-no-gap',
    'it takes no pushed alive message whose seq_num is more than three ahead',
    ['STORE-01'],
    hearing('aliveMsg', () => {
      const last = new Map<string, bigint>();
      return ({ membership, timestamp }, bytes) => {
        const author = Buffer.from(membership?.pkiId ?? []).toString('hex');
        const seqNum = timestamp?.seqNum ?? 0n;
        if (seqNum > (last.get(author) ?? seqNum) + 3n) return [];
        last.set(author, seqNum);
        return [bytes];
      };
    }),
  ),
];
