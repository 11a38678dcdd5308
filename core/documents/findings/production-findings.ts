// Defines the findings of a verdict from production metrics, where traffic replaces steps.

import { chineseName } from '../../text/limit-text.ts';
import { durationText } from '../../text/duration-text.ts';
import { countText, nodeText, percentText, quantityText, rateText } from '../../text/quantity-text.ts';
import { figure, findingEntry, piece } from './finding-entry.ts';

interface Span {
  fromSeconds: number;
  toSeconds: number;
}

interface OfNode {
  resource: string;
  node: string;
}

/** `2026-06-18T10:00` */
const minuteText = (startedAt: string, seconds: number) =>
  new Date(Date.parse(startedAt) + seconds * 1000).toISOString().slice(0, 16);

const startedAt = '2026-06-18T00:00:00Z';
const cpu: OfNode = { resource: 'cpu', node: '1' };

export const productionFindings = {
  'host-unmapped': findingEntry<{ brokers: readonly string[] }>({
    severity: 'warning',
    en: ({ brokers }) =>
      `No host metrics for ${brokers.map((node) => nodeText(node)).join(', ')}, so limits there cannot be detected and no rate is reported as safe. Map the broker to its host under sources.<name>.brokers.`,
    zh: ({ brokers }) =>
      `${brokers.map((each) => nodeText(each, 'zh')).join('、')} 没有主机指标，无法发现其上的瓶颈，因此不给出安全速率。请在 sources.<name>.brokers 下配置 Broker 所在主机。`,
    examples: [{ brokers: ['2'] }],
  }),
  'traffic-ends-early': findingEntry<{
    startedAt: string;
    untilSeconds: number;
    durationSeconds: number;
    brokers: readonly string[];
  }>({
    severity: 'warning',
    en: ({ startedAt: start, untilSeconds, brokers }) =>
      `Cluster figures have been incomplete since ${minuteText(start, untilSeconds)} UTC. The cluster's message rate, or the bytes of a broker, is unknown. The verdict is for the cluster before that time. ${
        brokers.length === 0
          ? 'Check the source.'
          : `Brokers without a rate for all or part of that time: ${brokers.join(', ')}. Check their exporter. If a broker was removed, use a window that begins later.`
      }`,
    zh: ({ startedAt: start, untilSeconds, brokers }) =>
      `自 ${minuteText(start, untilSeconds)} UTC 起集群数据不完整（集群消息速率或某个 Broker 的字节数未知）。结论针对此前的集群。${
        brokers.length === 0
          ? '请检查数据源。'
          : `此后全部或部分时间没有速率的 Broker：${brokers.join('、')}。请检查其 exporter。如有 Broker 已下线，请选用更晚开始的时间窗口。`
      }`,
    evidence: {
      'without a rate': ({ durationSeconds, untilSeconds }) =>
        figure(durationSeconds - untilSeconds, 's', 'end of the window'),
    },
    examples: [
      { startedAt, untilSeconds: 43_200, durationSeconds: 86_400, brokers: ['3'] },
      { startedAt, untilSeconds: 43_200, durationSeconds: 86_400, brokers: [] },
    ],
  }),
  'traffic-too-steady': findingEntry<{ variation: number; leastVariation: number }>({
    severity: 'warning',
    en: ({ variation, leastVariation }) =>
      `Traffic hardly varied: the p95 of its 15-minute means is ${quantityText(variation)} times the p5. A fit needs at least ${leastVariation} times, and sixteen such means. Use a longer window or one with an event, or run a load test.`,
    zh: ({ variation, leastVariation }) =>
      `流量几乎没有变化：每 15 分钟流量的 p95 是 p5 的 ${quantityText(variation)} 倍，而拟合需要至少 16 个 15 分钟时段，且该比值不低于 ${leastVariation} 倍。请选用更长的或包含大促的时间窗口，或运行压测。`,
    evidence: { variation: ({ variation }) => figure(variation, 'ratio', 'p95 over p5 of the blocks') },
    examples: [{ variation: 1.08, leastVariation: 1.25 }],
  }),
  'other-load-with-traffic': findingEntry<OfNode & { level: number; difference: number }>({
    severity: 'warning',
    en: ({ resource, node, level, difference }) =>
      `Per message, ${resource} of ${nodeText(node)} grows ${quantityText(difference / level)} times as much within an hour as it does between levels of traffic over the day: another load follows the same daily pattern, so the cost per message cannot be separated from it.`,
    zh: ({ resource, node, level, difference }) =>
      `${nodeText(node, 'zh')} 的${chineseName(resource)}随小时内流量变化的增幅是各流量水平之间的 ${quantityText(difference / level)} 倍：另有负载遵循相同的日周期，无法分离出每条消息的成本。`,
    evidence: {
      'slope of levels': ({ level }) => figure(level, 'per message/s', 'robust line over all blocks'),
      'slope of changes': ({ difference }) => figure(difference, 'per message/s', 'blocks an hour apart'),
    },
    examples: [{ ...cpu, level: 0.0004, difference: 0.0002 }],
  }),
  'cost-changed-recently': findingEntry<
    OfNode & { factor: number; low: number; high: number; startedAt: string; fromSeconds: number }
  >({
    severity: 'warning',
    en: ({ resource, node, factor, startedAt: start, fromSeconds }) =>
      `Since about ${minuteText(start, fromSeconds)} UTC a message has taken ${quantityText(factor)} times as much ${resource} of ${nodeText(node)} as before. ${
        factor > 1
          ? 'The verdict assumes that this lasts; its interval includes the uncertainty of the short observation.'
          : 'This decrease is possibly temporary: the verdict uses the cost before it, and the upper end of the interval includes the lower cost.'
      }`,
    zh: ({ resource, node, factor, startedAt: start, fromSeconds }) =>
      `大约从 ${minuteText(start, fromSeconds)} UTC 起，每条消息对 ${nodeText(node, 'zh')} 的${chineseName(resource)}的占用变为之前的 ${quantityText(factor)} 倍。${
        factor > 1
          ? '结论假定此情况会持续；由于观测时间短，区间已相应放宽。'
          : '此情况未必持续：结论采用此前的成本，区间上端已计入降低后的成本。'
      }`,
    evidence: {
      factor: ({ factor }) => figure(factor, 'ratio', 'median of the latest blocks over the line of those before'),
      'at least': ({ low }) => figure(low, 'ratio', 'two standard errors below'),
      'at most': ({ high }) => figure(high, 'ratio', 'two standard errors above'),
    },
    examples: [
      { ...cpu, factor: 1.32, low: 1.25, high: 1.39, startedAt, fromSeconds: 82_800 },
      { ...cpu, factor: 0.75, low: 0.7, high: 0.8, startedAt, fromSeconds: 82_800 },
    ],
  }),
  'use-unexplained': findingEntry<OfNode & { share: number; expected: number }>({
    severity: 'warning',
    en: ({ resource, node, share, expected }) =>
      `${resource} of ${nodeText(node)} was at ${percentText(share)} and does not depend on the traffic alone. At the predicted maximum it may be at up to ${percentText(expected)}, so it may be the bottleneck instead. Test up to its limit while no other work runs on its host, in longer steps if its use settles slowly after each change of rate; for a loss, test with the brokers down (\`plimsoll run --degraded BROKERS\`).`,
    zh: ({ resource, node, share, expected }) =>
      `${nodeText(node, 'zh')} 的${chineseName(resource)}使用率为 ${percentText(share)}，并不只取决于流量。在预测的最大值下最高可能达到 ${percentText(expected)}，因此可能先于已列出的瓶颈达到上限。请在其主机没有其他任务时压测到该上限，若每次调整速率后使用率长时间才稳定，请延长台阶；要确认故障后的上限，请停掉相应 Broker 后压测（\`plimsoll run --degraded BROKERS\`）。`,
    evidence: {
      p99: ({ share }) => figure(share, 'ratio', 'highest step or level of traffic'),
      'at the predicted maximum': ({ expected }) =>
        figure(expected, 'ratio', 'p99 and the steepest growth that they allow, with 97.5% confidence'),
    },
    examples: [{ ...cpu, share: 0.62, expected: 0.81 }],
  }),
  'held-in-production': findingEntry<{
    tps: number;
    startedAt: string;
    fromSeconds: number;
    seconds: number;
    confirmation: { value: number; source: string };
  }>({
    severity: 'info',
    en: ({ tps, startedAt: start, fromSeconds, seconds }) =>
      `Production sustained ${rateText(tps)} from ${minuteText(start, fromSeconds)} UTC for ${durationText(seconds)} (within 5%), and nothing exceeded its limit.`,
    zh: ({ tps, startedAt: start, fromSeconds, seconds }) =>
      `生产环境从 ${minuteText(start, fromSeconds)} UTC 起以 ${rateText(tps, 'zh')} 稳定运行了 ${durationText(seconds, 'zh')}（波动 5% 以内），所有资源均未超限。`,
    evidence: {
      rate: ({ tps }) => figure(tps, 'messages/s', 'mean of the highest block within every limit'),
      held: ({ seconds }) => figure(seconds, 's', 'consecutive blocks at 95% of it or more'),
      'confirmation time': ({ confirmation: { value, source } }) => figure(value, 's', source),
    },
    examples: [
      { tps: 5200, startedAt, fromSeconds: 36_000, seconds: 2700, confirmation: { value: 1800, source: 'policy' } },
    ],
  }),
  'message-size-varies': findingEntry<{ referenceBytes: number; lowBytes: number; highBytes: number }>({
    severity: 'warning',
    en: ({ referenceBytes, lowBytes, highBytes }) =>
      `The mean message size varied between ${countText(Math.round(lowBytes))} and ${countText(Math.round(highBytes))} bytes (p5 and p95 of 15-minute means). The verdict is for ${countText(Math.round(referenceBytes))} bytes, as in the upper quarter of the traffic; larger messages reach byte limits at a lower rate.`,
    zh: ({ referenceBytes, lowBytes, highBytes }) =>
      `各时段消息大小为 ${countText(Math.round(lowBytes))} 到 ${countText(Math.round(highBytes))} 字节。结论对应流量最高四分之一时段的 ${countText(Math.round(referenceBytes))} 字节；消息更大时会更早达到带宽上限。`,
    evidence: {
      reference: ({ referenceBytes }) => figure(referenceBytes, 'bytes', 'bytes over messages that brokers took in'),
      p5: ({ lowBytes }) => figure(lowBytes, 'bytes', 'blocks of a quarter of an hour'),
      p95: ({ highBytes }) => figure(highBytes, 'bytes', 'blocks of a quarter of an hour'),
    },
    examples: [{ referenceBytes: 1100, lowBytes: 700, highBytes: 1600 }],
  }),
  'other-load-by-clock': findingEntry<OfNode & { hours: readonly number[]; worst: { hour: number; share: number } }>({
    severity: 'warning',
    en: ({ resource, node, hours, worst: { share } }) =>
      `${resource} of ${nodeText(node)} is ${share > 0 ? 'higher' : 'lower'} by ${percentText(Math.abs(share))} of capacity at ${hourSpans(hours).join(', ')} (UTC) than at other hours with the same traffic: another load runs in these hours. They are excluded, and the verdict is for the other hours; in these hours the limit is reached that much ${share > 0 ? 'sooner' : 'later'}.`,
    zh: ({ resource, node, hours, worst: { share } }) =>
      `在相同流量下，${nodeText(node, 'zh')} 的${chineseName(resource)}在 ${hourSpans(hours, 'zh').join('、')}（UTC）比其他时段${share > 0 ? '高出' : '低'}相当于容量的 ${percentText(Math.abs(share))}：这些时段有其他负载。它们不参与拟合，结论针对其他时段；这些时段会${share > 0 ? '更早' : '更晚'}达到上限。`,
    evidence: {
      off: ({ worst: { share, hour } }) => figure(share, 'ratio', `hour ${hour}, median of its blocks`),
      hours: ({ hours }) => figure(hours.join(' '), 'hour of the day, UTC', 'robust line over all blocks'),
    },
    examples: [
      { ...cpu, hours: [1, 2, 5], worst: { hour: 2, share: 0.18 } },
      { ...cpu, hours: [3], worst: { hour: 3, share: -0.12 } },
    ],
  }),
  'regime-chosen': findingEntry<{
    startedAt: string;
    changes: number;
    chosen: Span;
    isLatest: boolean;
    /** Whether brokers were added or removed within the window. */
    isResized?: boolean;
    variation: number;
    others: readonly (Span & { blocks: number; begins?: 'event' | 'cost-changed' })[];
  }>({
    severity: ({ isLatest, isResized }) => (isLatest && isResized !== true ? 'info' : 'warning'),
    en: ({ startedAt: start, changes, chosen, isLatest }) =>
      `The cluster changed ${changes === 1 ? 'once' : `${changes} times`} in this window. The verdict is for ${minuteText(start, chosen.fromSeconds)} to ${minuteText(start, chosen.toSeconds)} UTC${isLatest ? ', the latest period' : ', the longest healthy period in which traffic varied enough; the current cluster is different'}.`,
    zh: ({ startedAt: start, changes, chosen, isLatest }) =>
      `该时间窗口内集群变更了 ${changes} 次。结论针对 ${minuteText(start, chosen.fromSeconds)} 到 ${minuteText(start, chosen.toSeconds)} UTC，${isLatest ? '即最近的时段' : '即流量变化足够的最长正常时段；当前集群已不同'}。`,
    evidence: ({ startedAt: start, variation, others }) => [
      piece('variation', variation, 'ratio', 'p95 over p5 of the blocks of this time'),
      ...others.map(({ fromSeconds, toSeconds, blocks, begins }) =>
        piece(
          `left out ${minuteText(start, fromSeconds)} UTC`,
          quantityText(blocks),
          'blocks',
          `${durationText(toSeconds - fromSeconds)}${begins === undefined ? '' : `, ${begins === 'cost-changed' ? 'starts where the use per message changed' : 'starts with a restart or another topology'}`}`,
        ),
      ),
    ],
    examples: [
      {
        startedAt,
        changes: 1,
        chosen: { fromSeconds: 43_200, toSeconds: 86_400 },
        isLatest: true,
        variation: 2.1,
        others: [{ fromSeconds: 0, toSeconds: 43_200, blocks: 48 }],
      },
      {
        startedAt,
        changes: 2,
        chosen: { fromSeconds: 0, toSeconds: 43_200 },
        isLatest: false,
        variation: 2.1,
        others: [{ fromSeconds: 43_200, toSeconds: 50_400, blocks: 8, begins: 'cost-changed' }],
      },
    ],
  }),
};

/** Joins consecutive hours to spans: `01 to 03 h`. */
function hourSpans(hours: readonly number[], language: 'en' | 'zh' = 'en'): string[] {
  const two = (hour: number) => String(hour % 24).padStart(2, '0');
  const spans: [number, number][] = [];
  for (const hour of hours) {
    const last = spans.at(-1);
    if (last && last[1] === hour) last[1] = hour + 1;
    else spans.push([hour, hour + 1]);
  }
  return spans.map(([from, to]) =>
    language === 'zh' ? `${two(from)} 至 ${two(to)} 时` : `${two(from)} to ${two(to)} h`,
  );
}
