import { RecordingWriteError, RecordingWriter, recordingTap, type Tap } from '../../src/capture';
import type { Clock } from '../../src/ports/clock';
import type { ConformanceOptions, RecordOptions } from '../run-types';
import type { Papers, PeerUnderTest, Target } from './target';
import { tellTiming } from './targets/timing-source';

export interface RecorderSettings extends Pick<ConformanceOptions, 'tool' | 'command' | 'target'> {
  readonly clock: Clock;
  /** Of the testers' chance. */
  readonly seed: number;
}

/** Takes down a run: what its testers send and receive, and who is who. */
export class RunRecorder {
  readonly #writer: RecordingWriter;
  readonly #channels = new Set<string>();

  /** @throws RecordingWriteError where the folder cannot be made, or has a recording already. */
  constructor({ folder, host }: RecordOptions, { tool, command, target, clock, seed }: RecorderSettings) {
    this.#writer = new RecordingWriter({
      folder,
      clock,
      header: {
        tool,
        command,
        host,
        vantage: 'member',
        fabric: { version: null, builds: {} },
        tls: target.tls,
        channels: [],
        scenario: ['conformance'],
        seed: String(seed),
        timing: 'timingProfile' in target ? target.timingProfile : null,
        settings: {},
      },
    });
  }

  /** Learns who and what is judged. */
  meet({ organisations, peers, channel, timing, info: { fabricVersion } }: Target): void {
    for (const organisation of organisations) this.#writer.addOrganisation(organisation);
    for (const { pkiId, name, identity } of peers) {
      this.#writer.nameIdentity(pkiId, { name, role: 'peer' });
      this.#writer.addIdentity(identity);
    }
    if (channel !== undefined) this.addChannel(channel);
    const fabric = fabricVersion && { version: fabricVersion, builds: { peer: fabricVersion } };
    this.#writer.describeNetwork({ settings: tellTiming(timing), ...(fabric && { fabric }) });
  }

  /** A tap for the streams of one tester, who may say anything and is not judged. */
  tapFor({ name, identity }: Papers): Tap {
    this.#writer.nameIdentity(identity.pkiId, { name, role: 'tester' });
    return recordingTap(this.#writer, { name, pkiId: identity.pkiId });
  }

  /** A peer that is started for a check, whose timers are the check's to choose. */
  addRecruit({ pkiId, name }: PeerUnderTest, channel: string | undefined): void {
    this.#writer.nameIdentity(pkiId, { name, role: 'peer', timers: 'own' });
    if (channel !== undefined) this.addChannel(channel);
  }

  addChannel(name: string): void {
    this.#channels.add(name);
    this.#writer.describeNetwork({ channels: [...this.#channels] });
  }

  /** Ends the recording. Resolves to what is wrong with it, in words. */
  async close(): Promise<readonly string[]> {
    try {
      await this.#writer.close();
      return [];
    } catch (error) {
      if (error instanceof RecordingWriteError) return [error.message];
      throw error;
    }
  }
}
