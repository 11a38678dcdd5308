// Checks a running cluster before a change; critical findings prevent the start.

import { neededInSync } from '../../../brokers/kafka/under-min-isr.ts';
import type { Evidence, Finding } from '../../../core/documents/analysis.ts';
import { finding, findingIf, named } from '../../change/change-kind.ts';
import type { KafkaPartition } from '../reassign/plan-reassignment.ts';
import { partitionKey } from './broker-load.ts';
import { inSyncState } from './in-sync-state.ts';
import type { LiveCluster } from './read-cluster.ts';

export interface PlannedChange {
  plan: readonly KafkaPartition[];
  /** Brokers that leave: that they do not answer is no reason to wait. */
  leaving: readonly number[];
  /** min.insync.replicas by topic; 1 where it is not known. */
  minInSync: ReadonlyMap<string, number>;
  /** Of Kafka. */
  version?: string | undefined;
}

export function liveFindings(cluster: LiveCluster, { plan, leaving, minInSync, version }: PlannedChange): Finding[] {
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
  const isGone = (broker: number) => leaving.includes(broker);
  const minimumOf = (topic: string) => minInSync.get(topic) ?? 1;
  const states = Map.groupBy(own, (each) =>
    inSyncState(each, planned.get(partitionKey(each))?.replicas ?? [], { minimum: minimumOf(each.topic), isGone }),
  );
  const narrow = states.get('too-few') ?? [];
  if (narrow.length > 0) {
    say(
      'critical',
      'below-min-in-sync',
      `Partitions of the plan with fewer in-sync replicas than min.insync.replicas, ${narrow.length}: ${namesOf(narrow)}. They reject producers with acks=all now. Wait until their replicas are in sync.`,
      [figure('partitions', narrow.length)],
    );
  }
  const rejecting = states.get('too-few-until-moved') ?? [];
  if (rejecting.length > 0) {
    say(
      'warning',
      'below-min-in-sync-until-moved',
      `Partitions with fewer in-sync replicas than min.insync.replicas because of brokers that leave, ${rejecting.length}: ${namesOf(rejecting)}. They reject producers with acks=all until their new replicas are in sync.`,
      [figure('partitions', rejecting.length)],
    );
  }
  const losing = states.get('too-few-after') ?? [];
  if (losing.length > 0) {
    say(
      'critical',
      'removes-in-sync',
      `Partitions whose plan removes in-sync replicas and leaves fewer than min.insync.replicas, ${losing.length}: ${namesOf(losing)}. They would reject producers with acks=all. Wait until all their replicas are in sync, and plan again.`,
      [figure('partitions', losing.length)],
    );
  }
  const refusing = plan.filter(
    ({ topic, replicas: { length } }) => length < neededInSync(minimumOf(topic), length, version),
  );
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
  const coming = new Map<number, { sum: number; largest: number }>();
  for (const partition of plan) {
    for (const id of partition.replicas) {
      if (now.get(partitionKey(partition))?.includes(id)) continue;
      const size = bytes.get(partitionKey(partition)) ?? 0;
      const { sum = 0, largest = 0 } = coming.get(id) ?? {};
      coming.set(id, { sum: sum + size, largest: Math.max(largest, size) });
    }
  }
  return disks.flatMap(({ disk: { broker, usableBytes } }): Finding[] => {
    const { sum: needed = 0, largest = 0 } = coming.get(broker) ?? {};
    if (usableBytes === undefined) return [];
    const { most, least, leastInOneDirectory = Infinity } = usableBytes;
    const moved = `${needed} bytes would move to broker ${broker}, whose disks have`;
    const evidence = (size: number, usable: number) => [
      figure('coming', size, 'bytes'),
      figure('usable', usable, 'bytes', 'DescribeLogDirs'),
    ];
    if (needed > most) {
      return [finding('critical', 'disk-too-small', `${moved} ${most} left.`, evidence(needed, most))];
    }
    return [
      ...findingIf(
        needed > least,
        'warning',
        'disk-perhaps-too-small',
        `${moved} ${least} left if its log directories share a file system.`,
        evidence(needed, least),
      ),
      // LogManager.nextLogDirs orders directories by their number of partitions, and looks at no free space.
      ...findingIf(
        largest > leastInOneDirectory,
        'warning',
        'log-dir-perhaps-too-small',
        `A replica of ${largest} bytes would move to broker ${broker}, whose fullest log directory has ${leastInOneDirectory} left. Kafka may place it there: it chooses the directory with the fewest partitions, whatever its free space.`,
        evidence(largest, leastInOneDirectory),
      ),
    ];
  });
}

export const namesOf = (partitions: readonly { topic: string; partition: number }[]): string =>
  named(partitions.map(partitionKey), 3);

function figure(name: string, value: number, unit = '', source = 'Metadata'): Evidence {
  return { name, value, unit, source };
}
