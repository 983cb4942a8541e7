import { judge, type RecordingRun } from '../conformance/recorded/run';
import { resolveSelection } from '../conformance/selection';

/** Judges a recording by every check, and shows nothing. */
export const judgeFolder = (folder: string): Promise<RecordingRun> =>
  judge({
    folder,
    select: resolveSelection({ clauses: [], areas: [], levels: [] }),
    judged: 'peers',
    signal: new AbortController().signal,
    view: { started: () => undefined, finished: () => undefined, note: () => undefined },
    tool: { name: 'gossipspec', version: 'bench' },
    command: 'npm run bench',
  });
