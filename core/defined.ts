// Removes undefined members from an object.

type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** Type with undefined members absent. */
export function defined<T extends object>(members: T): Defined<T> {
  // Takes half the time of Object.fromEntries; runs for each line of a journal.
  const kept: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(members)) if (value !== undefined) kept[key] = value;
  return kept as Defined<T>;
}
