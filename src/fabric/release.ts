/** For a sort of Fabric's versions: the older first. */
export const olderFirst = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true });

/** Whether an image's name says which of its versions is meant. */
export const isTagged = (image: string): boolean =>
  // A colon before the last slash is that of a registry's port.
  /[:@][^/]*$/.test(image);
