/** For a sort of Fabric's versions: the older first. */
export const olderFirst = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true });

/** The first number of a version: 2 of 2.5.16. */
export const majorOf = (version: string): number => Number.parseInt(version, 10);

/** Whether an image's name says which of its versions is meant. */
export const isTagged = (image: string): boolean =>
  // A colon before the last slash is that of a registry's port.
  /[:@][^/]*$/.test(image);
