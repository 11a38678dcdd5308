// How many groups does one request name? A hundred: an answer stays small, and a thousand groups cost ten requests.

const groupsPerRequest = 100;

export function inChunks<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / groupsPerRequest) }, (_, index) =>
    items.slice(index * groupsPerRequest, (index + 1) * groupsPerRequest),
  );
}
