// Defines the findings about a verdict as a whole: its basis, the next limit and the reserves.

import { durationText } from '../../text/duration-text.ts';
import { chineseName, limitText } from '../../text/limit-text.ts';
import { countText, nodeText, percentText, pluralText, quantityText, rateText } from '../../text/quantity-text.ts';
import type { Cited } from '../../policy/policy.ts';
import type { Constraint } from '../../resource.ts';
import type { Limit } from '../analysis.ts';
import { figure, findingEntry, piece } from './finding-entry.ts';

const cpu = { resource: 'cpu', node: '1' } as const;
const networkOut = { resource: 'network-out', node: '1' } as const;

export const verdictFindings = {
  'shared-host': findingEntry<{ nodes: readonly string[]; host: string }>({
    severity: 'warning',
    en: ({ nodes }) =>
      `The load generator ran on the cores of ${nodes.map((node) => nodeText(node)).join(', ')}. CPU use there includes the load generator, so the same broker would carry more without it. If CPU use does not grow with the load, it sets no limit.`,
    zh: ({ nodes }) =>
      `压测端与 ${nodes.map((each) => nodeText(each, 'zh')).join('、')} 共用 CPU 核。CPU 使用率包含压测端自身，因此这里的 CPU 上限是 Broker 与压测端合计的上限，Broker 单独运行时更高。不随负载变化的核不计入。`,
    evidence: { host: ({ host }) => figure(host, 'host', 'run.json, same counters in telemetry.ndjson') },
    examples: [{ nodes: ['1', '2'], host: 'kafka-1' }],
  }),
  'host-unknown': findingEntry<{ brokers: readonly string[]; cluster: string; group?: string }>({
    severity: 'warning',
    en: ({ brokers, cluster, group }) =>
      `No host metrics for broker ${brokers.join(', ')}, so a limit there cannot be detected${group === undefined ? '' : `. That limit is possibly below the rate at which group ${group} falls behind, or is what slows the group`}. Map the broker to its host under clusters.${cluster}.brokers.`,
    zh: ({ brokers, cluster, group }) =>
      `Broker ${brokers.join('、')} 没有主机指标，无法发现其上的瓶颈${group === undefined ? '' : `：该瓶颈可能低于消费组 ${group} 开始堆积的速率，也可能正是它使该组消费变慢`}。请在 clusters.${cluster}.brokers 下配置该 Broker 所在主机。`,
    examples: [
      { brokers: ['2'], cluster: 'orders' },
      { brokers: ['2'], cluster: 'orders', group: 'billing' },
    ],
  }),
  'generator-host-unknown': findingEntry<{ node: string }>({
    severity: 'warning',
    en: ({ node }) =>
      `The host of the load generator is unknown. If it ran on the host of ${nodeText(node)}, CPU use there includes the load generator, and the brokers alone sustain more. Run the load generator on another host, or test with \`plimsoll run\`, which records its host.`,
    zh: ({ node }) =>
      `压测端所在主机未知。若与 ${nodeText(node, 'zh')} 同机，CPU 使用率包含压测端自身，Broker 单独运行时上限更高。请将压测端放在其他主机，或改用 \`plimsoll run\`，它会记录压测端所在主机。`,
    examples: [{ node: '1' }],
  }),
  'steps-without-readings': findingEntry<{ highestTps: number; safeTps: number; missing: readonly Limit[] }>({
    severity: 'warning',
    en: ({ highestTps, safeTps, missing }) =>
      `Steps up to ${rateText(highestTps)} were sustained, but only ${rateText(safeTps)} counts as safe. Higher steps lack readings: ${missing.map((limit) => limitText(limit)).join(', ')}. If readings failed, fix the cause; repeat the run with longer steps.`,
    zh: ({ highestTps, safeTps, missing }) =>
      `台阶最高稳定承载 ${rateText(highestTps, 'zh')}，但只有 ${rateText(safeTps, 'zh')} 计为安全：更高的台阶缺少指标读数（${missing.map((limit) => limitText(limit, 'zh')).join('、')}）。请先解决读取失败的问题，再以更长的台阶重新压测。`,
    evidence: {
      'highest sustained rate': ({ highestTps }) => figure(highestTps, 'messages/s', 'journal.ndjson'),
      'safe maximum': ({ safeTps }) => figure(safeTps, 'messages/s', 'steps with readings'),
    },
    examples: [{ highestTps: 500, safeTps: 299, missing: [{ resource: 'send-queue', node: 'broker-a:0' }] }],
  }),
  'not-monotonic': findingEntry<{
    failed: readonly { targetTps: number; tps: number }[];
    sustainedTps: number;
    isLasting?: true;
  }>({
    severity: 'warning',
    en: ({ failed, sustainedTps, isLasting }) => {
      const missed = failed.map(({ targetTps }) => rateText(targetTps)).join(' and ');
      return isLasting
        ? `${missed} could not be sustained after ${rateText(sustainedTps)} was, and no later step sustained it. The cluster may achieve less after some time, for example when burst credits of a disk or network card are used up, so the earlier steps at this rate or above do not count. Repeat the run with longer steps.`
        : `${missed} could not be sustained although ${rateText(sustainedTps)} was, so something temporary disturbed the test. Repeat the run.`;
    },
    zh: ({ failed, sustainedTps, isLasting }) => {
      const missed = failed.map(({ targetTps }) => rateText(targetTps, 'zh')).join('、');
      return isLasting
        ? `${missed} 未能稳定承载，而此前 ${rateText(sustainedTps, 'zh')} 可以，之后也没有台阶再次稳定承载该速率。集群的承载能力可能随时间下降（例如磁盘或网卡的突发额度用尽），因此此前该速率及以上的台阶不计。请以更长的台阶重新压测。`
        : `${missed} 未能稳定承载，而 ${rateText(sustainedTps, 'zh')} 可以：测试受到了临时干扰。请重跑。`;
    },
    evidence: ({ failed }) => failed.map(({ tps }) => piece('achieved', tps, 'messages/s', 'journal.ndjson')),
    examples: [
      { failed: [{ targetTps: 3000, tps: 2400 }], sustainedTps: 4000 },
      { failed: [{ targetTps: 3000, tps: 2400 }], sustainedTps: 4000, isLasting: true },
    ],
  }),
  'next-ceiling': findingEntry<{
    first: Limit;
    next: Limit;
    tps: number;
    lowTps: number;
    ratio: number;
    overlaps: boolean;
  }>({
    severity: ({ overlaps }) => (overlaps ? 'warning' : 'info'),
    en: ({ first, next, tps, lowTps, ratio, overlaps }) =>
      overlaps
        ? `${limitText(next)} may also be the bottleneck: its limit is at ${rateText(tps)} (lower end ${rateText(lowTps)}), and this interval overlaps that of ${limitText(first)}.`
        : `The next limit after ${limitText(first)} is ${limitText(next)} at ${rateText(tps)}, ${quantityText(ratio)} times the rate of the first limit.`,
    zh: ({ first, next, tps, lowTps, ratio, overlaps }) =>
      overlaps
        ? `${limitText(next, 'zh')} 也可能是瓶颈：其上限为 ${rateText(tps, 'zh')}（下端 ${rateText(lowTps, 'zh')}），与 ${limitText(first, 'zh')} 的区间重叠。`
        : `${limitText(first, 'zh')} 之后的下一个瓶颈是 ${limitText(next, 'zh')}，位于 ${rateText(tps, 'zh')}，为前者的 ${quantityText(ratio)} 倍。`,
    evidence: {
      estimate: ({ next, tps }) => figure(tps, 'messages/s', `policy limit of ${limitText(next)}`),
      'low end': ({ next, lowTps }) => figure(lowTps, 'messages/s', `policy limit of ${limitText(next)}`),
    },
    examples: [
      { first: cpu, next: networkOut, tps: 9200, lowTps: 8800, ratio: 1.4, overlaps: false },
      { first: cpu, next: networkOut, tps: 6700, lowTps: 6100, ratio: 1.02, overlaps: true },
    ],
  }),
  extrapolated: findingEntry<
    { factor: number; reachedTps: number } & (
      { basis: 'production' } | { basis: 'test'; wantedTps: number; flaggedFrom: Cited }
    )
  >({
    severity: 'warning',
    en: (facts) =>
      facts.basis === 'production'
        ? `The estimate is ${quantityText(facts.factor)} times the highest traffic that stayed within the limits in the period judged, ${rateText(facts.reachedTps)}, so its interval is wide. Run a load test, or analyze a day with more traffic, to narrow it.`
        : `The estimate is ${quantityText(facts.factor)} times the highest achieved rate, ${rateText(facts.reachedTps)}, so its interval is wide. Test at ${rateText(facts.wantedTps)} or more to narrow it.`,
    zh: (facts) =>
      facts.basis === 'production'
        ? `估计值是所评估时段内未超上限的最高流量 ${rateText(facts.reachedTps, 'zh')} 的 ${quantityText(facts.factor)} 倍，因此区间较宽。请压测，或分析流量更高的一天。`
        : `估计值是最高实测速率 ${rateText(facts.reachedTps, 'zh')} 的 ${quantityText(facts.factor)} 倍，因此区间较宽。请压测到 ${rateText(facts.wantedTps, 'zh')} 或更高。`,
    evidence: {
      factor: ({ factor, basis }) =>
        figure(factor, 'ratio', `estimate over the highest ${basis === 'test' ? 'rate' : 'traffic'}`),
      'flagged from': (facts) =>
        facts.basis === 'test' ? figure(facts.flaggedFrom.value, 'ratio', facts.flaggedFrom.source) : undefined,
    },
    examples: [
      { basis: 'test', factor: 1.8, reachedTps: 4000, wantedTps: 6000, flaggedFrom: { value: 1.2, source: 'policy' } },
      { basis: 'production', factor: 1.8, reachedTps: 4000 },
    ],
  }),
  'beyond-reach': findingEntry<{ limit: Limit; tps: number; ratio: number; bound: Cited }>({
    severity: 'info',
    en: ({ limit, tps, ratio, bound }) =>
      `The saturation rate is not predicted: the first resource expected to reach its capacity, ${limitText(limit)}, would reach it at ${quantityText(ratio)} times the highest step. Test at ${rateText(tps / bound.value)} or more.`,
    zh: ({ limit, tps, ratio, bound }) =>
      `不推算饱和速率：最先用满的是 ${limitText(limit, 'zh')}，但要到最高台阶速率的 ${quantityText(ratio)} 倍才会用满。请压测到 ${rateText(tps / bound.value, 'zh')} 或更高。`,
    evidence: {
      estimate: ({ limit, tps }) => figure(tps, 'messages/s', `fit of ${limitText(limit)}`),
      'extrapolation bound': ({ bound }) => figure(bound.value, 'ratio', bound.source),
    },
    examples: [{ limit: cpu, tps: 16_000, ratio: 4, bound: { value: 2, source: 'policy' } }],
  }),
  unconfirmed: findingEntry<{ tps: number; longestStepSeconds: number; confirmation: Cited }>({
    severity: 'info',
    en: ({ tps, longestStepSeconds, confirmation }) =>
      `The safe maximum is predicted. To confirm it, test ${rateText(tps)} for ${durationText(confirmation.value)}; the longest step here took ${quantityText(longestStepSeconds)} s.`,
    zh: ({ tps, longestStepSeconds, confirmation }) =>
      `安全上限为推算值。要确认，请以 ${rateText(tps, 'zh')} 压测 ${quantityText(confirmation.value / 60)} 分钟；本次最长的台阶为 ${durationText(longestStepSeconds, 'zh')}。`,
    evidence: { 'confirmation time': ({ confirmation: { value, source } }) => figure(value, 's', source) },
    examples: [{ tps: 5600, longestStepSeconds: 60, confirmation: { value: 1800, source: 'policy' } }],
  }),
  'margin-ledger': findingEntry<{
    resource: Constraint;
    limit: Cited;
    /** Lower bound of the interval over the estimate. */
    interval: number;
    confidence: number;
    /** Safe maximum over saturation. */
    product?: number;
  }>({
    severity: 'info',
    en: ({ resource, limit, interval, product }) =>
      `The safe maximum has two reserves: the policy limit of ${resource}, ${percentText(limit.value)} (p99 of one-second samples), and the lower end of the interval, ${percentText(interval)} of the estimate${product === undefined ? '' : `. It is ${percentText(product)} of saturation`}.`,
    zh: ({ resource, limit, interval, product }) =>
      `各项预留只计一次：策略允许${chineseName(resource)}用到 ${percentText(limit.value)}（按每秒采样的 p99 判断），区间下端为估计值的 ${percentText(interval)}${product === undefined ? '' : `；安全上限为饱和点的 ${percentText(product)}`}。`,
    evidence: ({ resource, limit, interval, confidence, product }) => [
      piece(`policy ${resource}`, limit.value, 'ratio', limit.source),
      piece('low end over estimate', interval, 'ratio', `two-sided ${percentText(confidence)} interval`),
      ...(product === undefined ? [] : [piece('product', product, 'ratio', 'safe maximum divided by saturation')]),
    ],
    examples: [
      {
        resource: 'cpu',
        limit: { value: 0.7, source: 'policy' },
        interval: 0.95,
        confidence: 0.9,
        product: 0.665,
      },
      { resource: 'cpu', limit: { value: 0.7, source: 'policy' }, interval: 0.95, confidence: 0.9 },
    ],
  }),
  'under-replicated': findingEntry<{ partitions: number }>({
    severity: 'warning',
    en: ({ partitions }) =>
      `Up to ${pluralText(partitions, 'partition')} had fewer in-sync replicas than replicas, so some messages were not fully replicated.`,
    zh: ({ partitions }) =>
      `最多有 ${countText(partitions)} 个分区的同步副本数少于副本数：写入的消息没有全部复制完成。`,
    evidence: {
      'under-replicated partitions': ({ partitions }) => figure(partitions, 'partitions', 'telemetry.ndjson'),
    },
    examples: [{ partitions: 12 }],
  }),
  'driven-into-limit': findingEntry<{ limit: Limit; targetTps: number; tps: number; share?: number }>({
    severity: 'info',
    en: ({ limit, targetTps, tps, share }) =>
      `At a target rate of ${rateText(targetTps)} the cluster achieved ${rateText(tps)}: ${limitText(limit)} ${share === undefined ? 'was the limit' : `was at ${percentText(share)}`}.`,
    zh: ({ limit, targetTps, tps, share }) =>
      `目标速率 ${rateText(targetTps, 'zh')} 时集群实际达到 ${rateText(tps, 'zh')}：${limitText(limit, 'zh')} ${share === undefined ? '是瓶颈' : `使用率为 ${percentText(share)}`}。`,
    evidence: { achieved: ({ tps }) => figure(tps, 'messages/s', 'journal.ndjson, mean of the settled step') },
    examples: [
      { limit: cpu, targetTps: 8000, tps: 7100, share: 0.97 },
      { limit: { slo: 'consumer-lag', group: 'billing' }, targetTps: 8000, tps: 7100 },
    ],
  }),
  'segments-fill': findingEntry<{ limit: Limit; spared: number }>({
    severity: 'info',
    en: ({ limit, spared }) =>
      `TCP segments on ${limitText(limit)} were not full. Near saturation they queue for the network card and fill up, which saves up to ${percentText(spared)} of the bytes. Saturation includes this gain; the safe maximum does not.`,
    zh: ({ limit, spared }) =>
      `${limitText(limit, 'zh')} 的报文段未装满，排队等待网卡时会装满。饱和点已计入该收益（最多 ${percentText(spared)}），安全上限没有计入。`,
    evidence: {
      'bytes that full segments spare': ({ spared }) =>
        figure(spared, 'ratio', 'frames and bytes of the highest sustained step'),
    },
    examples: [{ limit: networkOut, spared: 0.031 }],
  }),
  'past-limit-from-the-start': findingEntry<{
    resource: Constraint;
    node: string;
    tps: number;
    share: number;
    limit: Cited;
    isShared: boolean;
  }>({
    severity: 'warning',
    en: ({ resource, node, tps, share, limit, isShared }) =>
      `At ${rateText(tps)}, the lowest achieved rate, ${limitText({ resource, node })} was at ${percentText(share)} in its busiest seconds, above the policy limit of ${percentText(limit.value)}, so no rate of this test is safe. ${isShared ? 'The load generator uses these cores, too: run it on another host' : 'If another program uses this resource, such as an unknown load generator, move that program to another host and test again'}.`,
    zh: ({ resource, node, tps, share, limit, isShared }) =>
      `在最低的实测速率 ${rateText(tps, 'zh')} 下，${limitText({ resource, node }, 'zh')} 最忙几秒的使用率为 ${percentText(share)}，已超过策略上限 ${percentText(limit.value)}，因此本次测试的所有速率都不安全。${isShared ? '压测端也使用这些 CPU 核：请在其他机器上运行压测端' : '如果有其他负载（例如未知的压测端）占用该资源，请移走后重测'}。`,
    evidence: {
      'p99 of seconds': ({ node, share }) => figure(share, 'ratio', `readings of ${nodeText(node)}`),
      'policy limit': ({ limit }) => figure(limit.value, 'ratio', limit.source),
    },
    examples: [
      { ...cpu, tps: 1000, share: 0.83, limit: { value: 0.7, source: 'policy' }, isShared: false },
      { ...cpu, tps: 1000, share: 0.83, limit: { value: 0.7, source: 'policy' }, isShared: true },
    ],
  }),
  'standing-use': findingEntry<{
    limit: Limit;
    standing: number;
    safe: number;
    unit: string;
    /** Rate at which the same law through the origin reaches the limit; absent if the law has another shape. */
    otherwiseTps?: number;
  }>({
    severity: 'warning',
    en: ({ limit, standing, safe, otherwiseTps }) =>
      `At zero load, the fit of ${limitText(limit)} is already at ${percentText(standing / safe)} of its policy limit: something else uses this resource, such as a load generator on the same host, another service, or code that is still being compiled. The verdict treats this share as used.${otherwiseTps === undefined ? '' : ` Without it, the limit would be reached at ${rateText(otherwiseTps)}.`}`,
    zh: ({ limit, standing, safe, otherwiseTps }) =>
      `无负载时 ${limitText(limit, 'zh')} 的拟合值已占策略上限的 ${percentText(standing / safe)}：有其他程序在使用，例如同机的压测端、其他服务或仍在 JIT 编译的代码。结论将其视为已占用。${otherwiseTps === undefined ? '' : `若没有这部分占用，同一规律会在 ${rateText(otherwiseTps, 'zh')} 达到上限。`}`,
    evidence: {
      'used without load': ({ standing, unit }) => figure(standing, unit, 'law of the sustained steps, without load'),
      safe: ({ safe, unit }) => figure(safe, unit, 'policy limit of the capacity'),
      'limit without it': ({ otherwiseTps }) => figure(otherwiseTps, 'messages/s', 'the same law through the origin'),
    },
    examples: [
      { limit: cpu, standing: 2, safe: 5.6, unit: 'cores', otherwiseTps: 8700 },
      { limit: cpu, standing: 2, safe: 5.6, unit: 'cores' },
    ],
  }),
};
