// Checks a running cluster before a change; critical findings prevent the start.

import { neededInSync } from '../../../brokers/kafka/under-min-isr.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import type { FindingLanguage, InLanguages } from '../../../core/documents/findings/finding-entry.ts';
import { figure, finding, findingIf } from '../../change/change-kind.ts';
import { named } from '../../../core/text/bilingual.ts';
import type { KafkaPartition, ReassignmentWave } from '../reassign/plan-reassignment.ts';
import { growthIn } from '../reassign/wave-growth.ts';
import { byPartition, partitionKey } from './broker-load.ts';
import { inSyncState } from './in-sync-state.ts';
import { overfilled } from './log-directories.ts';
import { unlistedReplicas, type LiveCluster } from './read-cluster.ts';

export interface PlannedChange {
  plan: readonly KafkaPartition[];
  /** Partitions that are copied at the same time. */
  waves: readonly Pick<ReassignmentWave, 'partitions'>[];
  /** Leaving brokers, for which the change does not wait if they do not respond. */
  leaving: readonly number[];
  /** min.insync.replicas by topic; if unknown, 1 is assumed and reported. */
  minInSync: ReadonlyMap<string, number>;
  /** Kafka version. */
  version?: string | undefined;
}

export function liveFindings(
  cluster: LiveCluster,
  { plan, waves, leaving, minInSync, version }: PlannedChange,
): Finding[] {
  const { metadata, moving, absent, disks } = cluster;
  const findings: Finding[] = [];
  const say = (...of: Parameters<typeof finding>) => findings.push(finding(...of));
  /** Adds no finding for an empty list. */
  const about = (severity: Finding['severity'], code: string, of: readonly unknown[], text: InLanguages<string>) =>
    findings.push(
      ...findingIf(of.length > 0, severity, code, { ...text, evidence: [figure('partitions', of.length)] }),
    );
  const planned = new Map(plan.map((each) => [partitionKey(each), each]));
  const own = metadata.topics.flatMap(({ partitions }) => partitions).filter((each) => planned.has(partitionKey(each)));

  about('critical', 'move-under-way', moving, {
    en: `Partitions that another process or tool moves, ${moving.length}: ${namesOf(moving)}. Wait until these moves end, or stop them with that tool; --abort cancels the moves of a process that was killed. Two concurrent changes undo each other.`,
    zh: `有 ${moving.length} 个分区正在被其他进程或工具迁移：${namesOf(moving, 'zh')}。请等待这些迁移结束，或用该工具停止；若是已被终止的进程所致，可用 --abort 取消。两个变更同时进行会互相撤销。`,
  });
  const unlisted = [...new Set(unlistedReplicas(metadata, disks).map(({ topic }) => topic))];
  if (unlisted.length > 0) {
    say('critical', 'topics-unlisted', {
      en: `Topics with replicas on brokers that the metadata does not list, ${unlisted.length}: ${named(unlisted, 3)}. The user probably lacks Describe on them. The plan leaves their replicas in place, also on brokers to be removed. Grant Describe on all topics, and plan again.`,
      zh: `有 ${unlisted.length} 个 Topic 在 Broker 上有副本，但元数据未列出：${named(unlisted, 3, 'zh')}。该用户可能缺少其 Describe 权限。计划不会迁移这些副本，包括要移除的 Broker 上的副本。请授予所有 Topic 的 Describe 权限，然后重新制定计划。`,
      evidence: [figure('topics', unlisted.length, '', 'DescribeLogDirs')],
    });
  }
  const silent = absent.filter((id) => !leaving.includes(id));
  for (const id of silent) {
    say('critical', 'broker-absent', {
      en: `Broker ${id} holds replicas and is not in the cluster now: start it, or plan with --remove ${id}.`,
      zh: `Broker ${id} 持有副本，但目前不在集群中：请启动它，或使用 --remove ${id} 制定计划。`,
    });
  }
  const targets = new Set(plan.flatMap(({ replicas }) => replicas));
  const held = byPartition(metadata);
  const isNew = (each: KafkaPartition, id: number) =>
    held.get(partitionKey(each))?.replicas.includes(String(id)) === false;
  const arriving = new Set(plan.flatMap((each) => each.replicas.filter((id) => isNew(each, id))));
  for (const { disk, offline } of disks) {
    if (disk.isCordoned && arriving.has(disk.broker)) {
      say('critical', 'broker-cordoned', {
        en: `Broker ${disk.broker} would get replicas, but all of its log directories are cordoned (cordoned.log.dirs), so it is to take none; Kafka does not refuse such a move. Remove that setting, or plan again: a new plan uses other brokers.`,
        zh: `计划会向 Broker ${disk.broker} 迁入副本，但其所有日志目录都已封锁（cordoned.log.dirs），不应再接收副本；Kafka 不会拒绝这样的迁移。请删除该配置，或重新制定计划，新计划会选择其他 Broker。`,
      });
    }
    if (!targets.has(disk.broker)) continue;
    for (const reason of offline) {
      say('critical', 'log-dir-offline', {
        en: `Broker ${disk.broker} has a log directory that is offline: ${reason}.`,
        zh: `Broker ${disk.broker} 有一个日志目录已离线：${reason}。`,
      });
    }
  }
  const headless = own.filter(({ leader }) => leader === undefined);
  about('critical', 'no-leader', headless, {
    en: `Partitions of the plan without a leader, ${headless.length}: ${namesOf(headless)}. Their data cannot be copied. Restart a broker that has a replica, or choose the other topics with --topics.`,
    zh: `计划中有 ${headless.length} 个分区没有 Leader：${namesOf(headless, 'zh')}。其数据无法复制，请重启持有副本的 Broker，或用 --topics 只选择其他 Topic。`,
  });
  const unknown = [...new Set(plan.map(({ topic }) => topic))].filter((topic) => !minInSync.has(topic));
  if (unknown.length > 0) {
    say('warning', 'min-insync-replicas-unknown', {
      en: `Topics of the plan whose min.insync.replicas could not be read, ${unknown.length}: ${named(unknown, 3)}. The plan assumes 1, so producers with acks=all may be rejected during the move or after it. Grant DescribeConfigs on these topics, or check them with kafka-configs.sh --describe --all.`,
      zh: `计划中有 ${unknown.length} 个 Topic 的 min.insync.replicas 未能读取：${named(unknown, 3, 'zh')}。计划按 1 计算，迁移期间或之后可能拒绝 acks=all 的写入。请授予这些 Topic 的 DescribeConfigs 权限，或用 kafka-configs.sh --describe --all 检查。`,
      evidence: [figure('topics', unknown.length, '', 'DescribeConfigs')],
    });
  }
  const isGone = (broker: number) => leaving.includes(broker);
  const minimumOf = (topic: string) => minInSync.get(topic) ?? 1;
  const states = Map.groupBy(own, (each) =>
    inSyncState(each, planned.get(partitionKey(each))?.replicas ?? [], { minimum: minimumOf(each.topic), isGone }),
  );
  const narrow = states.get('too-few') ?? [];
  about('critical', 'below-min-in-sync', narrow, {
    en: `Partitions of the plan with fewer in-sync replicas than min.insync.replicas, ${narrow.length}: ${namesOf(narrow)}. They reject producers with acks=all now. Wait until their replicas are in sync.`,
    zh: `计划中有 ${narrow.length} 个分区的同步副本数少于 min.insync.replicas：${namesOf(narrow, 'zh')}。它们目前拒绝 acks=all 的生产者，请等待副本恢复同步。`,
  });
  const rejecting = states.get('too-few-until-moved') ?? [];
  about('warning', 'below-min-in-sync-until-moved', rejecting, {
    en: `Partitions with fewer in-sync replicas than min.insync.replicas because of brokers that leave, ${rejecting.length}: ${namesOf(rejecting)}. They reject producers with acks=all until their new replicas are in sync.`,
    zh: `由于部分 Broker 将被移除，有 ${rejecting.length} 个分区的同步副本数少于 min.insync.replicas：${namesOf(rejecting, 'zh')}。在新副本同步之前，它们拒绝 acks=all 的生产者。`,
  });
  const losing = states.get('too-few-after') ?? [];
  about('critical', 'removes-in-sync', losing, {
    en: `Partitions whose plan removes in-sync replicas and leaves fewer than min.insync.replicas, ${losing.length}: ${namesOf(losing)}. They would reject producers with acks=all. Wait until all their replicas are in sync, and plan again.`,
    zh: `计划会移除 ${losing.length} 个分区的同步副本，使其少于 min.insync.replicas：${namesOf(losing, 'zh')}。它们将拒绝 acks=all 的生产者。请等待其所有副本同步后重新制定计划。`,
  });
  const isShort = (topic: string, replicas: number) => replicas < neededInSync(minimumOf(topic), replicas, version);
  // A partition with too few replicas already rejects these producers, independent of the plan.
  const short = new Set(own.filter(({ topic, replicas }) => isShort(topic, replicas.length)).map(partitionKey));
  const refusing = plan.filter((each) => isShort(each.topic, each.replicas.length) && !short.has(partitionKey(each)));
  about('critical', 'factor-below-min-in-sync', refusing, {
    en: `Partitions that would have fewer replicas than min.insync.replicas, ${refusing.length} (${namesOf(refusing)}): producers with acks=all could no longer send. Lower that setting first, or keep the replicas.`,
    zh: `有 ${refusing.length} 个分区的副本数将少于 min.insync.replicas（${namesOf(refusing, 'zh')}）：acks=all 的生产者将无法发送。请先调低该参数，或保留副本数。`,
  });
  const behind = own.filter(({ replicas, inSyncReplicas }) =>
    replicas.some((id) => !inSyncReplicas.includes(id) && !leaving.includes(Number(id))),
  );
  about('warning', 'under-replicated', behind, {
    en: `Under-replicated partitions of the plan, ${behind.length}: ${namesOf(behind)}.`,
    zh: `计划中有 ${behind.length} 个分区存在未同步的副本：${namesOf(behind, 'zh')}。`,
  });
  findings.push(...diskFindings(cluster, waves));
  return findings;
}

/** Arriving replicas must fit beside existing ones, because a wave deletes nothing before it has copied. */
function diskFindings(
  { disks, sizes, assignment }: LiveCluster,
  waves: readonly Pick<ReassignmentWave, 'partitions'>[],
): Finding[] {
  const bytes = new Map(sizes.map((each) => [partitionKey(each), each.bytes]));
  const now = new Map(assignment.partitions.map((each) => [partitionKey(each), each.replicas]));
  const own = new Map<string, number>();
  for (const each of disks.flatMap(({ replicas }) => replicas)) {
    own.set(`${partitionKey(each)} ${each.broker}`, each.bytes);
  }
  const growth = growthIn(waves, now, {
    arriving: (key) => bytes.get(key) ?? 0,
    leaving: (key, broker) => own.get(`${key} ${broker}`) ?? 0,
  });
  return disks.flatMap(({ disk: { broker, usableBytes, directories = [] } }): Finding[] => {
    const grown = growth.get(broker);
    if (usableBytes === undefined || grown === undefined) return [];
    const { peak, wave, arriving: sizes } = grown;
    const arriving = sizes.reduce((sum, size) => sum + size, 0);
    const { most, least } = usableBytes;
    const { needed = 0, usableBytes: left = 0 } = overfilled(directories, sizes) ?? {};
    const moved = {
      en: `In wave ${wave}, broker ${broker} would need ${peak} bytes more than now, and its disks have`,
      zh: `第 ${wave} 批期间，Broker ${broker} 将比现在多占用 ${peak} 字节`,
    };
    const evidence = (size: number, usable: number) => [
      figure('coming', size, 'bytes'),
      figure('usable', usable, 'bytes', 'DescribeLogDirs'),
    ];
    if (peak > most) {
      const text = {
        en: `${moved.en} ${most} left. Free space first, or, if replicas also leave it, plan with a smaller --moves-per-broker.`,
        zh: `${moved.zh}，而其磁盘只剩 ${most} 字节。请先释放空间；若也有副本从它迁出，可用更小的 --moves-per-broker 制定计划。`,
      };
      return [finding('critical', 'disk-too-small', { ...text, evidence: evidence(peak, most) })];
    }
    return [
      ...findingIf(peak > least, 'warning', 'disk-perhaps-too-small', {
        en: `${moved.en} ${least} left if its log directories share a file system.`,
        zh: `${moved.zh}；若其日志目录共用一个文件系统，磁盘只剩 ${least} 字节。`,
        evidence: evidence(peak, least),
      }),
      ...findingIf(arriving > most, 'warning', 'disk-needs-deletion', {
        en: `Replicas of ${arriving} bytes in all would move to broker ${broker}, whose disks have ${most} left. They fit only if the replicas that leave it are deleted in time: Kafka deletes them 60 s after their wave (log.segment.delete.delay.ms).`,
        zh: `将有共 ${arriving} 字节的副本迁入 Broker ${broker}，而其磁盘只剩 ${most} 字节。只有迁出的副本及时删除才放得下：Kafka 在其批次结束 60 秒后删除它们（log.segment.delete.delay.ms）。`,
        evidence: evidence(arriving, most),
      }),
      ...findingIf(needed > 0 && directories.length > 1, 'warning', 'log-dir-perhaps-too-small', {
        en: `Replicas of ${needed} bytes may get into a log directory of broker ${broker} with ${left} left: Kafka chooses the directory with the fewest partitions, whatever its free space. A full directory goes offline with all its replicas, so --execute begins only moves for which it has room. Free space in it first.`,
        zh: `可能有共 ${needed} 字节的副本进入 Broker ${broker} 只剩 ${left} 字节的日志目录：Kafka 选择分区数最少的目录，不考虑剩余空间。目录写满后会离线，其中全部副本不可用，因此 --execute 只启动该目录放得下的迁移。请先释放其空间。`,
        evidence: evidence(needed, left),
      }),
    ];
  });
}

export const namesOf = (
  partitions: readonly { topic: string; partition: number }[],
  language: FindingLanguage = 'en',
): string => named(partitions.map(partitionKey), 3, language);
