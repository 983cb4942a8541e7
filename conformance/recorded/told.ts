import { createHash } from 'node:crypto';
import { Recent } from '../harness/recent';
import type { Scene } from './scene';
import type { Seen } from './seen';

/** Messages of testers that are remembered at least. */
const REMEMBERED = 10_000;

/** What testers sent and nobody signed: a peer that passes it on does not answer for what is in it. */
export class Told {
  readonly #scene: Scene;
  readonly #told = new Recent<string, true>(REMEMBERED);
  #isEmpty = true;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  /** Whether it is a tester's, or the very payload that a tester sent before. */
  passesOn({ recorded, envelope }: Seen): boolean {
    const isOurs = this.#scene.isOurs(recorded.from.pkiId);
    if (!isOurs && this.#isEmpty) return false;
    const key = createHash('sha256').update(envelope.payload).digest('base64');
    if (!isOurs) return this.#told.get(key) === true;
    this.#isEmpty = false;
    this.#told.set(key, true);
    return true;
  }
}
