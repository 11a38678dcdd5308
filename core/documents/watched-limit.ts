// Defines a limit of the guard of a load test with its latest value.

export interface WatchedLimit {
  kind: 'errors' | 'p99' | 'lag' | 'link' | 'free-disk' | 'rule';
  /** Host, broker or rule; absent for figures of the load itself. */
  name?: string;
  value: number;
  limit: number;
  /** Whether the value must not fall below the limit. */
  isLeast?: boolean;
}
