import { fork } from 'node:child_process';

import { delimiter, join } from 'node:path';
import { RecordingProxy } from '../src/capture/proxy';
import { timingProfiles } from '../src/fabric/gossip-profile';
import { startNativeNetwork } from '../src/fabric/native-network';
import { defaultSettings } from '../src/fabric/network-settings';
import { systemClock, systemRandom } from '../src/node';
import { median } from '../src/statistics';
import type { FromEnds, ToEnds } from './proxy-ends';

export interface ProxyFigures {
  /** Medians of a warm Ping, TLS on. */
  readonly directMs: number;
  readonly throughMs: number;
  /** Of one core, while so many envelopes a second pass. */
  readonly cpuShare: number;
  readonly perSecond: number;
}

const open = (): RecordingProxy =>
  new RecordingProxy({
    clock: systemClock,
    random: systemRandom,
    observer: { onEnvelope: () => undefined, onEvent: () => undefined },
  });

/** The proxy is all that this process does meanwhile: both peers are another. */
export async function proxyBench(): Promise<ProxyFigures> {
  await using proxy = open();
  const ends = fork(join(__dirname, 'proxy-ends.ts'), {
    execArgv: ['--require', join(__dirname, '..', 'ts-node.cjs')],
    serialization: 'advanced',
  });
  return await new Promise((resolve, reject) => {
    let [measured, cpu] = [{ directMs: NaN, throughMs: NaN }, process.cpuUsage()];
    const receive = async (message: FromEnds): Promise<void> => {
      switch (message.kind) {
        case 'papers': {
          const fronts: string[] = [];
          for (const { service, ...papers } of message.papers)
            fronts.push(await proxy.add({ ...papers, service: () => service }));
          ends.send({ fronts } satisfies ToEnds);
          break;
        }
        case 'measured':
          measured = message;
          cpu = process.cpuUsage();
          break;
        case 'traffic': {
          const { user, system } = process.cpuUsage(cpu);
          const { perSecond, seconds } = message;
          resolve({ ...measured, perSecond, cpuShare: (user + system) / 1e6 / seconds });
        }
      }
    };
    ends.on('message', (message: FromEnds) => {
      receive(message).catch(reject);
    });
    ends.on('error', reject);
    ends.on('exit', () => {
      reject(new Error('the process with both ends is gone'));
    });
  });
}

const FORMATIONS = 5;

/** Median seconds in which a network of four real peers comes to full membership, without and with the proxy. */
export async function formationBench(): Promise<{ without: number; through: number } | undefined> {
  const binaries = (process.env['GOSSIPSPEC_FABRIC_BIN'] ?? '').split(delimiter).filter(Boolean);
  if (binaries.length === 0) return undefined;
  const times: Record<'without' | 'through', number[]> = { without: [], through: [] };
  for (let round = 0; round < FORMATIONS; round++) {
    for (const way of ['without', 'through'] as const) {
      await using proxy = open();
      await using network = await startNativeNetwork({
        settings: { ...defaultSettings, timers: timingProfiles.fast },
        binaries,
        clock: systemClock,
        random: systemRandom,
        signal: new AbortController().signal,
        ...(way === 'through' ? { between: proxy } : {}),
      });
      times[way].push((network.stages['membership'] ?? NaN) / 1_000);
    }
  }
  return { without: median(times.without), through: median(times.through) };
}
