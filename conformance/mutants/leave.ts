import { PullMsgType } from '../../src/wire';
import { hex } from '../steps/bytes';
import { messageOf, mutant, withTamper } from './mutant';

export const leaveMutants = [
  mutant(
    'leave-out-of-pull',
    'it serves no blocks to members that have left the channel',
    ['LEAVE-04'],
    withTamper(() => {
      const gone = new Set<string>();
      return {
        incoming: (bytes, { peer }) => {
          const content = messageOf(bytes)?.content;
          if (content?.kind === 'stateInfo' && content.value.properties?.leftChannel === true) {
            gone.add(hex(peer ?? new Uint8Array()));
          }
          const isHello = content?.kind === 'hello' && content.value.msgType === PullMsgType.BLOCK_MSG;
          return isHello && gone.has(hex(peer ?? new Uint8Array())) ? [] : [bytes];
        },
      };
    }),
  ),
];
