/** Networks in containers: the public face of the folder. */
export { startDockerNetwork, type DockerNetwork, type DockerOptions } from './docker-network';
export { Engine } from './engine';
export type { ImageChoice } from './images';
export { RUN_LABEL } from './labels';
export { listDockerRuns, sweepDockerRuns, type DockerRunLeft, type SweepOptions } from './sweep';
