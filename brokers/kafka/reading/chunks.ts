// Splits a list into chunks of 100, so that 1,000 groups take ten requests with small answers.

const groupsPerRequest = 100;

export function inChunks<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / groupsPerRequest) }, (_, index) =>
    items.slice(index * groupsPerRequest, (index + 1) * groupsPerRequest),
  );
}
