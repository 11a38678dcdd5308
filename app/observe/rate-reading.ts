// Defines a reading of a cluster for rates, and the offsets that are known from earlier ones.

import type { TopicSizes } from '../../brokers/lookup.ts';
import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import { observeCommits, type KnownCommits } from '../../brokers/delta/commit-growth.ts';
import { observeLogs, type KnownLogs } from '../../brokers/delta/log-growth.ts';
import type { MachineSample } from './machine-load.ts';

export type TopicSize = TopicSizes['sizes'][number];

export interface Reading {
  /** On a monotonic clock. */
  atSeconds: number;
  snapshot: ClusterSnapshot;
  /** For brokers with one log per partition: Kafka. */
  sizes?: readonly TopicSize[];
  /** By broker id, if the config names its host. */
  machines?: ReadonlyMap<string, MachineSample>;
  /** Ends and commits known from this and earlier readings, each with its time. Default: from this reading only. */
  known?: KnownOffsets;
}

interface KnownOffsets {
  logs: KnownLogs;
  commits: KnownCommits;
}

export const observeOffsets = (reading: Reading, before?: KnownOffsets): KnownOffsets => ({
  logs: observeLogs(reading, before?.logs),
  commits: observeCommits(reading, before?.commits),
});
