// Finds what a shorter retention of a Kafka topic deletes, and which groups have not read it.

import type { Io } from '../../../brokers/driver.ts';
import type { ClusterSnapshot } from '../../../brokers/snapshot.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import { AppError } from '../../../core/errors.ts';
import { bytesText, countText } from '../../../core/text/quantity-text.ts';
import { finding, findingIf } from '../../change/change-kind.ts';
import type { KafkaTools } from '../administration.ts';
import { partitionKey } from '../live/broker-load.ts';
import { readersNotSeen, unreadBefore, unreadUnknownReason } from '../live/retention-cut.ts';
import { unreadFindings } from '../topics/delete-records.ts';
import type { SettingsFacts } from './alter-settings.ts';

export type GroupsOfCluster = Pick<ClusterSnapshot, 'groups' | 'offsets' | 'sections'>;

/** Broker settings that are defaults of topics: the first that is set, times a factor to the unit of the topic. */
const defaults: Readonly<Record<string, readonly (readonly [setting: string, factor: number])[]>> = {
  'retention.ms': [
    ['log.retention.ms', 1],
    ['log.retention.minutes', 60_000],
    ['log.retention.hours', 3_600_000],
  ],
  'retention.bytes': [['log.retention.bytes', 1]],
  'cleanup.policy': [['log.cleanup.policy', 1]],
};

type Values = (key: string) => string | undefined;

/** @param readGroups called only where messages are deleted for their age. @throws AppError as a broker answers */
export async function retentionFindings(
  { admin, clock }: KafkaTools,
  {
    facts: { of, changes },
    now,
    acceptReaders,
    readGroups,
  }: { facts: SettingsFacts; now: Values; acceptReaders: boolean; readGroups: () => Promise<GroupsOfCluster> },
  io: Io,
): Promise<Finding[]> {
  const changed = new Map(changes.filter(({ key }) => key in defaults).map(({ key, after }) => [key, after]));
  if (of.kind !== 'topic' || changed.size === 0) return [];
  const isReset = changed.values().some((after) => after === null);
  const ofBrokers = isReset ? await brokerDefaults({ admin }, io) : undefined;
  if (isReset && ofBrokers === undefined) {
    return [
      finding('warning', 'default-unknown', {
        en: "the brokers' default is unknown (needs DescribeConfigs on the cluster), so unread messages were not checked",
        zh: 'Broker 默认值未知（需要集群的 DescribeConfigs 权限），因此未检查未读消息',
      }),
    ];
  }
  const then: Values = (key) => {
    const after = changed.get(key);
    return after === undefined ? now(key) : (after ?? ofBrokers?.(key));
  };
  const age = limitOf('retention.ms', then);
  const size = limitOf('retention.bytes', then);
  const bySize = findingIf(
    size < limitOf('retention.bytes', now),
    acceptReaders ? 'warning' : 'critical',
    'what-is-lost',
    {
      en: `messages are deleted, read or not, until each partition of ${of.name} has about ${bytesText(size)}${acceptReaders ? '' : '; give --accept-readers to delete them nevertheless'}`,
      zh: `无论是否已读，消息都会被删除，直到 ${of.name} 的每个分区约为 ${bytesText(size)}${acceptReaders ? '' : '；仍要删除请加 --accept-readers'}`,
    },
  );
  if (age >= limitOf('retention.ms', now)) return bySize;
  const { topics } = await admin.describe(io);
  const partitions = topics.find(({ name }) => name === of.name)?.partitions ?? [];
  // A negative time is a code in ListOffsets, or refused.
  const young = await admin.offsetsAt(partitions, Math.max(0, clock.now().getTime() - age), io);
  const snapshot = await readGroups();
  const keptFrom = new Map(young.map((each) => [partitionKey(each), each.offset]));
  const messages = snapshot.offsets.reduce((sum, { topic, partition, start, end }) => {
    const from = keptFrom.get(partitionKey({ topic, partition })) ?? end;
    return topic !== of.name || start === undefined || from === undefined || from < start ? sum : sum + (from - start);
  }, 0n);
  return [
    ...bySize,
    finding('info', 'what-is-lost', {
      en: `messages lost, at most: ${countText(messages)}; not checked: ${readersNotSeen.en}`,
      zh: `最多丢失 ${countText(messages)} 条消息；未检查：${readersNotSeen.zh}`,
    }),
    ...unreadFindings(unreadBefore(snapshot, [of.name], young), unreadUnknownReason(snapshot), acceptReaders),
  ];
}

/** A topic that is only compacted has no limit. */
function limitOf(key: string, values: Values): number {
  const value = Number(values(key) ?? -1);
  return values('cleanup.policy')?.includes('delete') === false || value < 0 ? Infinity : value;
}

/** @returns undefined where the user may not read them */
async function brokerDefaults({ admin }: Pick<KafkaTools, 'admin'>, io: Io): Promise<Values | undefined> {
  const { brokers } = await admin.describe(io);
  try {
    const settings = await admin.allSettings({ kind: 'broker', name: brokers[0]?.id ?? '' }, io);
    return (key) => {
      const [first] = (defaults[key] ?? []).flatMap(([setting, factor]) => {
        const value = settings.get(setting)?.value;
        return value === undefined ? [] : [factor === 1 ? value : String(Number(value) * factor)];
      });
      return first;
    };
  } catch (cause) {
    io.signal.throwIfAborted();
    if (!(cause instanceof AppError) || cause.code !== 'broker-refused') throw cause;
    return undefined;
  }
}
