// Finds what a change of RocketMQ broker settings deletes, or closes to clients.

import { retentionHoursIn } from '../../../brokers/rocketmq/retention.ts';
import { readNumber } from '../../../brokers/rocketmq/runtime-info.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import { finding, findingIf, named } from '../../change/change-kind.ts';
import { permissionIn } from '../close-writes.ts';

type Settings = ReadonlyMap<string, string>;

export interface ReconfiguredBroker {
  name: string;
  now: Settings;
  after: Settings;
}

/** Unread messages are not counted: brokers report lag in messages, not in hours. */
export function lossFindings(brokers: readonly ReconfiguredBroker[], acceptReaders: boolean): Finding[] {
  const shorter = brokers.filter(({ now, after }) => hoursIn(after) < hoursIn(now));
  const advice = acceptReaders
    ? { en: '', zh: '' }
    : { en: '; give --accept-readers to delete them nevertheless', zh: '；仍要删除请加 --accept-readers' };
  const byHours = Map.groupBy(shorter, ({ after }) => hoursIn(after));
  const deleted = Array.from(byHours, ([hours, of]) => {
    const names = of.map(({ name }) => name);
    return finding(acceptReaders ? 'warning' : 'critical', 'what-is-lost', {
      en: `messages older than ${hours} h are deleted on ${named(names)}, read or not: groups that lag by more than ${hours} h lose messages (check \`plimsoll get groups\`)${advice.en}`,
      zh: `${named(names, 5, 'zh')} 会删除超过 ${hours} 小时的消息，无论是否已读：堆积超过 ${hours} 小时的消费组会丢失消息（请用 \`plimsoll get groups\` 检查）${advice.zh}`,
    });
  });
  return [...deleted, ...closed(brokers, 4), ...closed(brokers, 2)];
}

/** With tiered storage that does not report its retention, that of the commit log counts. */
const hoursIn = (settings: Settings): number =>
  retentionHoursIn(settings) ?? readNumber(settings.get('fileReservedTime')) ?? 0;

/** @param bit of PermName: 4 read, 2 write */
function closed(brokers: readonly ReconfiguredBroker[], bit: 4 | 2): Finding[] {
  const names = brokers
    .filter(({ now, after }) => (permissionIn(now) & ~permissionIn(after) & bit) !== 0)
    .map(({ name }) => name);
  return findingIf(names.length > 0, 'warning', 'permission-taken', {
    en: `clients can no longer ${bit === 4 ? 'read from' : 'write to'} ${named(names)}`,
    zh: `客户端将无法再${bit === 4 ? '读取' : '写入'} ${named(names, 5, 'zh')}`,
  });
}
