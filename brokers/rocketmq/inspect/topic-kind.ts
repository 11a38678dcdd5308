// Classifies topics by name, as upstream's TopicValidator and MixAll do.

import type { RocketmqTopic } from '../details.ts';
import { toolsGroup } from '../protocol/message-requests.ts';

/** Prefix of a group's topic for messages that its clients sent back. */
export const retryPrefix = '%RETRY%';

const prefixes = [
  [retryPrefix, 'retry'],
  ['%DLQ%', 'dead-letter'],
  ['RMQ_SYS_TRANS_', 'transactional'],
  // Every broker of 5.5 has these topics, and uses them with transRocksDBEnable.
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
  // Proxies in cluster mode exchange their clients' registrations in this topic (ProxyConfig.heartbeatSyncerTopicName).
  DefaultHeartBeatSyncerTopic: 'system',
};

/** Topics that brokers register at boot, usually without messages: BenchmarkTest alone would be 1,024 reads. */
const templates = new Set(['TBW102', 'BenchmarkTest', 'SELF_TEST_TOPIC', 'OFFSET_MOVED_EVENT']);

/**
 * @param names names of the cluster and its brokers, each of which has a topic of that name
 * @param isUsed whether a group has committed in the topic: a template in use counts as a normal topic
 */
export function topicKindOf(topic: string, names: ReadonlySet<string>, isUsed = false): RocketmqTopic['kind'] {
  const known = Object.hasOwn(kinds, topic) ? kinds[topic] : undefined;
  if (known !== undefined && !(isUsed && templates.has(topic))) return known;
  if (names.has(topic) || (topic.endsWith('_REPLY_TOPIC') && names.has(topic.slice(0, -'_REPLY_TOPIC'.length)))) {
    return 'system';
  }
  return prefixes.find(([prefix]) => topic.startsWith(prefix))?.[1] ?? 'normal';
}

/** Whether the topic may have messages. @param committed topics with commits; the benchmark uses BenchmarkTest */
export function holdsMessages(topic: string, names: ReadonlySet<string>, committed?: ReadonlySet<string>): boolean {
  if (committed?.has(topic) === true) return true;
  return !templates.has(topic) && !names.has(topic) && !topic.startsWith('rmq_sys_SYNC_BROKER_MEMBER_');
}

/** Groups that every broker or proxy creates. */
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
