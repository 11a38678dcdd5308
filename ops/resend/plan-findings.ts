// Lists what a planned resend would do, and why it cannot be executed.

import type { Finding } from '../../core/documents/analysis.ts';
import { countText } from '../../core/text/quantity-text.ts';
import { findingIf } from '../change/change-kind.ts';
import { named } from '../../core/text/bilingual.ts';
import { groupIn, isRefusedByBrokers, isRetryTopic, retryTopicOf } from './dead-letter.ts';
import type { ChosenMessage, ResendSpec } from './plan-resend.ts';

/** Result of reading a dead-letter topic. */
export interface Seen {
  matching: ChosenMessage[];
  read: number;
  isCut: boolean;
  /** Kafka: more messages are stored after transactions that may be open. */
  isHeldBack: boolean;
  withoutTarget: string[];
  packed: string[];
  sentBefore: number;
  copies: number;
  /** RocketMQ: original topics of messages whose target is the retry topic of the group. */
  origins: Set<string>;
}

interface Targets {
  /** Targets that accept no message, with the reason. */
  missing: readonly string[];
  /** Retry topics that POP consumers of the group may read instead. */
  popRetries: readonly string[];
}

/** @param chosen number of matching messages to send */
export function findingsOf(spec: ResendSpec, seen: Seen, chosen: number, { missing, popRetries }: Targets): Finding[] {
  const { topic, to, limit } = spec;
  const { matching, read, isCut, isHeldBack, withoutTarget, packed, sentBefore, copies } = seen;
  const targets = new Set(matching.map(({ target }) => target));
  const known = [...targets].filter((target) => target !== '');
  const reachesGroups = known.some((target) => !isRetryTopic(target));
  const refused = [...targets].filter(isRefusedByBrokers);
  const retry = retryTopicOf(topic) ?? '';
  const ofPop = [...targets].filter((target) => retry !== '' && target.startsWith(`${retry}_`));
  return [
    ...findingIf(matching.length === 0, 'critical', 'nothing-to-resend', {
      en: `None of the messages read from ${topic} matches (read: ${countText(read)}).`,
      zh: `从 ${topic} 读取的 ${countText(read)} 条消息均不匹配。`,
    }),
    ...findingIf(withoutTarget.length > 0, 'critical', 'target-unknown', {
      en: `The original topic of these messages is unknown: ${named(withoutTarget)}. Give a topic with --to.`,
      zh: `以下消息的原 Topic 未知：${named(withoutTarget, 5, 'zh')}。请用 --to 指定 Topic。`,
    }),
    ...findingIf(targets.has(topic), 'critical', 'target-is-source', {
      en: `${topic} would get its messages a second time. Name another topic with --to.`,
      zh: `${topic} 的消息会在其中重复出现。请用 --to 指定其他 Topic。`,
    }),
    ...findingIf(missing.length > 0, 'critical', 'target-missing', {
      en: `${missing.join('; ')}. Give a topic with --to.`,
      zh: `目标 Topic 不接受消息：${missing.join('；')}。请用 --to 指定 Topic。`,
    }),
    ...findingIf(refused.length > 0, 'critical', 'target-refused', {
      en: `Brokers accept no messages for ${named(refused)}, because of the + in the name. Use --to-origin.`,
      zh: `名称中含有 +，Broker 不接受发往 ${named(refused, 5, 'zh')} 的消息。请使用 --to-origin。`,
    }),
    ...findingIf(popRetries.length > 0, 'critical', 'pop-retry-topic', {
      en: `POP and gRPC consumers of the group read ${named(popRetries)}, and never ${retry}. Name the topic that the group reads with --to.`,
      zh: `该消费组的 POP 和 gRPC 消费者读取 ${named(popRetries, 5, 'zh')}，从不读取 ${retry}。请用 --to 指定该消费组读取的 Topic。`,
    }),
    ...findingIf(packed.length > 0, 'critical', 'still-packed', {
      en: `The values of ${named(packed)} are compressed with an unsupported algorithm. Exclude them with a filter.`,
      zh: `${named(packed, 5, 'zh')} 的内容使用了不支持的压缩算法。请用过滤条件排除它们。`,
    }),
    ...findingIf(matching.length > chosen, 'warning', 'more-match', {
      en: `Messages that match: ${countText(matching.length)}. Only the oldest are sent: ${countText(chosen)} (--limit ${limit}).`,
      zh: `匹配的消息有 ${countText(matching.length)} 条，只发送最早的 ${countText(chosen)} 条（--limit ${limit}）。`,
    }),
    ...findingIf(isCut, 'warning', 'not-all-read', {
      en: `${countText(read)} messages were read, and more are stored: --read reads further; if the number stays the same, repeat it later.`,
      zh: `已读取 ${countText(read)} 条消息，还有更多未读取：可用 --read 读取更多；若条数不变，请稍后重试。`,
    }),
    ...findingIf(isHeldBack, 'warning', 'behind-transaction', {
      en: `Messages of ${topic} behind a transaction that may be open were not read: repeat the resend once it has ended.`,
      zh: `${topic} 中可能有未结束的事务，其后的消息未读取：请在事务结束后再次重发。`,
    }),
    ...findingIf(sentBefore > 0, 'info', 'sent-before', {
      en: `Matching messages that were already sent from this machine: ${countText(sentBefore)}. They are excluded; --again includes them.`,
      zh: `匹配的消息中有 ${countText(sentBefore)} 条已从本机发送过，不再发送；--again 会包含它们。`,
    }),
    ...findingIf(copies > 0, 'warning', 'failed-again', {
      en: `Matching messages that are copies of an earlier resend and failed again: ${countText(copies)}.`,
      zh: `匹配的消息中有 ${countText(copies)} 条是之前重发的副本，再次消费失败。`,
    }),
    ...findingIf(ofPop.length > 0, 'warning', 'group-created', {
      en: `Brokers take ${named(ofPop)} for the retry topic of a group ${named(ofPop.map(groupIn))}: they create that group, or refuse the messages where autoCreateSubscriptionGroup is false.`,
      zh: `Broker 会把 ${named(ofPop, 5, 'zh')} 当作消费组 ${named(ofPop.map(groupIn), 5, 'zh')} 的重试 Topic：会创建该消费组；若 autoCreateSubscriptionGroup 为 false，则拒绝这些消息。`,
    }),
    ...findingIf(isRetryTopic(topic), 'warning', 'retried-anyway', {
      en: `The group of ${topic} reads this topic: it would process resent messages twice, except those whose processing failed.`,
      zh: `${topic} 所属的消费组会读取该 Topic：除处理失败的消息外，重发的消息会被处理两次。`,
    }),
    ...findingIf(reachesGroups, 'warning', 'every-group', {
      en: `Every group that reads ${to ?? named(known)} gets these messages, also those that processed them before.`,
      zh: `所有读取 ${to ?? named(known, 5, 'zh')} 的消费组都会收到这些消息，包括已处理过它们的消费组。`,
    }),
    ...findingIf(matching.length > 0, 'info', 'order-not-kept', {
      en: 'The copies follow messages that were sent in the meantime, so a resend does not keep the order by key.',
      zh: '副本排在此期间发送的消息之后，因此重发不保持同一 Key 的顺序。',
    }),
  ];
}
