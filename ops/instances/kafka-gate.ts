// Decides whether a Kafka cluster is healthy enough to restart its next broker.

import { AppError } from '../../core/errors.ts';
import type { KafkaClusterConfig } from '../../brokers/kafka/config.ts';
import type { Quorum, QuorumReplica } from '../../brokers/kafka/reading/quorum.ts';
import { openKafkaChanges } from '../../brokers/kafka/changes/kafka-changes.ts';
import { driverOf } from '../../brokers/registry.ts';
import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import type { Io } from '../../brokers/driver.ts';
import { named } from '../../core/text/bilingual.ts';
import { done, heldBy, type Blocker } from '../change/step.ts';
import type { Baseline, ClusterGate } from './facts.ts';
import { lagBlockers, lagsOf } from './lag-gate.ts';
import { zooKeeperBlockers } from './zookeeper-ensemble.ts';
import { partitionKey } from '../kafka/live/broker-load.ts';
import type { KafkaDetails } from '../../brokers/kafka/details.ts';
import type { Finding } from '../../core/documents/analysis.ts';
import { findingIf } from '../change/change-kind.ts';

export function kafkaGate(name: string, config: KafkaClusterConfig): ClusterGate {
  const read = async (io: Io): Promise<ClusterSnapshot> => {
    await using inspector = await driverOf(config).inspect(name, config, io, { allCommits: true });
    return await inspector.snapshot(io);
  };
  return {
    zooKeeper: config.zookeeper,

    async baseline(io) {
      const snapshot = await read(io);
      const { brokers, controllerId: controller } = snapshot.cluster;
      return {
        brokers: brokers.map(({ id }) => id),
        ...lagsOf(snapshot),
        ...(controller !== undefined && { controller }),
      };
    },
    async blockers(baseline, io) {
      const snapshot = await read(io);
      return [...kafkaBlockers(baseline, snapshot), ...zooKeeperBlockers(config.zookeeper, snapshot)];
    },

    findRefusedSends: async (stopped, io) => findRefusedSends(await read(io), stopped),

    /** Elects the preferred leader only if it is in sync, so that no message is lost. */
    async restoreLeaders(broker, io) {
      await using changes = openKafkaChanges(name, config);
      const lost = (await changes.describe(io)).topics.flatMap(({ partitions }) =>
        partitions.filter(({ replicas, leader }) => replicas[0] === broker && leader !== broker),
      );
      const late = lost.filter(({ inSyncReplicas }) => !inSyncReplicas.includes(broker));
      if (late.length > 0) {
        return heldBy({
          en: `broker ${broker} is not in sync yet: ${named(late.map(partitionKey))}`,
          zh: `Broker ${broker} 尚未同步：${named(late.map(partitionKey), 5, 'zh')}`,
        });
      }
      if (lost.length === 0) {
        return done({
          en: `broker ${broker} leads every partition that prefers it`,
          zh: `首选 Leader 为 Broker ${broker} 的分区均由它担任 Leader`,
        });
      }
      const refused = await changes.electPreferred(lost, io);
      if (refused.length === lost.length) {
        throw new AppError('broker-refused', `the leader election was refused (partitions: ${lost.length})`);
      }
      return done({
        en: `leadership returned to broker ${broker} (partitions: ${lost.length - refused.length})`,
        zh: `Leader 已切回 Broker ${broker}（分区：${lost.length - refused.length} 个）`,
      });
    },
  };
}

export function kafkaBlockers(baseline: Baseline, snapshot: ClusterSnapshot): Blocker[] {
  const partitions = snapshot.topics.flatMap((topic) => topic.partitions);
  const listed = new Set(snapshot.cluster.brokers.map(({ id }) => id));
  const missing = baseline.brokers.filter((id) => !listed.has(id));
  const leaderless = partitions.filter(({ leader }) => leader === undefined);
  const behind = partitions.filter(
    ({ leader, replicas, inSyncReplicas }) => leader !== undefined && inSyncReplicas.length < replicas.length,
  );
  const blockers: Blocker[] = [];
  if (missing.length > 0) {
    blockers.push({
      what: `not in the cluster: broker ${named(missing)}`,
      zh: `不在集群中的 Broker：${named(missing, 5, 'zh')}`,
    });
  }
  if (leaderless.length > 0) {
    blockers.push({
      what: `partitions without a leader, ${leaderless.length}: ${named(leaderless.map(partitionKey))}`,
      zh: `没有 Leader 的分区 ${leaderless.length} 个：${named(leaderless.map(partitionKey), 5, 'zh')}`,
    });
  }
  if (behind.length > 0) {
    blockers.push({
      what: `under-replicated partitions, ${behind.length}: ${named(behind.map(partitionKey))}`,
      zh: `副本不同步的分区 ${behind.length} 个：${named(behind.map(partitionKey), 5, 'zh')}`,
    });
  }
  return [...blockers, ...quorumBlockers(snapshot), ...lagBlockers(baseline, snapshot)];
}

/** A voter that has not fetched for this long does not count. */
const voterSilenceMs = 10_000;

function quorumBlockers({ kafka, sections }: ClusterSnapshot): Blocker[] {
  const unread = sections.find(({ section, kind }) => section === 'quorum' && kind !== 'fresh');
  if (unread !== undefined) {
    return [
      {
        what: `the quorum of controllers cannot be read: ${unread.reason ?? 'no answer'}`,
        zh: `无法读取 Controller 仲裁：${unread.reason ?? '无响应'}`,
      },
    ];
  }
  const { quorum } = kafka ?? {};
  const late = quorum === undefined ? [] : lateVoters(quorum);
  if (late.length === 0) return [];
  const ids = late.map(({ id }) => id);
  return [
    {
      what: `controllers lagging behind the quorum: ${named(ids)}`,
      zh: `落后于仲裁的 Controller：${named(ids, 5, 'zh')}`,
    },
  ];
}

/** A leader reports no time for a voter that never fetched from it; before Kafka 3.3 it reports none at all. */
function lateVoters({ voters, leader, highWatermark }: Quorum): QuorumReplica[] {
  const newest = Math.max(...voters.map(({ lastCaughtUpMs }) => lastCaughtUpMs ?? 0));
  const isLate = ({ logEnd, lastCaughtUpMs }: QuorumReplica) =>
    newest === 0 ? logEnd < highWatermark : lastCaughtUpMs === undefined || newest - lastCaughtUpMs > voterSilenceMs;
  return voters.filter((voter) => voter.id !== leader && isLate(voter));
}

const remedy = {
  en: 'Add copies first (plimsoll ops kafka reassign --replication-factor N).',
  zh: '请先增加副本（plimsoll ops kafka reassign --replication-factor N）。',
};

interface Seen extends Pick<ClusterSnapshot, 'topics'> {
  kafka?: Pick<KafkaDetails, 'topicConfigs'>;
}

/** @param stopped ids of brokers that are stopped one after another */
export function findRefusedSends({ topics, kafka }: Seen, stopped: readonly string[]): Finding[] {
  const needed = new Map((kafka?.topicConfigs ?? []).map((each) => [each.topic, each.minInSyncReplicas]));
  const touched = topics
    .flatMap(({ partitions }) => partitions)
    .filter(({ replicas }) => replicas.some((id) => stopped.includes(id)));
  const alone = touched.filter(({ replicas }) => replicas.length === 1);
  const copied = touched.filter(({ replicas }) => replicas.length > 1);
  const narrow = copied.filter(({ topic, replicas }) => replicas.length - 1 < (needed.get(topic) ?? 1));
  const unread = [...new Set(copied.map(({ topic }) => topic).filter((topic) => needed.get(topic) === undefined))];
  return [
    ...findingIf(alone.length > 0, 'warning', 'only-copy', {
      en: `partitions whose only copy is on a stopped broker can neither be written nor read meanwhile (${alone.length}): ${named(alone.map(partitionKey))}. ${remedy.en}`,
      zh: `有 ${alone.length} 个分区的唯一副本在要停止的 Broker 上，停止期间既不能写入也不能读取：${named(alone.map(partitionKey), 5, 'zh')}。${remedy.zh}`,
    }),
    ...findingIf(narrow.length > 0, 'warning', 'sends-refused', {
      en: `while one of their brokers is stopped, partitions with fewer copies left than min.insync.replicas reject sends with acks=all (${narrow.length}): ${named(narrow.map(partitionKey))}. ${remedy.en}`,
      zh: `有 ${narrow.length} 个分区在其中一个 Broker 停止期间副本数少于 min.insync.replicas，会拒绝 acks=all 的写入：${named(narrow.map(partitionKey), 5, 'zh')}。${remedy.zh}`,
    }),
    ...findingIf(unread.length > 0, 'warning', 'min-insync-replicas-unknown', {
      en: `topics whose min.insync.replicas could not be read (${unread.length}); sends with acks=all to them are possibly rejected while one of their brokers is stopped: ${named(unread)}. Grant DescribeConfigs on these topics, or check them with kafka-configs.sh --describe --all.`,
      zh: `有 ${unread.length} 个 Topic 的 min.insync.replicas 未能读取：${named(unread, 5, 'zh')}。在其中一个 Broker 停止期间，可能拒绝 acks=all 的写入。请授予这些 Topic 的 DescribeConfigs 权限，或用 kafka-configs.sh --describe --all 检查。`,
    }),
  ];
}
