import { fork, type ChildProcess } from 'node:child_process';

/**
 * A process of its own that runs one of our files, built or through ts-node as everything else here. It is told things
 * and answers by IPC, and must end when that is cut.
 */
export const forkSource = (file: string): ChildProcess =>
  fork(file, [], {
    execArgv: file.endsWith('.ts') ? ['--require', 'ts-node/register'] : [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
