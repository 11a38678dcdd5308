// Defines the findings about written figures of one machine: CPU, memory, disk, network card and clients.

import { bitRateText, percentText, pluralText } from '../../text/quantity-text.ts';
import { cited, evidenceOf, exact, megabyteRate, tpsRange, tpsText, type Span } from '../../text/stated-figure.ts';
import type { Citation, Reading } from '../written-reading.ts';
import { figure, findingEntry, piece, readingExample } from './finding-entry.ts';

/** Tasks waiting for a disk, by iowait, compared with the load average, which includes them. */
interface WaitingFacts {
  iowait: number;
  cores: number;
  waiting: number;
  load: number;
}

const waitingEvidence = {
  'waiting-tasks-at-least': ({ waiting }: WaitingFacts) =>
    figure(waiting, 'tasks', 'iowait × cores: one waiting task a core'),
  'load-average': ({ load }: WaitingFacts) => figure(load, 'tasks', 'largest of the readings'),
};

const waitingText = ({ iowait, cores, waiting }: WaitingFacts) => ({
  en: `${percentText(iowait)} iowait on ${pluralText(cores, 'core')} means at least ${exact(waiting)} tasks that wait for a disk`,
  zh: `${cores} 核上 ${percentText(iowait)} 的 iowait 意味着至少有 ${exact(waiting)} 个任务在等待磁盘`,
});

const judgementOf = (reading: Reading) => reading.text ?? reading.source.quote;

export const writtenFindings = {
  'iowait-exceeds-load': findingEntry<WaitingFacts>({
    severity: 'warning',
    en: (facts) =>
      `${waitingText(facts).en}, but the load average, which counts such tasks, is only ${exact(facts.load)}: the two cannot be from the same time and host.`,
    zh: (facts) =>
      `${waitingText(facts).zh}，而 load average ${exact(facts.load)} 应包含它们：两个数据不可能来自同一时刻和机器。`,
    evidence: waitingEvidence,
    examples: [{ iowait: 0.5, cores: 16, waiting: 8, load: 4.25 }],
  }),
  'load-average-counts-waiting': findingEntry<WaitingFacts>({
    severity: 'info',
    en: (facts) =>
      `If both are from the same minutes: ${waitingText(facts).en}; this leaves at most ${exact(facts.load - facts.waiting)} of the load average of ${exact(facts.load)} for tasks that run or wait for a core. The load average then reflects the disk more than the CPU.`,
    zh: (facts) =>
      `如果两者来自同一时段：${waitingText(facts).zh}；load average ${exact(facts.load)} 中最多只有 ${exact(facts.load - facts.waiting)} 个在运行或等待 CPU，因此它主要反映磁盘而不是 CPU。`,
    evidence: waitingEvidence,
    examples: [{ iowait: 0.2, cores: 16, waiting: 3.2, load: 4.25 }],
  }),
  retention: findingEntry<{
    master: string;
    tps: number;
    growthBytes: number;
    diskBytes: number;
    limit: { value: number; source: string };
    secondsToLimit: number;
  }>({
    severity: 'info',
    en: ({ master, tps, growthBytes, diskBytes, limit, secondsToLimit }) =>
      `At ${tpsText(tps)} msg/s the store of ${master} grows by ${megabyteRate(growthBytes)} and an empty disk of ${exact(diskBytes / 1e12)} TB is at ${percentText(limit.value)} after ${exact(secondsToLimit / 3600)} hours, so this rate is possible only for a peak. The default retention of RocketMQ, 72 h (fileReservedTime), allows ${tpsText((tps * secondsToLimit) / (72 * 3600))} msg/s on average.`,
    zh: ({ master, tps, growthBytes, diskBytes, limit, secondsToLimit }) =>
      `在 ${tpsText(tps)} 条/秒时，${master} 的存储增长速度为 ${megabyteRate(growthBytes)}，${exact(diskBytes / 1e12)} TB 的空盘 ${exact(secondsToLimit / 3600)} 小时后达到 ${percentText(limit.value)}：只适合作为峰值。按 RocketMQ 默认保留 72 小时（fileReservedTime），平均速率最多 ${tpsText((tps * secondsToLimit) / (72 * 3600))} 条/秒。`,
    evidence: {
      'stored-bytes-per-second': ({ growthBytes }) =>
        figure(growthBytes, 'bytes/s', 'byte arithmetic of the store of RocketMQ'),
      'time-to-limit': ({ secondsToLimit, limit }) => figure(secondsToLimit, 's', limit.source),
    },
    examples: [
      {
        master: 'broker-a',
        tps: 32_000,
        growthBytes: 36e6,
        diskBytes: 4e12,
        limit: { value: 0.75, source: 'policy' },
        secondsToLimit: 83_000,
      },
    ],
  }),
  'memory-stated': findingEntry<{ reading: Reading }>({
    severity: 'info',
    en: ({ reading }) =>
      `The text states for memory: ${judgementOf(reading)}. No value is given, so memory use is unknown; page cache normally fills free memory.`,
    zh: ({ reading }) =>
      `文本对内存的描述：“${judgementOf(reading)}”。没有给出数值，使用率未知；空闲内存本来就会被 page cache 占用。`,
    evidence: ({ reading }) => [evidenceOf(reading)],
    examples: [{ reading: readingExample('memory-use') }],
  }),
  'direction-not-stated': findingEntry<{ direction: 'in' | 'out'; reading: Reading }>({
    severity: 'info',
    en: ({ direction }) =>
      `The network value does not state its direction. It is assumed to be ${direction}, the direction with more bytes in this topology; \`sar -n DEV 1\` shows both, and each has the full speed of a full-duplex card.`,
    zh: ({ direction }) =>
      `网络数据没有说明方向，按${direction === 'in' ? '入向' : '出向'}处理（按计算是该拓扑中较大的方向）；\`sar -n DEV 1\` 可显示两个方向，全双工网卡每个方向都有完整带宽。`,
    evidence: ({ reading }) => [evidenceOf(reading)],
    examples: [{ direction: 'out', reading: readingExample('network-bytes-per-second', 100e6) }],
  }),
  'line-rate-misstated': findingEntry<{
    reading: Reading;
    statedBytes: number;
    bitsPerSecond: number;
    nominalBytes: number;
    counterBytes: number;
  }>({
    severity: 'info',
    en: ({ reading, statedBytes, bitsPerSecond, nominalBytes, counterBytes }) =>
      `The text states ${reading.unitAsWritten ?? megabyteRate(statedBytes)} as the theoretical rate of the network card. ${bitRateText(bitsPerSecond)} is ${megabyteRate(nominalBytes)} or ${exact(nominalBytes / 2 ** 20)} MiB/s, and interface counters show ${megabyteRate(counterBytes)} (${exact(counterBytes / 2 ** 20)} MiB/s) of it at most.`,
    zh: ({ reading, statedBytes, bitsPerSecond, nominalBytes, counterBytes }) =>
      `文本称 ${reading.unitAsWritten ?? megabyteRate(statedBytes)} 是网卡的理论速率。${bitRateText(bitsPerSecond)} 等于 ${megabyteRate(nominalBytes)} 或 ${exact(nominalBytes / 2 ** 20)} MiB/s，网卡计数器最多显示 ${megabyteRate(counterBytes)}（${exact(counterBytes / 2 ** 20)} MiB/s）。`,
    evidence: ({ reading, nominalBytes, counterBytes }) => [
      evidenceOf(reading),
      piece('nominal-bytes-per-second', nominalBytes, 'bytes/s', 'speed over 8'),
      piece('counter-ceiling-bytes-per-second', counterBytes, 'bytes/s', 'Ethernet framing, IEEE 802.3'),
    ],
    examples: [
      {
        reading: readingExample('network-theoretical-limit-bytes-per-second', 128e6),
        statedBytes: 128e6,
        bitsPerSecond: 1e9,
        nominalBytes: 125e6,
        counterBytes: 123e6,
      },
    ],
  }),
  'one-reading': findingEntry<{ master: string }>({
    severity: 'info',
    en: ({ master }) =>
      `A single reading does not show how a resource grows with load. A load test in steps that records bytes in and out of ${master}, the lag of every follower and group, and await and utilization of its disk would answer the open questions.`,
    zh: ({ master }) =>
      `单个读数无法拟合：看不出各资源如何随负载增长。请分步压测，并记录 ${master} 的出入向字节、每个 Follower 和消费组的堆积，以及磁盘的 await 和使用率。`,
    examples: [{ master: 'broker-a' }],
  }),
  'consumer-groups-unknown': findingEntry<{
    consumers: number;
    followers: number;
    /** Saturation of the card if all consumers belong to one group, and if each has its own. */
    oneGroup: Span;
    eachGroup: Span;
    source?: Citation | undefined;
  }>({
    severity: 'warning',
    en: ({ consumers, followers, oneGroup, eachGroup }) =>
      `${pluralText(consumers, 'consumer')} are stated, but not their groups. In one group they share one copy of each message: the master sends ${followers + 1} copies, and its network card would be saturated at ${tpsRange(oneGroup)} msg/s. In separate groups each consumer reads its own copy: the master sends ${followers + consumers} copies, and its card would be saturated at ${tpsRange(eachGroup)} msg/s. This verdict assumes one group; state the number of groups.`,
    zh: ({ consumers, followers, oneGroup, eachGroup }) =>
      `文本给出了 ${consumers} 个消费者，但没有给出消费组。若同属一个消费组则共用一份数据（主节点发出 ${followers + 1} 份）：按计算网卡在 ${tpsRange(oneGroup, 'zh')} 条/秒 饱和；若各自为一个消费组（发出 ${followers + consumers} 份）：${tpsRange(eachGroup, 'zh')} 条/秒。这里按一个消费组处理，请说明实际数量。`,
    evidence: {
      consumers: ({ consumers, source }) =>
        figure(consumers, 'consumers', source === undefined ? 'run.json' : cited(source)),
    },
    examples: [
      {
        consumers: 4,
        followers: 2,
        oneGroup: { low: 31_000, high: 32_500 },
        eachGroup: { low: 15_400, high: 16_100 },
        source: readingExample('produced-tps', 30_000).source,
      },
      { consumers: 4, followers: 2, oneGroup: { low: 31_000, high: 32_500 }, eachGroup: { low: 15_400, high: 16_100 } },
    ],
  }),
  /** A single bound is not a percentile, so it is a finding only. */
  'latency-bound': findingEntry<{ seconds: number; reading: Reading }>({
    severity: 'info',
    en: ({ seconds, reading }) =>
      `End-to-end latency is stated as ${reading.relation === 'at-most' ? 'at most' : 'about'} ${exact(seconds)} s: one bound, no percentiles.`,
    zh: ({ seconds, reading }) =>
      `端到端延迟${reading.relation === 'at-most' ? '最多' : '约'} ${exact(seconds)} 秒：只有一个界限，没有百分位数。`,
    evidence: ({ reading }) => [evidenceOf(reading)],
    examples: [
      { seconds: 1, reading: { ...readingExample('end-to-end-latency-seconds', 1), relation: 'at-most' } },
      { seconds: 1, reading: readingExample('end-to-end-latency-seconds', 1) },
    ],
  }),
  /** The text has no thresholds, so its own judgement decides the step. */
  'stated-judgement': findingEntry<{ acceptable?: Reading | undefined; bottleneck?: Reading | undefined }>({
    severity: 'info',
    en: ({ acceptable, bottleneck }) =>
      `The team judged the result: ${[
        ...(acceptable ? [`acceptable (${judgementOf(acceptable)})`] : []),
        ...(bottleneck ? [`limited by: ${judgementOf(bottleneck)}`] : []),
      ].join('; ')}.`,
    zh: ({ acceptable, bottleneck }) =>
      `按团队自己的判断：${[
        ...(acceptable ? [`可接受（“${judgementOf(acceptable)}”）`] : []),
        ...(bottleneck ? [`瓶颈是“${judgementOf(bottleneck)}”`] : []),
      ].join('；')}。`,
    evidence: ({ acceptable, bottleneck }) =>
      [acceptable, bottleneck].filter((reading) => reading !== undefined).map(evidenceOf),
    examples: [{ acceptable: readingExample('acceptable'), bottleneck: readingExample('stated-bottleneck') }],
  }),
};
