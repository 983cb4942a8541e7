import { expect } from 'chai';
import { recordedTiming } from '../../../conformance/harness/targets/timing-source';
import { recordedChecks } from '../../../conformance/recorded';
import { findingsOf } from '../../../conformance/recorded/judge-recording';
import { Scene } from '../../../conformance/recorded/scene';
import { RecordingReader, type Recorded, type RecordingPiece } from '../../../src/capture';
import { recordingFolder } from '../../wire/recordings';
import { doctors } from './doctors';

/** A recording with something of nearly every kind. */
const RECORDING = 'v2.5.16-between-peers';

/** So much of it has nearly everything. */
const LENGTH = 2_600;

async function* piece(recorded: readonly Recorded[]): AsyncGenerator<RecordingPiece> {
  yield { recorded, faults: [] };
  await Promise.resolve();
}

describe('a recording that was doctored', function () {
  this.timeout(20_000);
  let reader: RecordingReader;
  let recording: Recorded[];
  /** For whoever doctors; a judge has one of its own. */
  let scene: Scene;
  before(async () => {
    reader = new RecordingReader(recordingFolder(RECORDING));
    scene = newScene();
    recording = [];
    for await (const recorded of reader) recording.push(recorded);
  });
  const newScene = (): Scene => new Scene(reader, recordedTiming(reader.manifest.settings), 'everybody');

  for (const check of recordedChecks) {
    it(`${check.clause}: ${check.title}`, async () => {
      const doctor = doctors[check.clause];
      if (doctor === undefined) throw new Error('no recording is doctored for it');
      // An interval takes its time to be seen, all else does not.
      const part = check.needs.includes('between-peers') ? recording : recording.slice(0, LENGTH);
      const doctored = doctor(part, scene);
      const found = (await findingsOf([check], newScene(), piece(doctored))).get(check);
      const violations = [...(found?.values() ?? [])].reduce((sum, one) => sum + one.violations, 0);
      expect(violations, 'violations found').to.be.greaterThan(0);
    });
  }

  it('is found out by none of these before it is', async () => {
    const found = await findingsOf(recordedChecks, newScene(), piece(recording));
    for (const [{ clause }, findings] of found) {
      for (const [peer, { violations }] of findings) expect(violations, `${clause} ${peer}`).to.equal(0);
    }
  });
});
