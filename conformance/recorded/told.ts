import { createHash } from 'node:crypto';
import type { Scene } from './scene';
import type { Seen } from './seen';

/** Messages of testers that are remembered. */
const MAX_REMEMBERED = 10_000;

/** What testers sent and nobody signed: a peer that passes it on does not answer for what is in it. */
export class Told {
  readonly #scene: Scene;
  readonly #told = new Set<string>();

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  /** Whether it is a tester's, or the very payload that a tester sent before. */
  passesOn({ recorded, envelope }: Seen): boolean {
    const isOurs = this.#scene.isOurs(recorded.from.pkiId);
    if (!isOurs && this.#told.size === 0) return false;
    const key = createHash('sha256').update(envelope.payload).digest('base64');
    if (!isOurs) return this.#told.has(key);
    this.#told.add(key);
    for (const oldest of this.#told) {
      if (this.#told.size <= MAX_REMEMBERED) break;
      this.#told.delete(oldest);
    }
    return true;
  }
}
