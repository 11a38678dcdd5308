// Reads the settings of brokers, topics and JVMs that a run records for later comparison with its verdict.

import type { TopicConfig } from '../../brokers/kafka/reading/topic-configs.ts';
import { isRepartitionTopic, isSystemTopic } from '../../brokers/kafka/system-topic.ts';
import type { ProcessSettings } from '../../brokers/lookup.ts';
import type { RecordedSettings } from '../../core/documents/evidence/recorded-settings.ts';
import type { BrokerCoverage } from '../../loadgen/guard/readiness.ts';
import { defined } from '../../core/defined.ts';
import { hiddenValue } from '../../core/secret-settings.ts';

/** Settings that a RocketMQ broker changes itself: start time, role after an election, values that a slave lowers. */
const changesByItself = new Set([
  'startAcceptSendRequestTimeStamp',
  'brokerRole',
  'haMasterAddress',
  'accessMessageInMemoryMaxRatio',
]);

type Values = ReadonlyMap<string, string>;

interface ReadSettings {
  processes: readonly ProcessSettings[];
  notices: readonly string[];
  /** Existing topics of the run. */
  topics?: readonly Pick<TopicConfig, 'topic' | 'minInSyncReplicas'>[] | undefined;
  /** Topics of the cluster, without those of load tests; names also of those whose settings the user may not read. */
  others?: readonly TopicConfig[] | undefined;
  otherNames?: readonly string[] | undefined;
}

export function recordedSettings(
  { processes, notices, topics = [], others = [], otherNames = [] }: ReadSettings,
  seen: readonly Pick<BrokerCoverage, 'broker' | 'jvm' | 'cpuLimitCores' | 'allowedCpus'>[],
): RecordedSettings {
  const answered = processes.filter((process) => process.of === 'broker');
  const brokers = answered.map(({ id, values }) => ({ id, values: stable(values) }));
  const shared = alikeIn(brokers.map(({ values }) => values));
  const minimums = topics.flatMap(({ topic, minInSyncReplicas: least }) =>
    least === undefined ? [] : [[topic, least] as const],
  );
  const longest = longestKept(others);
  const readable = new Set(others.map(({ topic }) => topic));
  const unreadTopics = otherNames.filter((topic) => !readable.has(topic) && isOfUsers(topic)).length;
  const codecs = Object.fromEntries(
    others.flatMap(({ topic, ownCodec }) =>
      ownCodec === undefined || isSystemTopic(topic) ? [] : [[ownCodec, topic]],
    ),
  );
  return {
    read: brokers.map(({ id }) => id).toSorted(),
    shared: Object.fromEntries([...shared, ...masterRole(answered)]),
    own: Object.fromEntries(
      brokers.map(({ id, values }) => [id, Object.fromEntries([...values].filter(([key]) => !shared.has(key)))]),
    ),
    ...(minimums.length > 0 && { minInSyncReplicas: Object.fromEntries(minimums) }),
    ...(longest.length > 0 && { longestRetention: longest }),
    ...(Object.keys(codecs).length > 0 && { codecs }),
    ...(unreadTopics > 0 && { unreadTopics }),
    jvms: Object.fromEntries(
      seen.flatMap(({ broker, jvm, cpuLimitCores, allowedCpus }) => {
        if (jvm === undefined) return [];
        const { version, flags } = jvm;
        const hasLimit = cpuLimitCores !== undefined && cpuLimitCores > 0;
        const limit = hasLimit ? cpuLimitCores : undefined;
        return [[broker, defined({ flags, version, cpuLimitCores: limit, allowedCpus })]];
      }),
    ),
    unread: [...notices],
  };
}

/** The longest retention that Kafka accepts (Long.MAX_VALUE), set instead of -1 to keep messages forever. */
const mostMs = 2n ** 63n - 1n;

const isOfUsers = (topic: string) => !isSystemTopic(topic) && !isRepartitionTopic(topic);

/** @returns the topic that keeps messages longest, of those with and of those without a size limit */
function longestKept(topics: readonly TopicConfig[]): NonNullable<RecordedSettings['longestRetention']> {
  const deleting = topics.filter(
    ({ topic, cleanupPolicy = 'delete', isTiered }) =>
      cleanupPolicy.includes('delete') && isTiered !== true && isOfUsers(topic),
  );
  const timeOf = ({ retentionMs = mostMs }: TopicConfig) =>
    retentionMs < mostMs ? Number(retentionMs) / 1000 : Infinity;
  return [false, true].flatMap((hasSizeLimit) => {
    const alike = deleting.filter(({ retentionBytes }) => (retentionBytes !== undefined) === hasSizeLimit);
    const seconds = Math.max(...alike.map(timeOf));
    return alike
      .filter((each) => timeOf(each) === seconds)
      .slice(0, 1)
      .map(({ topic }) => ({ topic, hasSizeLimit, ...(Number.isFinite(seconds) && { seconds }) }));
  });
}

/** Whether RocketMQ masters wait for a slave before they acknowledge; independent of which broker is elected. */
function masterRole(brokers: readonly ProcessSettings[]): [string, string][] {
  const roles = brokers
    .flatMap(({ values }) => values.get('brokerRole') ?? [])
    .filter((role) => role.endsWith('_MASTER'));
  return roles.length === 0 ? [] : [['brokerRole', [...new Set(roles)].toSorted().join(', ')]];
}

const stable = (values: Values): Values =>
  new Map([...values].filter(([key, value]) => value !== hiddenValue && !changesByItself.has(key)));

/** A single broker has no comparison, so its names and addresses would look like cluster settings. */
function alikeIn(all: readonly Values[]): Values {
  const [first, ...others] = all;
  if (first === undefined) return new Map();
  return new Map([...first].filter(([key, value]) => others.every((each) => each.get(key) === value)));
}
