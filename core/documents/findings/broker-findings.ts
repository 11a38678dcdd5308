// Defines the findings about limits inside a broker: its thread pools, JVM, queues, replication and flush.

import { bilingual } from '../../text/bilingual.ts';
import { durationText } from '../../text/duration-text.ts';
import {
  capacityText,
  nodeSentenceText,
  nodeText,
  percentText,
  quantityText,
  rateText,
} from '../../text/quantity-text.ts';
import { figure, findingEntry, type FindingEntry, type InLanguages } from './finding-entry.ts';

interface BusyPoolFacts {
  node: string;
  /** Rate at which it was measured. */
  tps: number;
  /** One minus the idle share of all threads of the pool. */
  busyShare: number;
  limit: number;
  /** Configured threads. */
  threads?: number;
}

interface Pool {
  name: InLanguages<string>;
  setting: 'num.io.threads' | 'num.network.threads';
  advice: InLanguages<string>;
}

function busyPool({ name, setting, advice }: Pool): FindingEntry<BusyPoolFacts> {
  return {
    severity: 'warning',
    en: ({ node, tps, busyShare, limit }) =>
      `The ${name.en} of ${nodeText(node)} are ${percentText(busyShare)} busy at ${rateText(tps)} (limit ${percentText(limit)}). ${advice.en} \`${setting}\`.`,
    zh: ({ node, tps, busyShare, limit }) =>
      `${nodeText(node, 'zh')} 的${name.zh}在 ${rateText(tps, 'zh')} 时繁忙度为 ${percentText(busyShare)}（上限 ${percentText(limit)}）。${advice.zh} \`${setting}\`。`,
    evidence: {
      busy: ({ node, busyShare }) =>
        figure(busyShare, 'ratio', `1 - idle ratio of the ${name.en} of ${nodeText(node)}`),
      limit: ({ limit }) => figure(limit, 'ratio', 'policy'),
      threads: ({ threads }) => figure(threads, 'threads', `broker setting ${setting}`),
    },
    examples: [
      { node: '1', tps: 2400, busyShare: 0.97, limit: 0.7, threads: 1 },
      { node: '2', tps: 2400, busyShare: 0.9, limit: 0.7 },
    ],
  };
}

interface GcFacts {
  node: string;
  tps: number;
  pauseShare?: number;
  longestPauseSeconds?: number;
  /** After a collection, as a share of the maximum heap. */
  heapUsedRatio?: number;
}

const gcTexts = bilingual({
  share: (value: string) => [`all threads paused ${value} of the time`, `停顿时间占 ${value}`],
  longest: (value: string) => [`longest pause ${value}`, `最长停顿 ${value}`],
  heap: (value: string) => [`heap ${value} used after GC`, `GC 后堆使用率 ${value}`],
});

function gcParts(
  { pauseShare, longestPauseSeconds, heapUsedRatio }: GcFacts,
  language: keyof typeof gcTexts,
): string[] {
  const texts = gcTexts[language];
  return [
    ...(pauseShare === undefined ? [] : [texts.share(percentText(pauseShare))]),
    ...(longestPauseSeconds === undefined ? [] : [texts.longest(durationText(longestPauseSeconds, language))]),
    ...(heapUsedRatio === undefined ? [] : [texts.heap(percentText(heapUsedRatio))]),
  ];
}

const jvm = (node: string, value: number | undefined, unit: string) => figure(value, unit, `JVM of ${nodeText(node)}`);

interface SendQueueFacts {
  node: string;
  tps: number;
  /** Wait of the oldest request in the queue. */
  waitSeconds: number;
  /** Wait from which the broker rejects sends (waitTimeMillsInSendQueue). */
  refusedFromSeconds: number;
  pageCacheLockSeconds?: number;
}

interface ReplicationFacts {
  node: string;
  tps: number;
  underMinIsrPartitions?: number;
  lagBytes?: number;
  lagMessages?: number;
}

const replicationTexts = bilingual({
  isr: (value: string) => [
    `partitions with fewer in-sync replicas than min.insync.replicas: ${value}`,
    `${value} 个分区的同步副本数低于 min.insync.replicas`,
  ],
  bytes: (value: string) => [`followers lag by ${value}`, `Follower 落后 ${value}`],
  messages: (value: string) => [`followers lag by ${value} messages`, `Follower 落后 ${value} 条消息`],
});

function replicationParts(
  { underMinIsrPartitions, lagBytes, lagMessages }: ReplicationFacts,
  language: keyof typeof replicationTexts,
): string[] {
  const texts = replicationTexts[language];
  return [
    ...(underMinIsrPartitions === undefined ? [] : [texts.isr(quantityText(underMinIsrPartitions))]),
    ...(lagBytes === undefined ? [] : [texts.bytes(capacityText(lagBytes, 'bytes'))]),
    ...(lagMessages === undefined ? [] : [texts.messages(quantityText(lagMessages))]),
  ];
}

const replicas = (node: string, value: number | undefined, unit: string) =>
  figure(value, unit, `replica metrics of ${nodeText(node)}`);

interface FlushFacts {
  node: string;
  tps: number;
  /** Seconds spent in flushes per second; may exceed 1, since several logs flush concurrently. */
  flushShare?: number;
  /** Bytes in memory that are not yet on disk. */
  unflushedBytes?: number;
}

export const brokerFindings = {
  'request-handlers-busy': busyPool({
    name: { en: 'request handlers', zh: '请求处理线程' },
    setting: 'num.io.threads',
    advice: {
      en: 'Check first what each request waits for, such as a slow flush; then raise',
      zh: '先检查请求在等待什么（例如刷盘慢），再调高',
    },
  }),
  'network-threads-busy': busyPool({
    name: { en: 'network threads', zh: '网络线程' },
    setting: 'num.network.threads',
    advice: {
      en: 'Check first whether TLS or small requests cause the load; then raise',
      zh: '先检查是否由 TLS 或小请求造成，再调高',
    },
  }),
  'gc-limit': findingEntry<GcFacts>({
    severity: 'warning',
    en(facts) {
      return `Garbage collection limits ${nodeText(facts.node)} at ${rateText(facts.tps)}: ${gcParts(facts, 'en').join(', ')}. Give the JVM more heap, or analyze its GC log with \`plimsoll gc\`.`;
    },
    zh(facts) {
      return `${nodeText(facts.node, 'zh')} 在 ${rateText(facts.tps, 'zh')} 时受 GC 限制：${gcParts(facts, 'zh').join('，')}。请增大堆内存，或用 \`plimsoll gc\` 分析 GC 日志。`;
    },
    evidence: {
      'pause share': ({ node, pauseShare }) => jvm(node, pauseShare, 'ratio'),
      'longest pause': ({ node, longestPauseSeconds }) => jvm(node, longestPauseSeconds, 's'),
      'heap after GC': ({ node, heapUsedRatio }) => jvm(node, heapUsedRatio, 'ratio'),
    },
    examples: [
      { node: '1', tps: 3100, pauseShare: 0.18, longestPauseSeconds: 1.1, heapUsedRatio: 0.93 },
      { node: '1', tps: 3100, heapUsedRatio: 0.93 },
    ],
  }),
  'send-queue-limit': findingEntry<SendQueueFacts>({
    severity: 'warning',
    en({ node, tps, waitSeconds, refusedFromSeconds, pageCacheLockSeconds }) {
      const lock =
        pageCacheLockSeconds === undefined
          ? ''
          : ` A write to the page cache held its lock for ${durationText(pageCacheLockSeconds)}: check the disk and free memory first.`;
      return `Requests wait ${durationText(waitSeconds)} in the send queue of ${nodeText(node)} at ${rateText(tps)}. After ${durationText(refusedFromSeconds)} the broker rejects them with SYSTEM_BUSY.${lock}`;
    },
    zh({ node, tps, waitSeconds, refusedFromSeconds, pageCacheLockSeconds }) {
      const lock =
        pageCacheLockSeconds === undefined
          ? ''
          : `写 page cache 持锁 ${durationText(pageCacheLockSeconds, 'zh')}：请先检查磁盘和空闲内存。`;
      return `${nodeText(node, 'zh')} 在 ${rateText(tps, 'zh')} 时，请求在发送队列中等待 ${durationText(waitSeconds, 'zh')}；超过 ${durationText(refusedFromSeconds, 'zh')} 后 Broker 会返回 SYSTEM_BUSY。${lock}`;
    },
    evidence: {
      wait: ({ node, waitSeconds }) => figure(waitSeconds, 's', `send queue of ${nodeText(node)}`),
      'refused from': ({ refusedFromSeconds }) =>
        figure(refusedFromSeconds, 's', 'Apache RocketMQ BrokerConfig: waitTimeMillsInSendQueue'),
      'page cache lock': ({ node, pageCacheLockSeconds }) =>
        figure(pageCacheLockSeconds, 's', `commit log of ${nodeText(node)}`),
    },
    examples: [
      { node: 'broker-a', tps: 5200, waitSeconds: 0.15, refusedFromSeconds: 0.2, pageCacheLockSeconds: 0.4 },
      { node: 'broker-a', tps: 5200, waitSeconds: 0.15, refusedFromSeconds: 0.2 },
    ],
  }),
  'replication-limit': findingEntry<ReplicationFacts>({
    severity: 'warning',
    en(facts) {
      return `Replication does not keep up on ${nodeText(facts.node)} at ${rateText(facts.tps)}: ${replicationParts(facts, 'en').join(', ')}. Check disk, CPU and network of the followers.`;
    },
    zh(facts) {
      return `${nodeText(facts.node, 'zh')} 在 ${rateText(facts.tps, 'zh')} 时副本同步跟不上：${replicationParts(facts, 'zh').join('，')}。请检查 Follower 的磁盘、CPU 和网络。`;
    },
    evidence: {
      'partitions under min ISR': ({ node, underMinIsrPartitions }) => replicas(node, underMinIsrPartitions, '1'),
      'replication lag': ({ node, lagBytes }) => replicas(node, lagBytes, 'bytes'),
      'replication lag in messages': ({ node, lagMessages }) => replicas(node, lagMessages, 'messages'),
    },
    examples: [{ node: '1', tps: 4000, underMinIsrPartitions: 3, lagBytes: 48e6, lagMessages: 47_000 }],
  }),
  'flush-limit': findingEntry<FlushFacts>({
    severity: 'warning',
    en({ node, tps, flushShare, unflushedBytes }) {
      const time = flushShare === undefined ? '' : ` spends ${quantityText(flushShare)} s per second in flushes`;
      const left =
        unflushedBytes === undefined
          ? ''
          : `${time === '' ? '' : ' and'} has ${capacityText(unflushedBytes, 'bytes')} that are not on disk`;
      return `${nodeSentenceText(node)}${time}${left} at ${rateText(tps)}. Use a faster disk, or flush less often if replication protects the messages.`;
    },
    zh({ node, tps, flushShare, unflushedBytes }) {
      const time = flushShare === undefined ? '' : `每秒有 ${quantityText(flushShare)} 秒用于刷盘`;
      const left =
        unflushedBytes === undefined
          ? ''
          : `${time === '' ? '' : '，'}有 ${capacityText(unflushedBytes, 'bytes')} 未刷盘`;
      return `${nodeText(node, 'zh')} 在 ${rateText(tps, 'zh')} 时${time}${left}。请更换更快的磁盘；如果副本已能保护消息，可降低刷盘频率。`;
    },
    evidence: {
      'time in flushes': ({ node, flushShare }) => figure(flushShare, 's/s', `log flushes of ${nodeText(node)}`),
      'not flushed': ({ node, unflushedBytes }) => figure(unflushedBytes, 'bytes', `commit log of ${nodeText(node)}`),
    },
    examples: [
      { node: '1', tps: 900, flushShare: 0.96 },
      { node: 'broker-a', tps: 900, flushShare: 0.96, unflushedBytes: 64e6 },
      { node: 'broker-a', tps: 900, unflushedBytes: 64e6 },
    ],
  }),
};
