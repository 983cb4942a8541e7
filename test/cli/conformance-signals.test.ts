import { expect } from 'chai';
import { embedded, result, run } from '../report/sample-run';
import { cli } from './fake-session';
import { judge } from './judging';

describe('gossipspec conformance, given a signal', () => {
  for (const { signal, code } of [
    { signal: 'SIGINT', code: 130 },
    { signal: 'SIGTERM', code: 143 },
  ] as const) {
    it(`on ${signal} aborts the run, waits until it has stopped, gives no verdict and exits with ${code}`, async () => {
      let stopped = false;
      let send: (() => void) | undefined;
      const ended = await cli(['conformance'], {
        onListening: (stop) => {
          send = () => {
            stop(signal);
          };
        },
        conformance: {
          runConformance: async ({ signal: aborted, view }) => {
            view.started(embedded, 10);
            const reason = new Promise<unknown>((resolve) => {
              aborted.addEventListener('abort', () => {
                resolve(aborted.reason);
              });
            });
            send?.();
            const why = await reason;
            stopped = true;
            throw why as Error;
          },
        },
      });
      expect(ended).to.deep.include({ code, listening: false });
      expect(ended.err).to.equal(`\n${signal}: stopping what was started; no verdict\n`);
      expect(ended.out).not.to.contain('conformant');
      expect(stopped).to.be.true;
    });
  }

  it('gives no verdict after a signal even if the run came to its end', async () => {
    const { code, out } = await judge([], run([result('pass')]), {
      onListening: (stop) => {
        stop('SIGTERM');
      },
    });
    expect(code).to.equal(143);
    expect(out).not.to.contain('conformant');
  });
});
