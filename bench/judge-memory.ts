/** A process of its own that judges one recording, and answers with the most memory that it took, in MB. */
import { keepHeapSteady } from '../conformance/recorded/run';
import { judgeFolder } from './judge-folder';

export interface MemoryTask {
  readonly folder: string;
}

process.once('message', ({ folder }: MemoryTask) => {
  // As `gossipspec judge` does.
  keepHeapSteady();
  judgeFolder(folder).then(
    () => process.send?.(process.resourceUsage().maxRSS / 1024, undefined, undefined, () => undefined),
    (error: unknown) => {
      throw error;
    },
  );
});
process.on('disconnect', () => process.exit());
