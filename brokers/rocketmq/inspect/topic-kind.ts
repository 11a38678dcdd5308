// Classifies topics by name, as upstream's TopicValidator and MixAll do.

import type { RocketmqTopic } from '../details.ts';

/** Of a group's topic for messages its clients sent back. */
export const retryPrefix = '%RETRY%';

const prefixes = [
  [retryPrefix, 'retry'],
  ['%DLQ%', 'dead-letter'],
  ['RMQ_SYS_TRANS_', 'transactional'],
  // Every broker of 5.5 has them, and uses them with transRocksDBEnable.
  ['RMQ_SYS_ROCKSDB_TRANS_', 'transactional'],
  ['rmq_sys_', 'system'],
] as const;

const kinds: Readonly<Record<string, RocketmqTopic['kind']>> = {
  SCHEDULE_TOPIC_XXXX: 'delayed',
  rmq_sys_wheel_timer: 'delayed',
  TRANS_CHECK_MAX_TIME_TOPIC: 'transactional',
  RMQ_SYS_TRACE_TOPIC: 'system',
  CHECKPOINT_TOPIC: 'system',
  TBW102: 'system',
  BenchmarkTest: 'system',
  SELF_TEST_TOPIC: 'system',
  OFFSET_MOVED_EVENT: 'system',
  // Proxies in cluster mode exchange the registrations of their clients there (ProxyConfig.heartbeatSyncerTopicName).
  DefaultHeartBeatSyncerTopic: 'system',
};

/** Brokers register them at boot, as a rule without a message in them: BenchmarkTest alone would be 1,024 queues to ask. */
const templates = new Set(['TBW102', 'BenchmarkTest', 'SELF_TEST_TOPIC', 'OFFSET_MOVED_EVENT']);

/**
 * @param names of the cluster and its brokers, each of which has a topic of that name
 * @param isUsed whether a group has committed in it: a template in use counts as a normal topic
 */
export function topicKindOf(topic: string, names: ReadonlySet<string>, isUsed = false): RocketmqTopic['kind'] {
  const known = Object.hasOwn(kinds, topic) ? kinds[topic] : undefined;
  if (known !== undefined && !(isUsed && templates.has(topic))) return known;
  if (names.has(topic) || (topic.endsWith('_REPLY_TOPIC') && names.has(topic.slice(0, -'_REPLY_TOPIC'.length)))) {
    return 'system';
  }
  return prefixes.find(([prefix]) => topic.startsWith(prefix))?.[1] ?? 'normal';
}

/** Whether it may hold messages. @param committed topics that a group has committed in: the benchmark of RocketMQ uses BenchmarkTest */
export function holdsMessages(topic: string, names: ReadonlySet<string>, committed?: ReadonlySet<string>): boolean {
  if (committed?.has(topic) === true) return true;
  return !templates.has(topic) && !names.has(topic) && !topic.startsWith('rmq_sys_SYNC_BROKER_MEMBER_');
}

/**
 * Every broker of 4.x and 5.x makes this group for its tools when it starts. Pulling as another would make that group, or be
 * refused where autoCreateSubscriptionGroup is off.
 */
export const toolsGroup = 'TOOLS_CONSUMER';

/** Groups every broker or proxy makes for itself. */
const predefinedGroups = new Set([
  'DEFAULT_CONSUMER',
  'DEFAULT_PRODUCER',
  toolsGroup,
  'SCHEDULE_CONSUMER',
  'FILTERSRV_CONSUMER',
  '__MONITOR_CONSUMER',
  'CLIENT_INNER_PRODUCER',
  'SELF_TEST_P_GROUP',
  'SELF_TEST_C_GROUP',
  'CID_ONS-HTTP-PROXY',
  'CID_ONSAPI_PERMISSION',
  'CID_ONSAPI_OWNER',
  'CID_ONSAPI_PULL',
  'CID_DefaultHeartBeatSyncerTopic',
]);

export function isPredefinedGroup(group: string): boolean {
  return predefinedGroups.has(group) || group.startsWith('CID_RMQ_SYS_');
}
