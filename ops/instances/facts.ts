// Defines what a change of instances keeps between steps, and what its steps use.

import { z } from 'zod';
import type { Io } from '../../brokers/driver.ts';
import type { Clock } from '../../core/clock.ts';
import { DesiredInstance } from '../../core/documents/instances.ts';
import type { InstanceHost } from '../../hosts/instances/instance-host.ts';
import type { Blocker } from '../change/step.ts';

export const instanceActions = ['start', 'stop', 'restart', 'roll'] as const;
export type InstanceAction = (typeof instanceActions)[number];

/** What a healthy cluster looked like before the change. */
export const Baseline = z.strictObject({
  brokers: z.array(z.string()).describe('ids that the cluster listed'),
  lags: z.record(z.string(), z.number()).describe('messages by consumer group'),
});
export type Baseline = z.infer<typeof Baseline>;

export const ChangedInstance = z.strictObject({
  name: z.string(),
  target: DesiredInstance,
  wasRunning: z.boolean().describe('when the change was planned'),
});
export type ChangedInstance = z.infer<typeof ChangedInstance>;

export const InstanceFacts = z.strictObject({
  action: z.enum(instanceActions),
  order: z.array(ChangedInstance).min(1).describe('in the order in which they are changed'),
  marks: z.record(z.string(), z.string()).describe('by instance: the end of its output before it was started'),
  baseline: Baseline.optional(),
  when: z.literal('safe').optional().describe('each instance is stopped only in a safe window of the forecast'),
});
export type InstanceFacts = z.infer<typeof InstanceFacts>;

/** Of leaders: held while the broker is not in sync. */
type Restored = { kind: 'done'; evidence: readonly string[] } | { kind: 'held'; holds: readonly Blocker[] };

/** Whether a cluster is healthy enough for the next step. */
export interface ClusterGate {
  baseline(io: Io): Promise<Baseline>;
  /** @returns nothing once it is */
  blockers(baseline: Baseline, io: Io): Promise<readonly Blocker[]>;
  /** Gives partitions back to the preferred leader; absent where leaders return by themselves. */
  restoreLeaders?(broker: string, io: Io): Promise<Restored>;
}

export interface InstanceTools {
  /** Opened once for a change. */
  hostOf(name: string): InstanceHost;
  gate: ClusterGate;
  clock: Clock;
  /** @returns what keeps a broker from being stopped now, by the forecast; nothing within a safe window */
  windowBlockers?(io: Io): Promise<readonly Blocker[]>;
  /** All of instances.yaml, to find conflicts. */
  all: Readonly<Record<string, DesiredInstance>>;
  /** As the config names them, by cluster; absent where it does not. */
  clusterIdOf(cluster: string): string | undefined;
}
