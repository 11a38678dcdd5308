// Notifies listeners, such as open pages, of new data of a cluster or the fleet.

export type Changes = ReturnType<typeof createChanges>;

export function createChanges() {
  const listeners = new Set<(cluster?: string) => void>();
  return {
    /** @param cluster absent if the change concerns the whole fleet */
    note(cluster?: string): void {
      for (const listener of listeners) listener(cluster);
    },
    /** @returns a function that ends the subscription */
    subscribe(listener: (cluster?: string) => void): () => void {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
