// Passes on that something new is known of a cluster or the fleet, from readers to the open pages.

export interface Changes {
  /** @param cluster absent if it concerns the whole fleet */
  note(cluster?: string): void;
  /** @returns what ends it */
  subscribe(listener: (cluster?: string) => void): () => void;
}

export function createChanges(): Changes {
  const listeners = new Set<(cluster?: string) => void>();
  return {
    note(cluster) {
      for (const listener of listeners) listener(cluster);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
