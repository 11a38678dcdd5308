// Defines the findings of the delivery check: messages lost, duplicated, reordered or damaged.

import { countText, pluralText } from '../../text/quantity-text.ts';
import type { Finding } from '../analysis.ts';
import { placeText, type BrokerAgreement, type DeliveryAccount } from '../delivery-account.ts';
import { figure, findingEntry, piece, type FindingEntry, type FindingLanguage } from './finding-entry.ts';

const source = 'delivery check in result.json';

interface PlacesFacts {
  group: string;
  messages: number;
  /** Partitions with most of the faults. */
  places: readonly { topic: string; partition?: number | undefined; messages: number }[];
}

/** @param fault also names the evidence */
function fault(
  name: string,
  severity: Finding['severity'],
  texts: Readonly<Record<FindingLanguage, (count: string, group: string) => string>>,
): FindingEntry<PlacesFacts> {
  return {
    severity,
    en: ({ messages, group }) => texts.en(countText(messages), group),
    zh: ({ messages, group }) => texts.zh(countText(messages), group),
    evidence: ({ messages, places }) => [
      piece(name, messages, 'messages', source),
      ...places.map((place) => piece(placeText(place), place.messages, 'messages', source)),
    ],
    examples: [{ group: 'g1', messages: 1200, places: [{ topic: 'orders', partition: 3, messages: 1200 }] }],
  };
}

export const deliveryFindings = {
  'messages-lost': fault('lost', 'critical', {
    en: (count, group) =>
      `Acknowledged messages lost: ${count}. Group ${group} read past their offsets and did not receive them.`,
    zh: (count, group) => `${count} 条已确认的消息丢失：消费组 ${group} 已读过其位点但没有收到。`,
  }),
  'messages-corrupted': fault('corrupted', 'critical', {
    en: (count, group) =>
      `Corrupted messages at group ${group}: ${count}. Their checksum differs from that of the sent message.`,
    zh: (count, group) => `消费组 ${group} 收到 ${count} 条损坏的消息：校验和与发送时不一致。`,
  }),
  'messages-duplicated': fault('duplicated', 'critical', {
    en: (count, group) =>
      `Messages stored more than once: ${count} (received by group ${group}). A retry without idempotence stores a message again.`,
    zh: (count, group) => `消费组 ${group} 收到的消息中有 ${count} 条被重复存储。没有幂等的重试会再次写入同一条消息。`,
  }),
  'messages-rewritten': fault('rewritten', 'critical', {
    en: (count, group) =>
      `Offsets with another message when group ${group} read them again: ${count}. A log was truncated and rewritten.`,
    zh: (count, group) => `消费组 ${group} 再次读取时，${count} 个位点上的消息已不同：日志被截断并重写。`,
  }),
  'messages-unread': fault('unread', 'warning', {
    en: (count, group) =>
      `Acknowledged messages not read by group ${group} when the run ended: ${count}. Whether the broker still has them is unknown.`,
    zh: (count, group) => `压测结束时消费组 ${group} 还有 ${count} 条已确认的消息未读取，是否仍在 Broker 上未知。`,
  }),
  'messages-expired': fault('expired', 'warning', {
    en: (count, group) =>
      `Acknowledged messages that retention deleted before group ${group} read them: ${count}. A group with as much lag loses messages.`,
    zh: (count, group) =>
      `${count} 条已确认的消息在消费组 ${group} 读取之前已因超过保留期限被删除：堆积同样多的消费组会丢失消息。`,
  }),
  'messages-pending': fault('pending', 'warning', {
    en: (count, group) =>
      `Delayed messages that the broker had not delivered to group ${group} when the run ended: ${count}.`,
    zh: (count, group) => `压测结束时 ${count} 条延迟消息仍未到投递时间，消费组 ${group} 无法收到。`,
  }),
  'messages-reordered': fault('reordered', 'warning', {
    en: (count, group) => `Messages that reached group ${group} after later messages of the same producer: ${count}.`,
    zh: (count, group) => `${count} 条消息比同一生产者后发送的消息更晚到达消费组 ${group}（乱序）。`,
  }),
  'messages-late': fault('late', 'warning', {
    en: (count, group) => `Messages that reached group ${group} later than the run allows: ${count}.`,
    zh: (count, group) => `${count} 条消息到达消费组 ${group} 的时间超过本次压测允许的延迟。`,
  }),
  'messages-redelivered': fault('redelivered', 'info', {
    en: (count, group) =>
      `Messages redelivered to group ${group} from the same offset: ${count}. A rebalance is the usual cause.`,
    zh: (count, group) => `${count} 条消息从相同位点再次投递给消费组 ${group}，例如成员变化之后。`,
  }),
  'unknown-fate': findingEntry<{ messages: number; delivered?: number }>({
    severity: 'warning',
    en: ({ messages, delivered }) =>
      `Messages neither acknowledged nor rejected: ${countText(messages)}. No answer came in time, or the connection was lost.${delivered === undefined ? '' : ` Delivered of these: ${countText(delivered)}.`}`,
    zh: ({ messages, delivered }) =>
      `${countText(messages)} 条消息既未确认也未被拒绝：未及时收到响应，或连接中断。${delivered === undefined ? '' : `其中 ${countText(delivered)} 条已被投递。`}`,
    evidence: { 'unknown fate': ({ messages }) => figure(messages, 'messages', source) },
    examples: [{ messages: 30, delivered: 12 }, { messages: 30 }],
  }),
  'log-disagrees': findingEntry<{
    partitions: number;
    /** The listed disagreements. */
    disagreements: BrokerAgreement['disagreements'];
  }>({
    severity: 'critical',
    en: ({ partitions, disagreements }) =>
      [
        `The offsets of ${pluralText(partitions, 'partition')} disagree with the acknowledged messages.`,
        ...disagreements.map((each) => `${placeText(each)}: ${each.reason}.`),
      ].join('\n'),
    zh: ({ partitions, disagreements }) =>
      [
        `${countText(partitions)} 个分区的位点与已确认的消息数不一致。`,
        ...disagreements.map((each) => `${placeText(each)}：${disagreementZh(each)}。`),
      ].join('\n'),
    evidence: { partitions: ({ partitions }) => figure(partitions, 'partitions', source) },
    examples: [
      {
        partitions: 1,
        disagreements: [
          { topic: 'orders', partition: 3, grown: 90, least: 100, reason: '100 acknowledged, 90 in the log' },
        ],
      },
    ],
  }),
  'ledger-inexact': findingEntry<{ uncertainMessages?: number }>({
    severity: 'warning',
    en: () =>
      'Too many messages were out of order to keep in memory: the figures of the delivery check are lower bounds.',
    zh: () => '乱序消息过多，无法全部保存在内存中：消息核对的数据只是下限。',
    evidence: { uncertain: ({ uncertainMessages = 'unknown' }) => figure(uncertainMessages, 'messages', source) },
    examples: [{ uncertainMessages: 4000 }],
  }),
  'ledger-clean': findingEntry<Pick<DeliveryAccount, 'acknowledged'> & { groups: number; partitions?: number }>({
    severity: 'info',
    en: ({ acknowledged, groups, partitions }) => {
      const read =
        groups === 0
          ? 'no group read them'
          : `${['', 'the group', 'both groups'][groups] ?? `all ${groups} groups`} received each of them, once and in order`;
      const logs =
        partitions === undefined
          ? ''
          : `, and the logs of ${pluralText(partitions, 'partition')} agree with these counts`;
      return `${countText(acknowledged)} messages were acknowledged, ${read}${logs}.`;
    },
    zh: ({ acknowledged, groups, partitions }) =>
      `${countText(acknowledged)} 条消息已确认，${groups === 0 ? '没有消费组读取' : `${groups} 个消费组均按顺序收到全部消息，且只收到一次`}${partitions === undefined ? '' : `，${countText(partitions)} 个分区的日志一致`}。`,
    evidence: { acknowledged: ({ acknowledged }) => figure(acknowledged, 'messages', source) },
    examples: [
      { acknowledged: 360_000, groups: 2, partitions: 12 },
      { acknowledged: 360_000, groups: 1 },
      { acknowledged: 360_000, groups: 0 },
    ],
  }),
};

/** The delivery check stores the reason in English, with its numbers. */
function disagreementZh({ grown, least, most, reason }: BrokerAgreement['disagreements'][number]): string {
  if (reason.startsWith('the end offset decreased')) return '末尾位点变小：日志被截断，或 Topic 被重新创建';
  if (grown < least) return `缺少 ${countText(least - grown)} 条应有的消息`;
  if (most !== undefined && grown > most) return `比全部发送所能解释的多 ${countText(grown - most)} 个位点`;
  return `“${reason}”`;
}
