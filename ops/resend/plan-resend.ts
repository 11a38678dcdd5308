// Chooses dead-letter messages and their targets, without sending anything.

import type { Io } from '../../brokers/driver.ts';
import type { ClusterLookup, FoundMessage, ReadStart } from '../../brokers/lookup.ts';
import type { PartitionPlace } from '../../core/cluster.ts';
import type { MessageSender } from '../../brokers/message-sender.ts';
import type { Finding } from '../../core/documents/analysis.ts';
import { AppError } from '../../core/errors.ts';
import { markerIn } from './copy-of.ts';
import { originOf, popRetryTopicsOf, retryTopicOf, groupIn, isRefusedByBrokers, isRetryTopic } from './dead-letter.ts';
import { messageName, type MessagePlace } from './message-name.ts';
import { wasSent } from './sent-messages.ts';
import { targetOf, type ResendAim } from './target.ts';
import { countText } from '../../core/text/quantity-text.ts';
import { findingIf } from '../change/change-kind.ts';
import { named } from '../../core/text/bilingual.ts';

export interface ResendSpec extends ResendAim {
  from: ReadStart;
  /** Only these messages, instead of matching ones. */
  messages: readonly MessagePlace[];
  isWanted(message: FoundMessage): boolean;
  /** Maximum messages to send, and to read during the search. */
  limit: number;
  mostRead: number;
  /** Includes messages already resent according to the files of this machine. */
  again: boolean;
  /** Result of `sentBefore` in sent-messages.ts. */
  sentBefore: ReadonlySet<string>;
}

export interface ChosenMessage extends PartitionPlace {
  offset: bigint;
  storedAtMs?: number;
  target: string;
}

export interface ResendPlan {
  chosen: readonly ChosenMessage[];
  read: number;
  findings: readonly Finding[];
}

type Reading = Pick<ClusterLookup, 'partitions' | 'stored' | 'messages'>;

/** @throws AppError not-found for an unknown dead-letter topic; errors of the brokers */
export async function planResend(
  lookup: Reading,
  sender: Pick<MessageSender, 'places'>,
  spec: ResendSpec,
  io: Io,
): Promise<ResendPlan> {
  const seen: Seen = {
    matching: [],
    read: 0,
    isCut: false,
    isHeldBack: false,
    withoutTarget: [],
    packed: [],
    sentBefore: 0,
    copies: 0,
    origins: new Set(),
  };
  if (spec.messages.length > 0) await readChosen(lookup, spec, seen, io);
  else await readMatching(lookup, spec, seen, io);
  const chosen = seen.matching.toSorted(byTime).slice(0, spec.limit);
  const missing = await missingTargets(sender, chosen, io);
  const retryTopics = [...seen.origins].flatMap((origin) => popRetryTopicsOf(spec.topic, origin));
  const popRetries = await knownTopics(sender, retryTopics, io);
  return { chosen, read: seen.read, findings: findingsOf(spec, seen, chosen.length, { missing, popRetries }) };
}

async function readChosen(lookup: Reading, spec: ResendSpec, seen: Seen, io: Io): Promise<void> {
  // A message named twice is sent once.
  for (const place of new Map(spec.messages.map((each) => [messageName(each), each])).values()) {
    const answer = await lookup.messages({ kind: 'offset', topic: spec.topic, ...place, isCommittedOnly: true }, io);
    if (answer.kind === 'not-there') {
      throw new AppError('not-found', `${spec.topic} has no message ${messageName(place)}: ${answer.reason}`);
    }
    for (const message of answer.messages) consider(message, spec, seen);
  }
}

async function readMatching(lookup: Reading, spec: ResendSpec, seen: Seen, io: Io): Promise<void> {
  const places = await lookup.partitions(spec.topic, io);
  const share = Math.max(1, Math.floor(spec.mostRead / Math.max(1, places.length)));
  for (const place of places) {
    let { from } = spec;
    let read = 0;
    for (;;) {
      const question = { ...place, from, most: share - read, isCommittedOnly: true };
      const { messages, next, end, isHeldBack = false } = await lookup.stored(question, io);
      read += messages.length;
      for (const message of messages) if (spec.isWanted(message)) consider(message, spec, seen);
      const isStuck = messages.length === 0 && from.kind === 'offset' && next <= from.offset;
      if (next >= end || isStuck || read >= share) {
        seen.isCut ||= next < end;
        seen.isHeldBack ||= isHeldBack;
        break;
      }
      from = { kind: 'offset', offset: next };
    }
    seen.read += read;
  }
}

function consider(message: FoundMessage, spec: ResendSpec, seen: Seen): void {
  const { partition, brokerName, offset, storedAtMs } = message;
  const name = messageName(message);
  if (!spec.again && wasSent(message, spec.sentBefore)) {
    seen.sentBefore += 1;
    return;
  }
  if (message.facts['still compressed with'] !== undefined) seen.packed.push(name);
  if (markerIn(message) !== undefined) seen.copies += 1;
  const target = targetOf(message, spec);
  if (target === undefined) seen.withoutTarget.push(name);
  else if (spec.to === undefined && target.topic === retryTopicOf(spec.topic)) {
    const origin = originOf(spec.broker, message)?.topic;
    if (origin !== undefined) seen.origins.add(origin);
  }
  seen.matching.push({
    topic: spec.topic,
    partition,
    offset,
    target: target?.topic ?? '',
    ...(brokerName !== undefined && { brokerName }),
    ...(storedAtMs !== undefined && { storedAtMs }),
  });
}

const byTime = (one: ChosenMessage, other: ChosenMessage): number =>
  (one.storedAtMs ?? 0) - (other.storedAtMs ?? 0) || Number(one.offset - other.offset);

async function missingTargets(sender: Pick<MessageSender, 'places'>, chosen: readonly ChosenMessage[], io: Io) {
  const missing: string[] = [];
  for (const topic of new Set(chosen.map(({ target }) => target).filter((target) => target !== ''))) {
    const places = await placesOf(sender, topic, io);
    if (places instanceof AppError) missing.push(places.message);
    else if (places.length === 0) missing.push(`no partition of ${topic} accepts messages now`);
  }
  return missing;
}

async function knownTopics(sender: Pick<MessageSender, 'places'>, topics: readonly string[], io: Io) {
  const known: string[] = [];
  for (const topic of topics) if (!((await placesOf(sender, topic, io)) instanceof AppError)) known.push(topic);
  return known;
}

/** @returns an error if the cluster has no such topic */
async function placesOf(sender: Pick<MessageSender, 'places'>, topic: string, io: Io) {
  try {
    return await sender.places(topic, io);
  } catch (cause) {
    if (!(cause instanceof AppError) || !['not-found', 'broker-refused'].includes(cause.code)) throw cause;
    return cause;
  }
}

/** Result of reading a dead-letter topic. */
interface Seen {
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
function findingsOf(spec: ResendSpec, seen: Seen, chosen: number, { missing, popRetries }: Targets): Finding[] {
  const { topic, to, limit } = spec;
  const { matching, read, isCut, isHeldBack, withoutTarget, packed, sentBefore, copies } = seen;
  const targets = new Set(matching.map(({ target }) => target));
  const known = [...targets].filter((target) => target !== '');
  const reachesGroups = known.some((target) => !isRetryTopic(target));
  const refused = [...targets].filter(isRefusedByBrokers);
  const retry = retryTopicOf(topic) ?? '';
  const ofPop = [...targets].filter((target) => retry !== '' && target.startsWith(`${retry}_`));
  return [
    ...findingIf(matching.length === 0, 'critical', 'nothing-to-resend', nothingText(topic, read, sentBefore)),
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
    ...findingIf(sentBefore > 0 && matching.length > 0, 'info', 'sent-before', {
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

const nothingText = (topic: string, read: number, sentBefore: number) =>
  sentBefore > 0
    ? {
        en: `All messages read from ${topic} that match were already sent from this machine (${countText(sentBefore)}); --again sends them once more.`,
        zh: `从 ${topic} 读取的匹配消息（${countText(sentBefore)} 条）均已从本机发送过；--again 会再次发送。`,
      }
    : {
        en: `None of the messages read from ${topic} matches (read: ${countText(read)}).`,
        zh: `从 ${topic} 读取的 ${countText(read)} 条消息均不匹配。`,
      };
