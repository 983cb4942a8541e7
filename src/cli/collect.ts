/** The values of a repeatable option, one at a time. */
export const collect = (value: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  value,
];

/** The values of a repeatable option, each of which may be several separated by commas. */
export const collectList = (value: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  ...value.split(',').map((one) => one.trim()),
];
