// Plans the creation or alteration of a RocketMQ subscription group on the masters.

import type { Io } from '../../../brokers/driver.ts';
import { retryPrefix } from '../../../brokers/rocketmq/inspect/topic-kind.ts';
import { AppError } from '../../../core/errors.ts';
import { meantHint } from '../../../core/text/nearest.ts';
import { findingIf, type PlannedChange } from '../../change/change-kind.ts';
import { named } from '../../../core/text/bilingual.ts';
import { listMasters, refuseSeveralClusters, type RocketmqTools } from '../administration.ts';
import { isClientGroup, topicAt } from '../broker-group.ts';
import { fieldsOf, groupAt, isUnchanged, type GroupFacts } from './define-group.ts';

export interface GroupSpec {
  group: string;
  action: 'create' | 'alter';
  /** Empty: every broker of the only cluster, or every broker that has the group. */
  brokers: readonly string[];
  /** By RocketMQ's name of the field, such as `retryMaxTimes`. */
  set: Readonly<Record<string, string>>;
}

/** SubscriptionGroupConfig of 4.9.7 and 5.x, with its defaults. */
const defaults = {
  consumeEnable: true,
  consumeFromMinEnable: true,
  consumeBroadcastEnable: true,
  consumeMessageOrderly: false,
  retryQueueNums: 1,
  retryMaxTimes: 16,
  brokerId: 0,
  whichBrokerWhenConsumeSlowly: 1,
  notifyConsumerIdsChangedEnable: true,
} as const;

/** @throws AppError usage for an unknown field, a value of the wrong type, or an existing group; not-found; broker-unreachable */
export async function planDefineGroup(
  { admin, known }: RocketmqTools,
  { group, action, brokers: wanted, set }: GroupSpec,
  io: Io,
): Promise<PlannedChange<GroupFacts>> {
  checkName(group);
  const parsed = parsedFields(set);
  const { masters, clusters, findings } = await listMasters({ admin, known }, wanted, io);
  if (action === 'create') refuseSeveralClusters(`create group ${group}`, clusters, wanted);
  const brokers: GroupFacts['brokers'] = [];
  const names = new Set<string>();
  const narrow: string[] = [];
  for (const { brokerName, address } of masters) {
    const before = await groupAt(admin, address, group, io);
    for (const { name } of await admin.groups(address, io)) names.add(name);
    if (action === 'create') {
      if (before !== undefined) {
        throw new AppError('usage', `cannot create group ${group}: ${brokerName} has it`, {
          hint: '`plimsoll ops rocketmq alter-group` changes it',
        });
      }
      brokers.push({ brokerName, address, after: JSON.stringify({ groupName: group, ...defaults, ...parsed }) });
    } else if (before !== undefined) {
      brokers.push({ brokerName, address, before, after: JSON.stringify({ ...fieldsOf(before), ...parsed }) });
    }
  }
  const retryTopic = `${retryPrefix}${group}`;
  for (const { brokerName, address, before, after } of brokers) {
    const { retryQueueNums } = fieldsOf(after);
    if (before !== undefined && fieldsOf(before)['retryQueueNums'] === retryQueueNums) continue;
    const found = await topicAt(admin, address, retryTopic, io);
    if (found !== undefined && found.readQueues < Number(retryQueueNums)) narrow.push(brokerName);
  }
  if (brokers.length === 0) {
    throw new AppError('not-found', `no broker has a group ${group}`, {
      hint: meantHint(group, [...names], '`plimsoll get groups` lists the groups'),
    });
  }
  const stops = parsed['consumeEnable'] === false;
  const stopped = findingIf(stops, 'warning', 'consumption-stops', {
    en: `members of ${group} get no more messages`,
    zh: `${group} 的成员将不再收到消息`,
  });
  // Brokers choose the queue of a retry from this field, and add no queues to an existing retry topic.
  const unread = findingIf(narrow.length > 0, 'critical', 'retries-unread', {
    en: `${retryTopic} has fewer queues than retryQueueNums on ${named(narrow)}: nobody would read the retries in the others; add queues first (ops rocketmq queues)`,
    zh: `${named(narrow, 5, 'zh')} 上 ${retryTopic} 的队列数少于 retryQueueNums：其余队列中的重试消息无人读取；请先增加队列（ops rocketmq queues）`,
  });
  const facts = { group, set: parsed, brokers };
  const nothing = findingIf(isUnchanged(facts), 'info', 'nothing-to-do', {
    en: `${group} is defined so already`,
    zh: `${group} 已是如此配置`,
  });
  return { facts, findings: [...findings, ...stopped, ...unread, ...nothing] };
}

/** As in Validators.checkGroup: at most 255 letters, digits and `%|-_`. @throws AppError usage */
function checkName(group: string): void {
  if (!/^[%|a-zA-Z0-9_-]{1,255}$/.test(group)) {
    throw new AppError('usage', `${JSON.stringify(group)} is not a group name: use letters, digits and %|-_`);
  }
  if (!isClientGroup(group))
    throw new AppError('usage', `${group} is an internal group of RocketMQ: it is not changed`);
}

/** @throws AppError usage */
function parsedFields(set: Readonly<Record<string, string>>): Record<string, number | boolean> {
  return Object.fromEntries(
    Object.entries(set).map(([key, value]) => {
      const known = (defaults as Readonly<Record<string, number | boolean>>)[key];
      if (known === undefined) {
        throw new AppError('usage', `--set ${key}: a group has no such field`, {
          hint: meantHint(key, Object.keys(defaults), `fields are ${Object.keys(defaults).join(', ')}`),
        });
      }
      if (typeof known === 'boolean' && /^(true|false)$/.test(value)) return [key, value === 'true'];
      if (typeof known === 'number' && /^-?\d{1,9}$/.test(value)) return [key, Number(value)];
      throw new AppError(
        'usage',
        `--set ${key}=${value}: give ${typeof known === 'number' ? 'a whole number' : 'true or false'}`,
      );
    }),
  );
}
