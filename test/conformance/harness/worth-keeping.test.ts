import { expect } from 'chai';
import type { NodeLogs } from '../../../conformance/harness/target';
import { keepIfWorth } from '../../../conformance/harness/worth-keeping';
import { failed, result } from '../../report/sample-run';

const FOLDER = '/tmp/gossipspec-logs-x';

describe('the logs of the nodes', () => {
  const notes: string[] = [];
  const note = (line: string): void => void notes.push(line);
  const logs = (died: boolean): NodeLogs => ({
    nodeDied: () => died,
    save: () => Promise.resolve(FOLDER),
  });

  beforeEach(() => notes.splice(0));

  it('are kept where a clause failed or a node died, and nowhere else', async () => {
    const passed = [result('pass')];
    expect(await keepIfWorth(logs(false), [failed()], note)).to.equal(FOLDER);
    expect(await keepIfWorth(logs(true), passed, note)).to.equal(FOLDER);
    expect(await keepIfWorth(logs(false), passed, note)).to.be.undefined;
    expect(await keepIfWorth(undefined, [failed()], note)).to.be.undefined;
    expect(notes).to.be.empty;
  });

  it('that cannot be kept are told of', async () => {
    const full: NodeLogs = { nodeDied: () => true, save: () => Promise.resolve(undefined) };
    expect(await keepIfWorth(full, [], note)).to.be.undefined;
    expect(notes).to.deep.equal(['the logs of the nodes cannot be kept']);
  });
});
