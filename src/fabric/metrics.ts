import { get } from 'node:http';
import type { Millis } from '../ports/clock';
import { FabricError } from './fabric-error';

/** What a node's operations endpoint tells, as of one moment. */
export class Metrics {
  readonly #samples: ReadonlyMap<string, number>;

  /** Reads Prometheus' text format; what is no sample is skipped. */
  constructor(text: string) {
    const samples = [...text.matchAll(/^(\w+(?:\{[^\n]*\})?) (\S+)$/gm)];
    this.#samples = new Map(samples.map(([, name = '', value]) => [name, Number(value)]));
  }

  /** The sample of this name and exactly these labels; undefined if there is none. */
  get(name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
    const pairs = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
    return this.#samples.get(pairs.length === 0 ? name : `${name}{${pairs.sort().join(',')}}`);
  }

  /** The program's version, such as 2.5.16. */
  version(): string | undefined {
    const names = [...this.#samples.keys()];
    return names.map((name) => /^fabric_version\{.*version="([^"]+)"/.exec(name)?.[1]).find(Boolean);
  }

  /** Members of the channel that a peer knows, itself not counted. */
  peersKnown(channel: string): number | undefined {
    return this.get('gossip_membership_total_peers_known', { channel });
  }

  /** Blocks that a peer has committed. */
  height(channel: string): number | undefined {
    return this.get('ledger_blockchain_height', { channel });
  }

  /** Whether a peer says it is its organisation's leader. */
  isLeader(channel: string): boolean {
    return this.get('gossip_leader_election_leader', { channel }) === 1;
  }
}

/** Reads the metrics at host:port. Rejects with a FabricError UNREACHABLE. */
export function readMetrics(endpoint: string, timeoutMs: Millis): Promise<Metrics> {
  const url = `http://${endpoint}/metrics`;
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown): void => {
      reject(new FabricError('UNREACHABLE', `no metrics at ${url}: ${String(cause)}`, { cause }));
    };
    const call = get(url, { timeout: timeoutMs, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', fail);
      response.on('end', () => {
        if (response.statusCode === 200) resolve(new Metrics(Buffer.concat(chunks).toString()));
        else fail(`HTTP ${response.statusCode ?? 0}`);
      });
    });
    call.on('timeout', () => call.destroy(new Error(`no answer within ${timeoutMs} ms`)));
    call.on('error', fail);
  });
}
