// Defines the findings about single resources of a node: CPU, network, heap, quotas and queues.

import { durationText } from '../../text/duration-text.ts';
import { evidenceOf, exact } from '../../text/stated-figure.ts';
import { nodeSentenceText, nodeText, percentText, pluralText, rateText } from '../../text/quantity-text.ts';
import type { Cited } from '../../policy/policy.ts';
import type { Reading } from '../written-reading.ts';
import { figure, findingEntry, readingExample } from './finding-entry.ts';

const limitCited: Cited = { value: 0.9, source: 'policy' };

const ofSeveral = (reason: object) => 'devices' in reason && Array.isArray(reason.devices) && reason.devices.length > 1;

export const resourceFindings = {
  'cpu-unknown': findingEntry<
    | { basis: 'host'; node: string; host: string }
    | {
        basis: 'stated';
        iowait?: { share: number; busyAtMost: number; reading: Reading };
        load?: { value: number; cores?: number };
        readings: readonly Reading[];
      }
  >({
    severity: ({ basis }) => (basis === 'host' ? 'warning' : 'info'),
    en: (facts) => {
      if (facts.basis === 'host') {
        return `CPU use of ${nodeText(facts.node)} is unknown: ${facts.host} has no CPU times. The CPU is possibly the bottleneck.`;
      }
      const { iowait, load } = facts;
      const cores = load?.cores === undefined ? '' : ` on ${pluralText(load.cores, 'core')}`;
      return [
        iowait
          ? `The CPU was at most ${percentText(iowait.busyAtMost)} busy, since ${percentText(iowait.share)} of its time was iowait, which counts as idle; the exact value is unknown.`
          : 'How busy the CPU was is unknown.',
        ...(load
          ? [
              `A load average of ${exact(load.value)}${cores} is not utilization: it counts tasks that run, wait for a core, or wait for a disk.`,
            ]
          : []),
        'Record user and system time, over all cores and of the hottest one.',
      ].join(' ');
    },
    zh: (facts) => {
      if (facts.basis === 'host') {
        return `不判断 ${nodeText(facts.node, 'zh')} 的 CPU：${facts.host} 没有提供 CPU 时间。CPU 可能先于已列出的瓶颈达到上限。`;
      }
      const { iowait, load } = facts;
      const cores = load?.cores === undefined ? '' : `（${load.cores} 核）`;
      return [
        iowait
          ? `CPU 使用率最多为 ${percentText(iowait.busyAtMost)}，因为 ${percentText(iowait.share)} 的时间是 iowait（空闲）；确切值未知。`
          : 'CPU 使用率未知。',
        ...(load
          ? [`load average ${exact(load.value)}${cores} 不是使用率：它包括运行中、等待 CPU 和等待磁盘的任务。`]
          : []),
        '请记录所有核以及最忙核的 user 和 system 时间。',
      ].join('');
    },
    evidence: (facts) =>
      facts.basis === 'host'
        ? []
        : [
            ...(facts.iowait ? [evidenceOf(facts.iowait.reading)] : []),
            ...facts.readings.map((reading) => ({
              ...evidenceOf(reading),
              name:
                reading.windowSeconds === undefined ? 'load-average' : `load-average-${reading.windowSeconds / 60}m`,
            })),
          ],
    examples: [
      { basis: 'host', node: '1', host: 'kafka-1' },
      {
        basis: 'stated',
        iowait: { share: 0.25, busyAtMost: 0.75, reading: readingExample('iowait-ratio', 0.25) },
        load: { value: 4.25, cores: 16 },
        readings: [readingExample('load-average', 4.25)],
      },
      { basis: 'stated', load: { value: 4.25 }, readings: [readingExample('load-average', 4.25)] },
    ],
  }),
  'hottest-core': findingEntry<{
    node: string;
    cores: number;
    share: number;
    limit: Cited;
    source: string;
    /** Share at the rate that would be predicted without it. */
    expected?: number;
  }>({
    severity: 'warning',
    en: ({ node, cores, share, expected }) =>
      `One core of ${nodeText(node)} was ${percentText(share)} busy on average in a step (cores: ${cores}). One thread or interrupt queue can reach its limit before the CPU as a whole.${expected === undefined ? '' : ` At the predicted maximum it would need ${percentText(expected)}, so no rate above the tested ones is predicted.`}`,
    zh: ({ node, cores, share, expected }) =>
      `${nodeText(node, 'zh')} 的 ${cores} 个核中有一个在某个台阶的平均使用率为 ${percentText(share)}：单个线程或中断队列可能先于全部核成为瓶颈。${expected === undefined ? '' : `在预测的最大值下它需要 ${percentText(expected)}，因此不预测高于已测速率的值。`}`,
    evidence: {
      'hottest core': ({ share, source }) => figure(share, 'ratio', `${source}, mean of the highest step`),
      limit: ({ limit }) => figure(limit.value, 'ratio', limit.source),
    },
    examples: [
      { node: '1', cores: 16, share: 0.97, limit: limitCited, source: '/proc/stat of kafka-1' },
      { node: '1', cores: 16, share: 0.97, limit: limitCited, source: '/proc/stat of kafka-1', expected: 1.4 },
    ],
  }),
  steal: findingEntry<{ host: string; share: number; source: string }>({
    severity: 'warning',
    en: ({ host, share }) =>
      `The hypervisor took up to ${percentText(share)} of the CPU time of ${host} (steal). Stolen time counts as busy, and the limit may differ at another time.`,
    zh: ({ host, share }) =>
      `虚拟化层最多占用了 ${host} ${percentText(share)} 的 CPU 时间（steal）。该时间计为繁忙，换个时段上限可能不同。`,
    evidence: { steal: ({ share, source }) => figure(share, 'ratio', source) },
    examples: [{ host: 'kafka-1', share: 0.08, source: '/proc/stat of kafka-1' }],
  }),
  iowait: findingEntry<{ node: string; share: number; source: string; diskBusy?: number; diskAwaitSeconds?: number }>({
    severity: 'info',
    en: ({ node, share, diskBusy }) =>
      `${nodeSentenceText(node)} spent up to ${percentText(share)} of its time idle while waiting for a disk (iowait). This is a symptom, not utilization of CPU or disk, so no limit is computed from it. ${diskBusy === undefined ? 'There are no disk metrics of that time' : `Its busiest disk was busy ${percentText(diskBusy)} of that time`}.`,
    zh: ({ node, share, diskBusy }) =>
      `${nodeText(node, 'zh')} 最多有 ${percentText(share)} 的时间空闲等待磁盘。这只是症状，不是 CPU 或磁盘的使用率，不据此计算上限。${diskBusy === undefined ? '该时段没有磁盘指标' : `同时最忙的磁盘使用率为 ${percentText(diskBusy)}`}。`,
    evidence: {
      iowait: ({ share, source }) => figure(share, 'ratio', source),
      'disk busy': ({ diskBusy }) => figure(diskBusy, 'ratio', 'the same step'),
      'disk await': ({ diskAwaitSeconds }) => figure(diskAwaitSeconds, 's', 'the same step'),
    },
    examples: [
      { node: '1', share: 0.2, source: '/proc/stat of kafka-1', diskBusy: 0.9, diskAwaitSeconds: 0.012 },
      { node: '1', share: 0.2, source: '/proc/stat of kafka-1' },
    ],
  }),
  'network-capacity-unknown': findingEntry<{
    node: string;
    reason:
      | { kind: 'no-card' }
      | { kind: 'speed-unknown'; devices: readonly string[]; host: string }
      | { kind: 'not-read'; devices: readonly string[] };
  }>({
    severity: 'info',
    en: ({ node, reason }) => {
      const why = {
        'no-card': () => 'the traffic used no network card; loopback has no capacity',
        'speed-unknown': (devices: string) =>
          `link speed of ${devices} unknown; set hosts.${'host' in reason ? reason.host : ''}.network.speed${ofSeveral(reason) ? ', and network.devices to the cards with this speed' : ''}`,
        'not-read': (devices: string) => `no complete one-second sample of ${devices} exists in a step`,
      }[reason.kind]('devices' in reason ? reason.devices.join(', ') : '');
      return `The network capacity of ${nodeText(node)} is unknown: ${why}. No network limit is computed.`;
    },
    zh: ({ node, reason }) => {
      const why = {
        'no-card': () => '流量没有经过网卡，loopback 没有容量',
        'speed-unknown': (devices: string) =>
          `${devices} 的链路速率未知；请设置 hosts.${'host' in reason ? reason.host : ''}.network.speed${ofSeveral(reason) ? '，并在 network.devices 中列出具有该速率的网卡' : ''}`,
        'not-read': (devices: string) => `台阶期间没有读到 ${devices} 完整一秒的数据`,
      }[reason.kind]('devices' in reason ? reason.devices.join('、') : '');
      return `${nodeText(node, 'zh')} 的网络情况未知：${why}。因此不给出网络上限。`;
    },
    examples: [
      { node: '1', reason: { kind: 'speed-unknown', devices: ['eth0'], host: 'kafka-1' } },
      { node: '1', reason: { kind: 'no-card' } },
      { node: '1', reason: { kind: 'not-read', devices: ['eth0'] } },
    ],
  }),
  quota: findingEntry<{ node: string; tps: number; seconds: number }>({
    severity: 'warning',
    en: ({ node, tps, seconds }) =>
      `${nodeSentenceText(node)} throttled clients by a quota from ${rateText(tps)} on (longest throttle time ${durationText(seconds)}): at higher rates the quota is the limit, not the broker.`,
    zh: ({ node, tps, seconds }) =>
      `${nodeText(node, 'zh')} 从 ${rateText(tps, 'zh')} 起，因配额对客户端限流（最长限流时间 ${durationText(seconds, 'zh')}）：速率更高时瓶颈是配额，不是 Broker。`,
    evidence: {
      throttled: ({ node, seconds }) =>
        figure(seconds, 's', `throttle time of ${nodeText(node)}, the longest of the step`),
    },
    examples: [{ node: '1', tps: 4000, seconds: 0.8 }],
  }),
  'heap-after-gc': findingEntry<{ node: string; usedRatio: number; limit: Cited }>({
    severity: 'warning',
    en: ({ node, usedRatio }) =>
      `The heap of ${nodeText(node)} was at ${percentText(usedRatio)} after collections at every rate. It does not follow the load, so no rate is computed for it; see its GC log with \`plimsoll gc\`.`,
    zh: ({ node, usedRatio }) =>
      `${nodeText(node, 'zh')} 在各速率下 GC 后堆使用率均为 ${percentText(usedRatio)}。它不随负载变化，因此不给出对应速率；请用 \`plimsoll gc\` 查看 GC 日志。`,
    evidence: {
      'heap after GC': ({ node, usedRatio }) =>
        figure(usedRatio, 'ratio', `heap of ${nodeText(node)} after collections`),
      limit: ({ limit }) => figure(limit.value, 'ratio', limit.source),
    },
    examples: [{ node: '1', usedRatio: 0.93, limit: limitCited }],
  }),
  'send-queue-wait': findingEntry<{ node: string; tps: number; waitSeconds: number; refusedFrom: Cited }>({
    severity: 'warning',
    en: ({ node, tps, waitSeconds, refusedFrom }) =>
      `At ${rateText(tps)} messages waited up to ${durationText(waitSeconds)} for a send thread of ${nodeText(node)}: after ${durationText(refusedFrom.value)} the broker rejects them. The threads are busy, or wait for the disk.`,
    zh: ({ node, tps, waitSeconds, refusedFrom }) =>
      `${rateText(tps, 'zh')} 时消息等待 ${nodeText(node, 'zh')} 的发送线程最长 ${durationText(waitSeconds, 'zh')}：超过 ${durationText(refusedFrom.value, 'zh')} 会被拒绝。线程已用满，或在等待磁盘。`,
    evidence: {
      wait: ({ node, waitSeconds }) => figure(waitSeconds, 's', `head of the send queue of ${nodeText(node)}`),
      'refused from': ({ refusedFrom }) => figure(refusedFrom.value, 's', refusedFrom.source),
    },
    examples: [{ node: 'broker-a', tps: 5200, waitSeconds: 0.31, refusedFrom: { value: 0.2, source: 'BrokerConfig' } }],
  }),
};
