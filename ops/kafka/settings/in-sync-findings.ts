// Finds producers that a change of min.insync.replicas blocks, and the risk of losing messages in an unclean leader election.

import type { Io } from '../../../brokers/driver.ts';
import type { Setting } from '../../../brokers/kafka/changes/settings.ts';
import { isUnderMinIsr } from '../../../brokers/kafka/under-min-isr.ts';
import { pipelined } from '../../../brokers/pipelined.ts';
import type { Topic } from '../../../core/cluster.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import { AppError } from '../../../core/errors.ts';
import { ownValue } from '../../change/borrowed-settings.ts';
import { findingIf } from '../../change/change-kind.ts';
import { named } from '../../../core/text/bilingual.ts';
import type { KafkaTools } from '../administration.ts';
import { neverInSync } from '../topics/create-topic.ts';
import type { SettingsFacts } from './alter-settings.ts';
import { brokerDefaults, type Values } from './broker-defaults.ts';

const minimumKey = 'min.insync.replicas';

interface PlannedSettings {
  facts: SettingsFacts;
  now: Values;
  topics: readonly Topic[];
}

/** @throws AppError of a broker */
export async function inSyncFindings(
  tools: Pick<KafkaTools, 'admin'>,
  planned: PlannedSettings,
  io: Io,
): Promise<Finding[]> {
  const unclean = planned.facts.changes.find(({ key }) => key === 'unclean.leader.election.enable');
  return [
    ...findingIf(unclean?.after?.toLowerCase() === 'true', 'warning', 'unclean-leader', {
      en: 'unclean.leader.election.enable=true: a replica that is not in sync may become leader, and acknowledged messages are lost',
      zh: 'unclean.leader.election.enable=true：未同步的副本可能成为 Leader，已确认的消息会丢失',
    }),
    ...(await minimumFindings(tools, planned, io)),
  ];
}

async function minimumFindings(
  tools: Pick<KafkaTools, 'admin'>,
  { facts: { of, changes }, now, topics }: PlannedSettings,
  io: Io,
): Promise<Finding[]> {
  const change = changes.find(({ key }) => key === minimumKey);
  if (change === undefined) return [];
  const isReset = change.after === null && of.kind === 'topic';
  const wanted = Number(isReset ? (await brokerDefaults(tools, io))?.(minimumKey) : change.after);
  if (!(wanted > Number(now(minimumKey) ?? 1))) return [];
  const version = await tools.admin.version(io);
  if (of.kind === 'broker') return await topicFindings(tools, wanted, { topics, version }, io);
  const partitions = topics.find(({ name }) => name === of.name)?.partitions ?? [];
  const fewest = Math.min(...partitions.map(({ replicas }) => replicas.length));
  const never = wanted > fewest ? [neverInSync(wanted, fewest, version)] : [];
  if (never.some(({ severity }) => severity === 'critical')) return never;
  const narrow = partitions
    .filter((each) => isUnderMinIsr(each, wanted, version))
    .map(({ partition }) => String(partition));
  const ofNarrow = findingIf(narrow.length > 0, 'critical', 'under-min-isr', {
    en: `partitions of ${of.name} with fewer in-sync replicas than min.insync.replicas=${wanted}: ${named(narrow)}. They would reject producers with acks=all: wait until their replicas are in sync`,
    zh: `${of.name} 的以下分区同步副本数少于 min.insync.replicas=${wanted}：${named(narrow, 5, 'zh')}，会拒绝 acks=all 的生产者：请等待副本恢复同步`,
  });
  return [...never, ...ofNarrow];
}

/** Omits topics that the user may not describe. A topic is doubtful if its value cannot be read. */
async function topicFindings(
  { admin }: Pick<KafkaTools, 'admin'>,
  wanted: number,
  { topics, version }: { topics: readonly Topic[]; version: string | undefined },
  io: Io,
): Promise<Finding[]> {
  const narrow = topics.filter(({ partitions }) => partitions.some((each) => isUnderMinIsr(each, wanted, version)));
  const following = await pipelined(narrow, atOnce, async ({ name }) => {
    const known = await admin.settingsOf({ kind: 'topic', name }, [minimumKey], io).catch((cause: unknown) => {
      io.signal.throwIfAborted();
      if (!(cause instanceof AppError)) throw cause;
      return new Map<string, Setting>();
    });
    const setting = known.get(minimumKey);
    return ownValue(setting) === null ? [{ name, isStopped: setting !== undefined }] : [];
  });
  const [stopped = [], doubtful = []] = [true, false].map((stops) =>
    following.flat().flatMap(({ name, isStopped }) => (isStopped === stops ? [name] : [])),
  );
  return [
    ...findingIf(topics.length === 0, 'warning', 'maybe-under-min-isr', {
      en: `topics with fewer than ${wanted} in-sync replicas reject producers with acks=all, unless they have their own min.insync.replicas`,
      zh: `同步副本少于 ${wanted} 个的 Topic 会拒绝 acks=all 的生产者，除非单独设置了 min.insync.replicas`,
    }),
    ...findingIf(stopped.length > 0, 'critical', 'under-min-isr', {
      en: `topics with fewer than ${wanted} in-sync replicas and without their own min.insync.replicas would reject producers with acks=all: ${named(stopped)}. Set min.insync.replicas on these topics first, or wait until their replicas are in sync`,
      zh: `以下 Topic 的同步副本少于 ${wanted} 个且未单独设置 min.insync.replicas，会拒绝 acks=all 的生产者：${named(stopped, 5, 'zh')}。请先为其单独设置 min.insync.replicas，或等待副本恢复同步`,
    }),
    ...findingIf(doubtful.length > 0, 'warning', 'maybe-under-min-isr', {
      en: `topics with fewer than ${wanted} in-sync replicas whose min.insync.replicas cannot be read: ${named(doubtful)}. They reject producers with acks=all unless they have their own min.insync.replicas`,
      zh: `以下 Topic 的同步副本少于 ${wanted} 个，且无法读取其 min.insync.replicas：${named(doubtful, 5, 'zh')}。若未单独设置 min.insync.replicas，会拒绝 acks=all 的生产者`,
    }),
  ];
}

const atOnce = 16;
