// Reads the settings of topics that each snapshot needs, with DescribeConfigs.

import type { describeConfigsV4 } from '../library.ts';
import { defined } from '../../../core/defined.ts';
import type { Io } from '../../driver.ts';
import type { Link } from '../wire/links.ts';
import { createRefusals, type Reading } from './reading.ts';
import { describeTopics } from './describe-configs.ts';

/** Keys of Apache Kafka and of Confluent Platform. */
const tieringKeys = ['remote.storage.enable', 'confluent.tier.enable'];
const keys = [
  'min.insync.replicas',
  'max.message.bytes',
  'retention.ms',
  'retention.bytes',
  'cleanup.policy',
  'compression.type',
  ...tieringKeys,
];
/** ConfigSource number of a value that is set on the topic. */
const topicSource = 1;
/** 1,000 topics are about 300 kB. */
const topicsPerRequest = 1000;

export interface TopicConfig {
  topic: string;
  minInSyncReplicas?: number;
  /** Set on this topic, in place of the brokers' limit. */
  ownMaxMessageBytes?: number;
  retentionMs?: bigint;
  retentionBytes?: bigint;
  cleanupPolicy?: string;
  /** Set on this topic, in place of the brokers' `compression.type`. */
  ownCodec?: string;
  /** Whether old segments are in remote storage (Kafka 3.6 and later, Confluent Platform). */
  isTiered?: true;
}

export async function readTopicConfigs(
  link: Link,
  topics: readonly string[],
  io: Io,
): Promise<Reading<readonly TopicConfig[]>> {
  const refusals = createRefusals('DescribeConfigs');
  const value: TopicConfig[] = [];
  for await (const each of describeTopics(link, { topics, keys, topicsPerRequest }, io)) {
    const { resourceName, errorCode, configs } = each;
    if (refusals.isWell(`configuration of ${resourceName}`, errorCode)) value.push(configOf(resourceName, configs));
  }
  return { value, refusals: refusals.texts };
}

function configOf(
  topic: string,
  configs: readonly Pick<describeConfigsV4.DescribeConfigsResponseConfig, 'name' | 'value' | 'configSource'>[],
): TopicConfig {
  const valueOf = (key: string) => configs.find(({ name }) => name === key)?.value ?? undefined;
  // -1 is no limit, so the value is absent.
  const limitOf = (key: string) => {
    const value = valueOf(key);
    return value === undefined || value === '-1' ? undefined : BigInt(value);
  };
  const minInSyncReplicas = valueOf('min.insync.replicas');
  const ownOf = (key: string) =>
    configs.find(({ name, configSource }) => name === key && configSource === topicSource)?.value ?? undefined;
  const most = ownOf('max.message.bytes');
  return {
    topic,
    ...(minInSyncReplicas !== undefined && { minInSyncReplicas: Number(minInSyncReplicas) }),
    ...(most !== undefined && { ownMaxMessageBytes: Number(most) }),
    ...defined({
      retentionMs: limitOf('retention.ms'),
      retentionBytes: limitOf('retention.bytes'),
      cleanupPolicy: valueOf('cleanup.policy'),
      ownCodec: ownOf('compression.type'),
    }),
    ...(tieringKeys.some((key) => valueOf(key) === 'true') && { isTiered: true }),
  };
}
