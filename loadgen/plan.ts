// What exactly will a run do? Everything is decided here, before anything is touched.

import { randomBytes } from 'node:crypto';
import type { BrokerKind } from '../core/cluster.ts';
import type { PlannedStep } from '../core/run-bundle.ts';
import { createPacer } from './pacer.ts';
import { createMark } from './payload-header.ts';
import type { RateSegment } from './profiles/profile.ts';
import { createProfile } from './profiles/registry.ts';
import type { WantedTopic } from './topic.ts';
import type { Workload } from './workload.ts';

export interface RunPlan {
  id: string;
  directory: string;
  cluster: { name: string; broker: BrokerKind; config: unknown };
  workload: Workload;
  topic: WantedTopic;
  profile: { name: string; description: string };
  warmUpSeconds: number;
  steps: readonly PlannedStep[];
  /** Warm-up and steps. */
  segments: readonly RateSegment[];
  /** Messages and seconds of all segments. */
  messages: number;
  durationSeconds: number;
  /** Stands in front of every message; from the id, so that no other run has the same. */
  mark: number;
}

export interface PlanOptions {
  id: string;
  directory?: string;
  cluster: RunPlan['cluster'];
  workload: Workload;
  keepTopic: boolean;
}

export function createRunId(now: Date): string {
  const [date = '', time = ''] = now.toISOString().split(/[T.]/);
  return `${date.replaceAll('-', '')}-${time.replaceAll(':', '')}-${randomBytes(2).toString('hex')}`;
}

export function createPlan({ id, directory, cluster, workload, keepTopic }: PlanOptions): RunPlan {
  const profile = createProfile(workload.profile);
  const asked = profile.segments().filter((segment) => segment.kind === 'rate');
  const [first] = asked;
  // The rate of the first step: the broker's JIT and page cache, and ours, settle on the very work that is judged next.
  const warmUp = first && workload.warmUp > 0 ? [{ ...first, to: first.from, duration: workload.warmUp }] : [];
  const segments = [...warmUp, ...asked];
  const { total, duration } = createPacer(segments);
  const { partitions, replicationFactor } = workload;
  return {
    id,
    directory: directory ?? `runs/${id}`,
    cluster,
    workload,
    topic: {
      name: workload.topic ?? `plimsoll-${id}`,
      ...(partitions !== undefined && { partitions }),
      ...(replicationFactor !== undefined && { replicationFactor }),
      keep: keepTopic,
      groups: Array.from({ length: workload.groups }, (_, group) => `plimsoll-${id}-${group + 1}`),
    },
    profile: { name: workload.name ?? workload.profile.kind, description: profile.describe() },
    warmUpSeconds: workload.warmUp,
    steps: asked.map(({ from, to, duration }) => ({ targetTps: (from + to) / 2, durationSeconds: duration })),
    segments,
    messages: total,
    durationSeconds: duration,
    mark: createMark(id, 1),
  };
}
