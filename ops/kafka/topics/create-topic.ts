// Creates a Kafka topic; the rollback deletes it if it is empty.

import { z } from 'zod';
import type { Finding } from '../../../core/documents/analysis.ts';
import { AppError } from '../../../core/errors.ts';
import { isAlike, ownValue } from '../../change/borrowed-settings.ts';
import { done } from '../../change/step.ts';
import { finding, findingIf, type PlannedChange } from '../../change/change-kind.ts';
import type { Io } from '../../../brokers/driver.ts';
import { neededInSync } from '../../../brokers/kafka/under-min-isr.ts';
import type { WantedTopic } from '../../../brokers/kafka/changes/topics.ts';
import type { Topic } from '../../../core/cluster.ts';
import type { KafkaChangeKind, KafkaTools } from '../administration.ts';
import { awaitLeaders } from '../partitions/await-leaders.ts';
import { awaitDeleted, storedIn, type StoredTopic } from './stored-messages.ts';

export const CreateTopicFacts = z.strictObject({
  topic: z.string(),
  partitions: z.number(),
  replicationFactor: z.number(),
  settings: z.record(z.string(), z.string()),
});
export type CreateTopicFacts = z.infer<typeof CreateTopicFacts>;

/** The controller validates the request. @throws AppError topic-conflict, usage, broker-refused */
export async function planCreateTopic(
  { admin }: KafkaTools,
  wanted: WantedTopic,
  io: Io,
): Promise<PlannedChange<CreateTopicFacts>> {
  const { name: topic, config: settings = {} } = wanted;
  const { partitions, replicationFactor } = await admin.createTopic(wanted, { validateOnly: true }, io);
  const facts = { topic, partitions, replicationFactor, settings: { ...settings } };
  const inSync = Number(settings['min.insync.replicas']);
  const findings = [
    ...findingIf(replicationFactor === 1, 'warning', 'one-copy', {
      en: `${topic} has one copy: the loss of its broker loses its messages`,
      zh: `${topic} 只有一个副本：失去所在 Broker 即丢失其消息`,
    }),
    ...(inSync > replicationFactor ? [neverInSync(inSync, replicationFactor, await admin.version(io))] : []),
  ];
  return { facts, findings };
}

/** @param minimum more than `replicas`. @param version of the cluster */
export function neverInSync(minimum: number, replicas: number, version: string | undefined): Finding {
  const isNever = neededInSync(minimum, replicas, version) > replicas;
  const [en, zh] = isNever
    ? ['before Kafka 3.7, producers with acks=all cannot write', 'Kafka 3.7 之前，acks=all 的生产者无法写入']
    : [
        'producers with acks=all cannot write while any replica is out of sync',
        '任一副本未同步时，acks=all 的生产者都无法写入',
      ];
  return finding(isNever ? 'critical' : 'warning', isNever ? 'never-in-sync' : 'needs-all-in-sync', {
    en: `min.insync.replicas=${minimum} is more than the replication factor ${replicas}: ${en}`,
    zh: `min.insync.replicas=${minimum} 大于副本数 ${replicas}：${zh}`,
  });
}

export const createTopic: KafkaChangeKind<CreateTopicFacts> = {
  name: 'create-topic',
  facts: CreateTopicFacts,

  steps: ({ topic, partitions, replicationFactor, settings }, { admin, clock, clusterArgs }) => [
    {
      id: 'create-topic',
      description: `create topic ${topic}: partitions ${partitions}, replication factor ${replicationFactor}${settingsText(settings)}`,
      zh: `创建 Topic ${topic}：分区 ${partitions} 个，副本数 ${replicationFactor}${settingsText(settings)}`,
      async run(io) {
        const existing = (await admin.describe(io)).topics.find(({ name }) => name === topic);
        const foreign =
          existing && (await foreignShape(admin, existing, { partitions, replicationFactor, settings }, io));
        if (foreign !== undefined) {
          throw new AppError(
            'topic-conflict',
            `topic ${topic} already exists (${foreign}), created by another tool or person`,
          );
        }
        // Created by a process that stopped after the controller had received its request.
        if (existing !== undefined) return done({ en: `${topic} exists already`, zh: `${topic} 已存在` });
        const wanted = { name: topic, partitions, replicationFactor, config: settings };
        await admin.createTopic(wanted, { validateOnly: false }, io);
        return done();
      },
      undo: {
        description: `delete topic ${topic} if it is empty`,
        zh: `若 Topic ${topic} 为空，则删除`,
        async run(io) {
          const stored = await storedIn(admin, topic, io);
          if (stored === undefined) return [];
          const reason = reasonToKeep(
            stored,
            await foreignShape(admin, stored.topic, { partitions, replicationFactor, settings }, io),
          );
          if (reason !== undefined) {
            const command = `\`plimsoll ops kafka delete-topic${clusterArgs} --topic ${topic}\``;
            const en = `${topic} stays: ${reason.en}; ${command} deletes it`;
            return [{ en, zh: `${topic} 予以保留：${reason.zh}；可用 ${command} 删除` }];
          }
          await admin.deleteTopic(topic, io);
          await awaitDeleted(admin, { name: topic }, { clock, ...io });
          return [];
        },
      },
    },
    awaitLeaders(admin, { topic, count: partitions }, clock),
  ],
};

const settingsText = (settings: Readonly<Record<string, string>>) =>
  Object.entries(settings)
    .map(([key, value]) => `, ${key}=${value}`)
    .join('');

/** @returns its shape, or its first different setting, if another tool or person created the topic */
async function foreignShape(
  admin: KafkaTools['admin'],
  { name, partitions: found }: Topic,
  { partitions, replicationFactor, settings }: Omit<CreateTopicFacts, 'topic'>,
  io: Io,
): Promise<string | undefined> {
  const isOwn = found.length === partitions && found.every(({ replicas }) => replicas.length === replicationFactor);
  if (!isOwn) {
    const copies = new Set(found.map(({ replicas }) => replicas.length));
    return `partitions: ${found.length}, replication factor: ${[...copies].join(', ')}`;
  }
  const keys = Object.keys(settings);
  if (keys.length === 0) return undefined;
  const now = await admin.settingsOf({ kind: 'topic', name }, keys, io).catch((cause: unknown) => {
    // A user who may create a topic is not always permitted to read its settings.
    if (cause instanceof AppError && cause.code === 'broker-refused') return undefined;
    throw cause;
  });
  const other = now && keys.find((key) => !isAlike(ownValue(now.get(key)), settings[key]));
  return other && `${other}: ${ownValue(now.get(other)) ?? 'the default'}`;
}

/** @returns why the rollback keeps the topic */
function reasonToKeep({ unread, messages }: StoredTopic, foreign: string | undefined) {
  if (foreign !== undefined) {
    return { en: `another tool or person created it (${foreign})`, zh: `由其他工具或人员创建（${foreign}）` };
  }
  if (unread.length > 0) {
    return {
      en: `no leader answers for partitions ${unread.join(', ')}, so it is unknown whether they store messages`,
      zh: `分区 ${unread.join('、')} 没有 Leader 响应，无法确认是否有消息`,
    };
  }
  return messages > 0n ? { en: 'it has messages', zh: '其中有消息' } : undefined;
}
