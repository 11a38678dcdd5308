// Defines the facts of an instance change and the tools of its steps.

import { z } from 'zod';
import type { Io } from '../../brokers/driver.ts';
import type { ChangeDesk } from '../../brokers/rocketmq/changes/change-desk.ts';
import type { Clock } from '../../core/clock.ts';
import type { Finding } from '../../core/documents/analysis.ts';
import { DesiredInstance } from '../../core/documents/instances.ts';
import type { InstanceHost } from '../../hosts/instances/instance-host.ts';
import type { Blocker, Outcome } from '../change/step.ts';
import { ClosedGroup } from '../rocketmq/close-writes.ts';
import type { CheckedArchive, StatedDigest } from './install/check-archive.ts';

const instanceActions = ['start', 'stop', 'restart', 'roll', 'install', 'upgrade', 'reconfigure', 'remove'] as const;
export type InstanceAction = (typeof instanceActions)[number];

/** State of the healthy cluster before the change. */
export const Baseline = z.strictObject({
  brokers: z.array(z.string()).describe('ids that the cluster listed'),
  controller: z.string().optional().describe('Kafka: id of the active controller'),
  lags: z.record(z.string(), z.number()).describe('messages by consumer group'),
  commits: z
    .record(z.string(), z.number())
    .optional()
    .describe('sum of the committed offsets by consumer group without members'),
});
export type Baseline = z.infer<typeof Baseline>;

export const ChangedInstance = z.strictObject({
  name: z.string(),
  target: DesiredInstance,
  wasRunning: z.boolean().describe('when the change was planned'),
  linked: z.string().optional().describe('release that its link named when the change was planned'),
});
export type ChangedInstance = z.infer<typeof ChangedInstance>;

const ReleaseCopy = z.strictObject({
  host: z.string(),
  release: z.string().describe('folder on the host'),
  distribution: z.string(),
  owner: z.string().describe('instance whose rights it is written with'),
  isNew: z.boolean().describe('it was not on the host when the change was planned'),
});
export type ReleaseCopy = z.infer<typeof ReleaseCopy>;

export const InstallFacts = z.strictObject({
  archives: z.record(z.string(), z.strictObject({ algorithm: z.enum(['sha256', 'sha512']), digest: z.string() })),
  copies: z.array(ReleaseCopy),
  files: z.record(z.string(), z.string()).describe('by instance: digest of the files that are written for it'),
  replaced: z
    .record(z.string(), z.array(z.strictObject({ path: z.string(), isNew: z.boolean() })))
    .optional()
    .describe('by instance: files whose text is replaced; isNew: the host had none'),
  claim: z.string().optional().describe('who installs, on each host for as long as it lasts'),
  data: z.boolean().optional().describe('whether data directories are removed as well'),
});
export type InstallFacts = z.infer<typeof InstallFacts>;

const ClosedMaster = ClosedGroup.extend({ members: ClosedGroup.shape.members.length(1) });
export type ClosedMaster = z.infer<typeof ClosedMaster>;

export const InstanceFacts = z.strictObject({
  action: z.enum(instanceActions),
  order: z.array(ChangedInstance).min(1).describe('in the order in which they are changed'),
  marks: z.record(z.string(), z.string()).describe('by instance: the end of its output before it was started'),
  baseline: Baseline.optional(),
  when: z.literal('safe').optional().describe('each instance is stopped only in a safe window of the forecast'),
  canary: z.string().optional().describe('topic to which a canary sends, to measure the p99 of writes'),
  acceptRefusedSends: z
    .boolean()
    .optional()
    .describe('a RocketMQ master is stopped after a while, although clients still send to it'),
  p99BeforeSeconds: z.number().optional().describe('p99 of writes before the first instance is stopped'),
  install: InstallFacts.optional(),
  masters: z
    .record(z.string(), ClosedMaster)
    .optional()
    .describe('by instance: RocketMQ masters that accept no messages while they are stopped'),
});
export type InstanceFacts = z.infer<typeof InstanceFacts>;

/** Whether a cluster is healthy enough for the next step. */
export interface ClusterGate {
  baseline(io: Io): Promise<Baseline>;
  /** @returns nothing once the cluster is healthy */
  blockers(baseline: Baseline, io: Io): Promise<readonly Blocker[]>;
  /** Kafka: addresses of the ZooKeeper servers to check. */
  zooKeeper?: readonly string[];
  /** For brokers that are stopped one after another; absent if each master is checked separately (close-master.ts). */
  findRefusedSends?(stopped: readonly string[], io: Io): Promise<readonly Finding[]>;
  /**
   * Returns leadership to the preferred leader, and waits while the broker is not in sync; absent if leaders return
   * automatically.
   */
  restoreLeaders?(broker: string, io: Io): Promise<Outcome<InstanceFacts>>;
}

/** Write latency measured by a canary while the command runs. */
export interface WriteLatency {
  /** p99 of the writes of the last `window` seconds, in seconds; undefined with too few samples. */
  p99(window: number): number | undefined;
  /** Why nothing can be sent; absent while it can. */
  reason(): string | undefined;
}

/** Content to copy to hosts, read on the operator's machine. */
export interface Packages {
  /** @returns a gzip-compressed tar archive on this machine, with verified digest and entries. @throws AppError archive-refused */
  archiveOf(distribution: string, io: Io): Promise<PreparedArchive>;
  /** @param path below the folder of instances.yaml. @throws AppError config-unreadable */
  textOf(path: string, io: Io): Promise<string>;
}

export type PreparedArchive = {
  path: string;
  /** Digest of the file at `path`, which differs from the stated archive if instances.yaml names a zip. */
  sentDigest: string;
} & StatedDigest &
  CheckedArchive;

export interface InstanceTools {
  packages: Packages;
  /** Opened once per change. */
  hostOf(name: string): InstanceHost;
  gate: ClusterGate;
  /** For RocketMQ: closes a master to producers before it is stopped. */
  desk?: ChangeDesk;
  clock: Clock;
  /** @returns why a broker must not be stopped now, according to the forecast; nothing within a safe window */
  windowBlockers?(io: Io): Promise<readonly Blocker[]>;
  /** Starts at the first call; sends while the command runs. */
  writeLatency(topic: string): WriteLatency;
  /** All instances of instances.yaml, to find conflicts. */
  all: Readonly<Record<string, DesiredInstance>>;
  /** Configured cluster id; absent if not configured. */
  clusterIdOf(cluster: string): string | undefined;
}
