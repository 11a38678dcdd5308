// Passes on that something new is known of a cluster or the fleet, from readers to the open pages.

export type Changes = ReturnType<typeof createChanges>;

export function createChanges() {
  const listeners = new Set<(cluster?: string) => void>();
  return {
    /** @param cluster absent if it concerns the whole fleet */
    note(cluster?: string): void {
      for (const listener of listeners) listener(cluster);
    },
    /** @returns what ends it */
    subscribe(listener: (cluster?: string) => void): () => void {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
