import type Docker from 'dockerode';

/** Told of bytes that have come, and of those known to come. */
export type OnProgress = (got: number, total: number) => void;

interface PullEvent {
  readonly error?: string;
  readonly id?: string;
  readonly status?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
}

/** Resolves when an engine has pulled what it tells of in `stream`; rejects with its own words if it cannot. */
export function followPull(
  docker: Docker,
  stream: NodeJS.ReadableStream,
  onProgress: OnProgress,
): Promise<void> {
  const layers = new Map<string, { readonly got: number; readonly total: number }>();
  const sum = (part: 'got' | 'total'): number =>
    [...layers.values()].reduce((before, layer) => before + layer[part], 0);
  return new Promise((resolve, reject) => {
    docker.modem.followProgress(
      stream,
      (error, events: readonly PullEvent[]) => {
        // A pull that fails half-way ends in order, and says so in its last line.
        const failure = events.find((event) => event.error !== undefined)?.error;
        if (error !== null) reject(error);
        else if (failure !== undefined) reject(new Error(failure));
        else resolve();
      },
      ({ id, status, progressDetail: { current, total } = {} }: PullEvent) => {
        if (id === undefined || current === undefined || total === undefined || status !== 'Downloading')
          return;
        layers.set(id, { got: current, total });
        onProgress(sum('got'), sum('total'));
      },
    );
  });
}
