// Defines a reading of a cluster for rates, and the offsets that are known from earlier ones.

import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import { observeCommits, type KnownCommits } from '../../brokers/delta/commit-growth.ts';
import { observeLogs, type KnownLogs } from '../../brokers/delta/log-growth.ts';
import type { MachineSample } from './machine-load.ts';

export interface TopicSize {
  broker: string;
  topic: string;
  bytes: bigint;
}

export interface Reading {
  /** Of a clock that never steps. */
  atSeconds: number;
  snapshot: ClusterSnapshot;
  /** Where the bytes of a topic are those of its log: Kafka. */
  sizes?: readonly TopicSize[];
  /** By broker id, where the config names its host. */
  machines?: ReadonlyMap<string, MachineSample>;
  /** What this and earlier readings know of ends and commits, each with its time. Default: what this one alone knows. */
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
