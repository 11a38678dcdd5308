// Defines the findings about stated message size, replicas and clocks that the counters of a run contradict.

import { durationText } from '../../text/duration-text.ts';
import { nodeSentenceText, nodeText, percentText, pluralText, quantityText } from '../../text/quantity-text.ts';
import { figure, findingEntry, type InLanguages } from './finding-entry.ts';

export interface MessageSizeFacts {
  /** Message size without protocol overhead. */
  statedBytes: number;
  measuredBytes: number;
  /** Source of the count. */
  counter: 'load-generator' | 'brokers';
}

const counters: Readonly<Record<MessageSizeFacts['counter'], InLanguages<string>>> = {
  'load-generator': { en: 'the load generator sent', zh: '压测端实际发送' },
  brokers: { en: 'the brokers stored, without protocol overhead,', zh: 'Broker 实际存储（不含协议开销）' },
};

export interface ReplicasFacts {
  statedReplicas: number;
  measuredReplicas: number;
  /** Partitions with that many replicas, and all partitions; absent if the number follows from followers' traffic. */
  partitions?: { differ: number; all: number };
}

type ClockFacts =
  | { how: 'host-clock'; node: string; aheadSeconds: number; overSeconds: number }
  | { how: 'negative-latency'; messages: number; longestSeconds: number };

export const statedFigureFindings = {
  'stated-message-size-contradicted': findingEntry<MessageSizeFacts>({
    severity: 'critical',
    en: ({ statedBytes, measuredBytes, counter }) =>
      `The stated message size is ${quantityText(statedBytes)} bytes, but ${counters[counter].en} ${quantityText(measuredBytes)} bytes per message (${percentText(measuredBytes / statedBytes)} of that). ${
        measuredBytes > statedBytes
          ? 'For messages of the stated size the result is only a lower bound.'
          : 'Messages of the stated size reach the limits at a lower rate, so no maximum is reported.'
      } Correct the message size and analyze again.`,
    zh: ({ statedBytes, measuredBytes, counter }) =>
      `声明的消息大小为 ${quantityText(statedBytes)} 字节，但 ${counters[counter].zh}每条 ${quantityText(measuredBytes)} 字节（为声明值的 ${percentText(measuredBytes / statedBytes)}）。${
        measuredBytes > statedBytes
          ? '对声明大小的消息，结果只是下限。'
          : '声明大小的消息会在更低的速率达到瓶颈，因此不给出最大值。'
      }请修正消息大小后重新分析。`,
    evidence: {
      'stated message size': ({ statedBytes }) => figure(statedBytes, 'bytes', 'workload of this run'),
      'measured message size': ({ measuredBytes, counter }) =>
        figure(
          measuredBytes,
          'bytes',
          counter === 'brokers' ? 'bytes-in and messages-in counters of the brokers' : 'journal.ndjson',
        ),
    },
    examples: [
      { statedBytes: 1024, measuredBytes: 1536, counter: 'load-generator' },
      { statedBytes: 1024, measuredBytes: 900, counter: 'brokers' },
    ],
  }),
  'stated-replicas-contradicted': findingEntry<ReplicasFacts>({
    severity: 'critical',
    en: ({ statedReplicas, measuredReplicas, partitions }) =>
      `The stated replication factor is ${quantityText(statedReplicas)}, but ${
        partitions === undefined
          ? `followers fetch as many bytes as with ${quantityText(measuredReplicas)} replicas`
          : `${quantityText(partitions.differ)} of ${pluralText(partitions.all, 'partition')} ${partitions.differ === 1 ? 'has' : 'have'} ${quantityText(measuredReplicas)} ${measuredReplicas === 1 ? 'replica' : 'replicas'}`
      }. ${
        measuredReplicas > statedReplicas
          ? 'With the stated replicas the result is only a lower bound.'
          : 'With the stated replicas the limits are reached at a lower rate, so no maximum is reported.'
      } Correct the replication factor, or the assignment of the topic, and run again.`,
    zh: ({ statedReplicas, measuredReplicas, partitions }) =>
      `声明的副本数为 ${quantityText(statedReplicas)}，但 ${
        partitions === undefined
          ? `Follower 拉取的字节数相当于 ${quantityText(measuredReplicas)} 副本`
          : `${quantityText(partitions.all)} 个分区中有 ${quantityText(partitions.differ)} 个为 ${quantityText(measuredReplicas)} 副本`
      }。${
        measuredReplicas > statedReplicas
          ? '按声明的副本数，结果只是下限。'
          : '按声明的副本数会在更低的速率达到瓶颈，因此不给出最大值。'
      }请修正副本数或 Topic 的副本分配后重新压测。`,
    evidence: {
      'stated replicas': ({ statedReplicas }) => figure(statedReplicas, 'replicas', 'workload of this run'),
      'measured replicas': ({ measuredReplicas, partitions }) =>
        figure(
          measuredReplicas,
          'replicas',
          partitions === undefined ? 'replication bytes of the brokers' : 'placement in telemetry.ndjson',
        ),
      'partitions that differ': ({ partitions }) =>
        partitions && { value: partitions.differ, unit: 'partitions', source: 'placement in telemetry.ndjson' },
    },
    examples: [
      { statedReplicas: 3, measuredReplicas: 2, partitions: { differ: 6, all: 12 } },
      { statedReplicas: 1, measuredReplicas: 3, partitions: { differ: 12, all: 12 } },
      { statedReplicas: 3, measuredReplicas: 2.02 },
    ],
  }),
  'clock-contradicted': findingEntry<ClockFacts>({
    severity: 'critical',
    en: (facts) =>
      facts.how === 'host-clock'
        ? `The clock of ${nodeText(facts.node)} ${facts.aheadSeconds > 0 ? 'gained' : 'lost'} ${durationText(Math.abs(facts.aheadSeconds))} relative to that of the load generator in ${durationText(facts.overSeconds)}. One of the two machines was paused, or its readings were cached, so rates over that time are wrong. Run again on machines that are not suspended or migrated.`
        : `${pluralText(facts.messages, 'message')} consumed before the due time (by up to ${durationText(facts.longestSeconds)}): the clocks of the load generator's machines differ by at least that, so end-to-end latencies are too low. Synchronize the clocks (chrony or NTP) and run again.`,
    zh: (facts) =>
      facts.how === 'host-clock'
        ? `在 ${durationText(facts.overSeconds, 'zh')} 内，${nodeText(facts.node, 'zh')} 的时钟比压测端${facts.aheadSeconds > 0 ? '多走' : '少走'} ${durationText(Math.abs(facts.aheadSeconds), 'zh')}。其中一台机器曾被挂起，或读数被缓存，这段时间的速率不可信。请在不会被挂起或迁移的机器上重新压测。`
        : `有 ${quantityText(facts.messages)} 条消息在应发时刻之前（最多提前 ${durationText(facts.longestSeconds, 'zh')}）就被消费：各压测机的时钟至少相差这么多，端到端延迟偏低。请用 chrony 或 NTP 校时后重新压测。`,
    evidence: {
      'clock difference': (facts) =>
        facts.how === 'host-clock'
          ? {
              value: facts.aheadSeconds,
              unit: 's',
              source: `uptime of ${nodeSentenceText(facts.node)} and clock of the run`,
            }
          : { value: facts.longestSeconds, unit: 's', source: 'journal.ndjson, end-to-end latencies below zero' },
      over: (facts) =>
        facts.how === 'host-clock'
          ? { value: facts.overSeconds, unit: 's', source: 'telemetry.ndjson' }
          : { value: facts.messages, unit: 'messages', source: 'journal.ndjson' },
    },
    examples: [
      { how: 'host-clock', node: '1', aheadSeconds: -12.4, overSeconds: 300 },
      { how: 'negative-latency', messages: 4120, longestSeconds: 0.18 },
    ],
  }),
};
