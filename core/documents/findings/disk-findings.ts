// Defines the findings about disks and the page cache in front of them.

import { forKind, type KindTable } from '../../kind-table.ts';
import type { Pair } from '../../text/bilingual.ts';
import { durationText } from '../../text/duration-text.ts';
import { evidenceOf } from '../../text/stated-figure.ts';
import { capacityText, nodeText, percentText, rateText } from '../../text/quantity-text.ts';
import type { Reading } from '../written-reading.ts';
import { figure, findingEntry, type InLanguages, readingExample } from './finding-entry.ts';

/** Why the steps show only the page cache, not the disk. */
export type DiskHidden =
  | { kind: 'no-disk-counters' | 'no-memory-figures' | 'write-back-unknown'; host: string }
  | { kind: 'steps-too-short'; longestSeconds: number; expireSeconds: number }
  | { kind: 'too-little-written'; mostBytes: number; thresholdBytes: number };

export const diskFindings = {
  'memory-unknown': findingEntry<{ node: string; hidden: DiskHidden }>({
    severity: 'info',
    en: ({ node, hidden }) =>
      `Memory and page cache of ${nodeText(node)} are unknown: ${forKind(hidden, hiddenTexts).en}.`,
    zh: ({ node, hidden }) => `${nodeText(node, 'zh')} 的内存和 page cache 未知：${forKind(hidden, hiddenTexts).zh}。`,
    examples: [
      { node: '1', hidden: { kind: 'no-memory-figures', host: 'kafka-1' } },
      { node: '1', hidden: { kind: 'write-back-unknown', host: 'kafka-1' } },
    ],
  }),
  'disk-unknown': findingEntry<
    | { basis: 'host'; node: string; hidden: DiskHidden }
    | { basis: 'stated'; iowait: number; isSevere: boolean; reading: Reading }
  >({
    severity: (facts) => (facts.basis === 'stated' && facts.isSevere ? 'critical' : 'warning'),
    en: (facts) =>
      facts.basis === 'host'
        ? `Disk use of ${nodeText(facts.node)} is unknown, so a disk limit cannot be excluded: ${forKind(facts.hidden, hiddenTexts).en}.`
        : `Disk use is unknown; the disk is ${facts.isSevere ? 'possibly the limit already' : 'possibly the next limit'}: ${percentText(facts.iowait)} iowait shows that tasks wait for the disk, not how busy it is. Neither await nor utilization is stated; \`iostat -x 1\` on the master shows both.`,
    zh: (facts) =>
      facts.basis === 'host'
        ? `${nodeText(facts.node, 'zh')} 的磁盘情况未知，可能是瓶颈：${forKind(facts.hidden, hiddenTexts).zh}。`
        : `磁盘情况未知，${facts.isSevere ? '可能已是瓶颈' : '可能是下一个瓶颈'}：${percentText(facts.iowait)} 的 iowait 说明有任务在等待磁盘，但不说明磁盘有多忙。没有 await 和使用率；在主节点上运行 \`iostat -x 1\` 可得到两者。`,
    evidence: (facts) => (facts.basis === 'host' ? [] : [evidenceOf(facts.reading)]),
    examples: [
      { basis: 'host', node: '1', hidden: { kind: 'steps-too-short', longestSeconds: 45, expireSeconds: 30 } },
      { basis: 'host', node: '1', hidden: { kind: 'too-little-written', mostBytes: 64e6, thresholdBytes: 1600e6 } },
      { basis: 'host', node: '1', hidden: { kind: 'no-disk-counters', host: 'kafka-1' } },
      { basis: 'stated', iowait: 0.25, isSevere: false, reading: readingExample('iowait-ratio', 0.25) },
      { basis: 'stated', iowait: 0.45, isSevere: true, reading: readingExample('iowait-ratio', 0.25) },
    ],
  }),
  'retention-unknown': findingEntry<{
    unknown: 'size' | OmittedWrites;
    nodes: readonly string[];
    retentionSeconds: number;
  }>({
    severity: 'warning',
    en: ({ unknown, nodes, retentionSeconds }) =>
      omittedText(
        unknown,
        nodes.map((node) => nodeText(node)).join(', '),
        `so these disks are left out of the average rate for the retention of ${durationText(retentionSeconds)}`,
      ).en,
    zh: ({ unknown, nodes, retentionSeconds }) =>
      omittedText(
        unknown,
        nodes.map((node) => nodeText(node, 'zh')).join('、'),
        `因此按 ${durationText(retentionSeconds, 'zh')} 保留时间计算的平均速率未考虑其磁盘`,
      ).zh,
    evidence: { retention: ({ retentionSeconds }) => figure(retentionSeconds, 's', 'config, analyzer.retention') },
    examples: [
      { unknown: 'size', nodes: ['1', '2'], retentionSeconds: 604_800 },
      { unknown: 'writes', nodes: ['1'], retentionSeconds: 604_800 },
      { unknown: 'markers', nodes: ['1'], retentionSeconds: 604_800 },
      { unknown: 'timers', nodes: ['1'], retentionSeconds: 604_800 },
      { unknown: 'checks', nodes: ['1'], retentionSeconds: 604_800 },
      { unknown: 'production', nodes: ['1'], retentionSeconds: 604_800 },
      { unknown: 'redline', nodes: ['1'], retentionSeconds: 604_800 },
    ],
  }),
  'disk-await': findingEntry<{
    node: string;
    device: string;
    awaitSeconds: number;
    writtenBytes: number;
    source: string;
  }>({
    severity: 'info',
    en: ({ node, device, awaitSeconds, writtenBytes }) =>
      `Mean request time of ${device} of ${nodeText(node)} was at most ${durationText(awaitSeconds)} in a step, at up to ${capacityText(writtenBytes, 'bytes/s')} written. A device that serves requests in parallel can be 100% busy and still accept more.`,
    zh: ({ node, device, awaitSeconds, writtenBytes }) =>
      `${nodeText(node, 'zh')} 的 ${device} 在某个台阶的平均请求耗时最高 ${durationText(awaitSeconds, 'zh')}，写入最高 ${capacityText(writtenBytes, 'bytes/s', 'zh')}。能并行处理请求的设备即使一直繁忙也可能还有余量。`,
    evidence: {
      await: ({ awaitSeconds, source }) => figure(awaitSeconds, 's', source),
      written: ({ writtenBytes, source }) => figure(writtenBytes, 'bytes/s', `${source}, mean of the highest step`),
    },
    examples: [
      { node: '1', device: 'nvme0n1', awaitSeconds: 0.004, writtenBytes: 210e6, source: '/proc/diskstats of kafka-1' },
    ],
  }),
  'disk-behind': findingEntry<{ node: string; tps: number; busy: number; writtenBytes: number; arrivedBytes: number }>({
    severity: 'warning',
    en: ({ node, tps, busy, writtenBytes, arrivedBytes }) =>
      `At ${rateText(tps)}, the disk of ${nodeText(node)} was ${percentText(busy)} busy, and wrote ${capacityText(writtenBytes, 'bytes/s')} of ${capacityText(arrivedBytes, 'bytes/s')} stored. The rest fills the page cache, and when it is full, producers wait for the disk, so this rate and higher ones do not count.`,
    zh: ({ node, tps, busy, writtenBytes, arrivedBytes }) =>
      `在 ${rateText(tps, 'zh')} 时，${nodeText(node, 'zh')} 的磁盘使用率为 ${percentText(busy)}，但只写入 ${capacityText(writtenBytes, 'bytes/s', 'zh')}，而需存储 ${capacityText(arrivedBytes, 'bytes/s', 'zh')}。其余数据积压在 page cache 中，占满后生产者须等待磁盘，因此该速率及更高的速率不计。`,
    evidence: {
      written: ({ writtenBytes }) => figure(writtenBytes, 'bytes/s', 'counters of the disks, mean of the step'),
      stored: ({ arrivedBytes }) =>
        figure(arrivedBytes, 'bytes/s', 'size of the messages in the log, and their copies'),
    },
    examples: [{ node: '1', tps: 5000, busy: 1, writtenBytes: 120e6, arrivedBytes: 250e6 }],
  }),
  'catch-up-reads': findingEntry<{
    node: string;
    tps: number;
    group: string;
    behindSeconds: number;
    cachedSeconds: number;
    cacheBytes: number;
    writtenBytes: number;
  }>({
    severity: 'warning',
    en: ({ node, tps, group, behindSeconds, cachedSeconds }) =>
      `At ${rateText(tps)} group ${group} had a lag of ${durationText(behindSeconds)}, and the page cache of ${nodeText(node)} holds at most the last ${durationText(cachedSeconds)}: the group read from disk, which also slowed producers.`,
    zh: ({ node, tps, group, behindSeconds, cachedSeconds }) =>
      `${rateText(tps, 'zh')} 时消费组 ${group} 落后 ${durationText(behindSeconds, 'zh')}，而 ${nodeText(node, 'zh')} 的内存最多保留最近 ${durationText(cachedSeconds, 'zh')} 的数据：消费需要读盘，生产者也受影响。`,
    evidence: {
      behind: ({ behindSeconds, group }) =>
        figure(behindSeconds, 's', `lag of group ${group} over the rate of the step`),
      'in memory': ({ cachedSeconds }) =>
        figure(cachedSeconds, 's', 'memory left to the page cache over bytes written'),
      'page cache': ({ cacheBytes, node }) => figure(cacheBytes, 'bytes', `/proc/meminfo of ${nodeText(node)}`),
      written: ({ writtenBytes, node }) => figure(writtenBytes, 'bytes/s', `/proc/diskstats of ${nodeText(node)}`),
    },
    examples: [
      {
        node: '1',
        tps: 4000,
        group: 'billing',
        behindSeconds: 900,
        cachedSeconds: 120,
        cacheBytes: 12e9,
        writtenBytes: 100e6,
      },
    ],
  }),
};

/** Why the size of messages does not give the bytes on disk. */
export type OmittedWrites = 'writes' | 'markers' | 'timers' | 'checks' | 'production' | 'redline';

const writesUnknown: Record<Exclude<OmittedWrites, 'redline'>, Pair> = {
  writes: ['the size or the disk of the messages is unknown too', '消息的大小或所在磁盘也未知'],
  markers: [
    'Kafka also stores transaction markers, whose number depends on time and not on messages',
    'Kafka 还会存储事务标记，其数量取决于时间而非消息数',
  ],
  timers: [
    'the records that brokers store for timers (`delay.after`) are not computed',
    'Broker 为定时消息（`delay.after`）存储的记录无法计算',
  ],
  checks: [
    'each check of a transaction stores its half message again (`leftToCheck`)',
    '每次事务回查都会再次存储半消息（`leftToCheck`）',
  ],
  production: ['metrics of production do not show the size of one copy of a message', '生产指标不含单份消息的大小'],
};

function omittedText(unknown: 'size' | OmittedWrites, nodes: string, so: string): InLanguages<string> {
  if (unknown === 'size')
    return {
      en: `The disk sizes of ${nodes} are unknown, ${so}. Read the host with \`probe: local\` or \`probe: ssh\` (\`hosts\` in plimsoll.yaml), since a node_exporter does not report disk sizes, and test again.`,
      zh: `${nodes} 的磁盘容量未知，${so}。请用 \`probe: local\` 或 \`probe: ssh\` 读取其主机（plimsoll.yaml 的 \`hosts\`；node_exporter 不提供磁盘容量），然后重新压测。`,
    };
  if (unknown === 'redline')
    return {
      en: 'A redline loads the disks of one broker only, so the average rate for the retention is unknown. Analyze production or a load test of all brokers.',
      zh: '真实流量极限测试（redline）只加载一台 Broker 的磁盘，因此按保留时间计算的平均速率未知。请分析生产数据或包含全部 Broker 的压测。',
    };
  const [because, becauseZh] = writesUnknown[unknown];
  const isLive = unknown === 'production';
  return {
    en: `The bytes that a message writes to the disks of ${nodes} are unknown, ${so}. The page cache hid the writes (\`disk-unknown\`), and ${because}. ${isLive ? 'Analyze a load test of all brokers.' : 'Test for longer and at a higher rate.'}`,
    zh: `每条消息对 ${nodes} 磁盘的写入量未知，${so}。page cache 掩盖了写入（见 \`disk-unknown\`），${becauseZh}。${isLive ? '请分析包含全部 Broker 的压测。' : '请延长压测并提高速率。'}`,
  };
}

const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;

const hiddenTexts: KindTable<DiskHidden, InLanguages<string>> = {
  'no-disk-counters': ({ host }) => ({ en: `${host} has no disk counters`, zh: `${host} 没有提供磁盘计数器` }),
  'no-memory-figures': ({ host }) => ({ en: `${host} has no memory metrics`, zh: `${host} 没有提供内存数据` }),
  'write-back-unknown': ({ host }) => ({
    en: `the write-back settings of ${host} are unknown`,
    zh: `${host} 的回写设置未知`,
  }),
  'steps-too-short': ({ longestSeconds, expireSeconds }) => {
    const [longest, expire] = [Math.round(longestSeconds), expireSeconds];
    // Up to half of a step is warm-up, and the start of the rest settles.
    const [steady, whole] = [Math.ceil(3 * expire), Math.ceil(6 * expire + 10)];
    return {
      en: `the longest step lasted ${longest} s at a steady rate; dirty pages can stay in memory for ${expire} s, so repeat the test with \`--step-duration ${whole}s\`: at most ${whole - steady} s of a step are cut as warm-up, and ${steady} s remain at a steady rate`,
      zh: `最长的稳定台阶为 ${longest} 秒，而脏页可在内存中停留 ${expire} 秒，请用 \`--step-duration ${whole}s\` 重新压测：每个台阶最多去掉 ${whole - steady} 秒预热，至少稳定 ${steady} 秒`,
    };
  },
  'too-little-written': ({ mostBytes, thresholdBytes }) => {
    const [most, threshold] = [megabytes(mostBytes), megabytes(thresholdBytes)];
    return {
      en: `no step wrote enough: at most ${most}, and the page cache can hold ${threshold} of dirty pages`,
      zh: `时长足够的台阶中最多写入 ${most}，仍在允许的脏页 ${threshold} 以内`,
    };
  },
};
