// Checks a running cluster before a change; critical findings prevent the start.

import type { Evidence, Finding } from '../../../core/documents/analysis.ts';
import { finding, named } from '../../change/change-kind.ts';
import type { KafkaPartition } from '../reassign/plan-reassignment.ts';
import { partitionKey } from './broker-load.ts';
import type { LiveCluster } from './read-cluster.ts';

export interface PlannedChange {
  plan: readonly KafkaPartition[];
  /** Brokers that leave: that they do not answer is no reason to wait. */
  leaving: readonly number[];
  /** min.insync.replicas by topic; 1 where it is not known. */
  minInSync: ReadonlyMap<string, number>;
}

export function liveFindings(cluster: LiveCluster, { plan, leaving, minInSync }: PlannedChange): Finding[] {
  const { metadata, moving, absent, disks } = cluster;
  const findings: Finding[] = [];
  const say = (severity: Finding['severity'], code: string, message: string, evidence: Evidence[] = []) =>
    findings.push({ severity, code, message, evidence });
  const planned = new Map(plan.map((each) => [partitionKey(each), each]));
  const own = metadata.topics.flatMap(({ partitions }) => partitions).filter((each) => planned.has(partitionKey(each)));

  if (moving.length > 0) {
    say(
      'critical',
      'move-under-way',
      `Partitions already being moved by another tool, ${moving.length}: ${namesOf(moving)}. Wait until these moves end, or stop them with that tool. Two concurrent changes undo each other.`,
      [figure('partitions', moving.length)],
    );
  }
  const silent = absent.filter((id) => !leaving.includes(id));
  for (const id of silent) {
    say(
      'critical',
      'broker-absent',
      `Broker ${id} holds replicas and is not in the cluster now: start it, or plan with --remove ${id}.`,
    );
  }
  const targets = new Set(plan.flatMap(({ replicas }) => replicas));
  for (const { disk, offline } of disks) {
    if (!targets.has(disk.broker)) continue;
    for (const reason of offline)
      say('critical', 'log-dir-offline', `Broker ${disk.broker} has a log directory that is offline: ${reason}.`);
  }
  const headless = own.filter(({ leader }) => leader === undefined);
  if (headless.length > 0) {
    say(
      'critical',
      'no-leader',
      `Partitions of the plan without a leader, ${headless.length}: ${namesOf(headless)}. Their data cannot be copied. Restart a broker that has a replica.`,
      [figure('partitions', headless.length)],
    );
  }
  const narrow = own.filter(({ topic, inSyncReplicas }) => inSyncReplicas.length < (minInSync.get(topic) ?? 1));
  if (narrow.length > 0) {
    say(
      'critical',
      'below-min-in-sync',
      `Partitions of the plan with fewer in-sync replicas than min.insync.replicas, ${narrow.length}: ${namesOf(narrow)}. They reject producers with acks=all now. Wait until their replicas are in sync.`,
      [figure('partitions', narrow.length)],
    );
  }
  const refusing = plan.filter(({ topic, replicas }) => replicas.length < (minInSync.get(topic) ?? 1));
  if (refusing.length > 0) {
    say(
      'critical',
      'factor-below-min-in-sync',
      `Partitions that would have fewer replicas than min.insync.replicas, ${refusing.length} (${namesOf(refusing)}): producers with acks=all could no longer send. Lower that setting first, or keep the replicas.`,
      [figure('partitions', refusing.length)],
    );
  }
  const behind = own.filter(({ replicas, inSyncReplicas }) =>
    replicas.some((id) => !inSyncReplicas.includes(id) && !leaving.includes(Number(id))),
  );
  if (behind.length > 0) {
    say(
      'warning',
      'under-replicated',
      `Under-replicated partitions of the plan, ${behind.length}: ${namesOf(behind)}.`,
      [figure('partitions', behind.length)],
    );
  }
  findings.push(...diskFindings(cluster, plan));
  return findings;
}

/** What comes to a broker has to fit beside what lies there: nothing is taken away before it is copied. */
function diskFindings({ disks, sizes, assignment }: LiveCluster, plan: readonly KafkaPartition[]): Finding[] {
  const bytes = new Map(sizes.map((each) => [partitionKey(each), each.bytes]));
  const now = new Map(assignment.partitions.map((each) => [partitionKey(each), each.replicas]));
  const coming = new Map<number, number>();
  for (const partition of plan) {
    for (const id of partition.replicas) {
      if (now.get(partitionKey(partition))?.includes(id)) continue;
      coming.set(id, (coming.get(id) ?? 0) + (bytes.get(partitionKey(partition)) ?? 0));
    }
  }
  return disks.flatMap(({ disk: { broker, usableBytes } }): Finding[] => {
    const needed = coming.get(broker) ?? 0;
    if (usableBytes === undefined || needed <= usableBytes.least) return [];
    const { most, least } = usableBytes;
    const moved = `${needed} bytes would move to broker ${broker}, whose disks have`;
    const evidence = (usable: number) => [
      figure('coming', needed, 'bytes'),
      figure('usable', usable, 'bytes', 'DescribeLogDirs'),
    ];
    if (needed > most) {
      return [finding('critical', 'disk-too-small', `${moved} ${most} left.`, evidence(most))];
    }
    const message = `${moved} ${least} left if its log directories share a file system.`;
    return [finding('warning', 'disk-perhaps-too-small', message, evidence(least))];
  });
}

export const namesOf = (partitions: readonly { topic: string; partition: number }[]): string =>
  named(partitions.map(partitionKey), 3);

function figure(name: string, value: number, unit = '', source = 'Metadata'): Evidence {
  return { name, value, unit, source };
}
