import { systemTools } from '../harness/targets';
import { recordedTiming } from '../harness/targets/timing-source';
import type { keepHeapSteady } from './steady-heap';
import { judgeRecording, type JudgeRecordingOptions, type RecordingRun } from './judge-recording';

export { keepHeapSteady } from './steady-heap';
export type { RecordingRun } from './judge-recording';

/** Judges a recording with this machine's clock, and the settings that its manifest tells. */
export const judge = (options: Omit<JudgeRecordingOptions, 'clock' | 'timingOf'>): Promise<RecordingRun> =>
  judgeRecording({
    ...options,
    clock: systemTools().clock,
    timingOf: ({ settings }) => recordedTiming(settings),
  });

/** What the command line needs of this file. */
export interface RecordingJudge {
  readonly judge: typeof judge;
  readonly keepHeapSteady: typeof keepHeapSteady;
}
