import { expect } from 'chai';
import { UsageError } from '../../conformance/run-types';
import { chooseTarget, type TargetFlags } from '../../src/cli/choose-target';

type Env = Readonly<Record<string, string>>;

/** What is chosen where `docker` and `native` are at hand; the message where it is refused. */
async function choice(
  flags: TargetFlags,
  env: Env = {},
  { docker = false, native = false } = {},
): Promise<string> {
  try {
    const { kind, reason } = await chooseTarget(flags, env, () => Promise.resolve({ docker, native }));
    expect(reason).to.match(new RegExp(`^target ${kind}, `));
    return reason;
  } catch (error) {
    if (error instanceof UsageError) return `refused: ${error.message}`;
    throw error;
  }
}

describe('which target is judged', () => {
  it('is the one that the flags name', async () => {
    expect(await choice({ target: 'docker' })).to.equal('target docker, as --target says');
    expect(await choice({ target: 'embedded' })).to.contain('judges our own peers, no Fabric peer');
    expect(await choice({ peer: ['h:1'] })).to.equal('target attach, because --peer is given');
    expect(await choice({ testNetwork: 'd' })).to.equal('target attach, because --test-network is given');
    expect(await choice({ profile: 'f' })).to.equal('target attach, because --profile is given');
    expect(await choice({ fabricBin: ['d'] })).to.equal('target native, because --fabric-bin is given');
    expect(await choice({ mixed: '2.5.16,3.1.5' })).to.equal(
      'target docker, because --mixed names releases of Fabric’s images',
    );
    expect(await choice({ mixed: true, fabricBin: ['a', 'b'] })).to.contain('because --fabric-bin is given');
    expect(await choice({ fabric: ['2.5'] })).to.equal('target docker, because --fabric is given');
  });

  it('is else the best that is at hand, and it is said why', async () => {
    expect(await choice({}, {}, { docker: true, native: true })).to.equal(
      'target docker, because a Docker engine answers',
    );
    expect(await choice({}, {}, { native: true })).to.equal(
      'target native, because no Docker engine answers and Fabric’s peer and orderer are on PATH',
    );
    expect(await choice({})).to.match(/^target embedded, because no Docker engine answers and PATH has no/);
  });

  it('asks nobody what is at hand where the flags name it', async () => {
    const never = (): never => {
      throw new Error('this must not be called');
    };
    expect(await chooseTarget({ fabric: ['3.1'] }, {}, never)).to.have.property('kind', 'docker');
  });

  for (const { how, flags, env } of [
    { how: '--gate', flags: { gate: true }, env: {} },
    { how: 'CI=true', flags: {}, env: { CI: 'true' } },
  ]) {
    it(`must be named where ${how} makes it a gate, and must test Fabric`, async () => {
      const all = { docker: true, native: true };
      expect(await choice(flags, env, all)).to.match(
        new RegExp(
          `^refused: a gate must be told its target, and none is named; name one: .* because ${how}`,
        ),
      );
      expect(await choice({ ...flags, target: 'embedded' }, env, all)).to.match(
        /^refused: target embedded judges our own peers, no Fabric, so a gate refuses it; name one: /,
      );
      expect(await choice({ ...flags, target: 'native' }, env)).to.equal('target native, as --target says');
      expect(await choice({ ...flags, peer: ['h:1'] }, env)).to.contain('target attach');
    });
  }

  it('is chosen as anywhere where CI=true is to be no gate', async () => {
    const env = { CI: 'true' };
    expect(await choice({ gate: false, target: 'embedded' }, env)).to.contain('target embedded');
    expect(await choice({ gate: false }, env, { native: true })).to.contain('target native');
    expect(await choice({}, { CI: 'false' })).to.contain('target embedded');
  });
});
