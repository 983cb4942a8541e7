import type { Engine } from './engine';
import { RUN_LABEL } from './labels';

/** Kills and removes everything that bears a run's id. Rejects with a FabricError. */
export async function removeRun(engine: Engine, id: string): Promise<void> {
  const label = `${RUN_LABEL}=${id}`;
  const containers = await engine.containersWith(label);
  await Promise.all(containers.map((container) => engine.removeContainer(container.id)));
  const networks = await engine.networksWith(label);
  await Promise.all(networks.map((network) => engine.removeNetwork(network.id)));
}
