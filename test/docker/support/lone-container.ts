import { Container, type ContainerOptions } from '../../../docker/container';

type Needed = 'run' | 'name' | 'image' | 'command';

/** A container that has nothing but its image, and whose death nobody minds, unless told otherwise. */
export const loneContainer = (
  options: Pick<ContainerOptions, Needed> & Partial<ContainerOptions>,
): Container =>
  new Container({
    env: {},
    home: '/gossipspec',
    files: {},
    ports: [],
    onDeath: () => undefined,
    ...options,
  });
