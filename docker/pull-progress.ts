/** Told of bytes that have come, and of those known to come. */
export type OnProgress = (got: number, total: number) => void;

/** A line of what an engine tells of a pull. */
export interface PullEvent {
  readonly error?: string;
  readonly id?: string;
  readonly status?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
}

/** Adds up what is told of the layers of an image while they are downloaded. */
export function summing(onProgress: OnProgress): (event: PullEvent) => void {
  const layers = new Map<string, { readonly got: number; readonly total: number }>();
  const sum = (part: 'got' | 'total'): number =>
    [...layers.values()].reduce((before, layer) => before + layer[part], 0);
  return ({ id, status, progressDetail: { current, total } = {} }) => {
    if (id === undefined || current === undefined || total === undefined || status !== 'Downloading') return;
    layers.set(id, { got: current, total });
    onProgress(sum('got'), sum('total'));
  };
}

/** Why a pull failed half-way: it ends in order all the same, and says so in its last line. */
export const failureIn = (events: readonly PullEvent[]): Error | undefined => {
  const failure = events.find((event) => event.error !== undefined)?.error;
  return failure === undefined ? undefined : new Error(failure);
};
