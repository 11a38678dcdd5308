// Parses fields of OpenMessaging Benchmark results: the workload name and the latencies.

import { brokerKinds, type BrokerKind } from '../../../../core/cluster.ts';
import type { Workload } from '../../../../core/documents/run-bundle.ts';
import type { Percentiles } from '../../../../core/documents/analysis.ts';
import { collectDoubts, type Doubt } from './load-test-importer.ts';
import type { Pair } from '../../../../core/text/bilingual.ts';
import { durationText } from '../../../../core/text/duration-text.ts';

// Parses message size and rate from OpenMessaging Benchmark workload names, the only source in early results.

/** `1 topic / 100 partitions / 2 producer / 2 consumer / 1Kb / 700K Rate`, `100-partitions-200K-rate-4-producer`. */
export function readWorkloadName(name: string): { offeredTps?: number; workload: Partial<Workload> } {
  const prefix = name.slice(0, 300);
  const rate = /(\d{1,9}(?:\.\d{1,3})?)([KM]?)[ _-]?rate/i.exec(prefix);
  const size = /(\d{1,9}(?:\.\d{1,3})?) ?(kb|b)(?![a-z])/i.exec(prefix);
  const partitions = /(\d{1,6})[ _-]partitions?/i.exec(prefix);
  const topics = /(\d{1,6})[ _-]topics?/i.exec(prefix);
  const factors: Readonly<Record<string, number>> = { '': 1, K: 1000, M: 1e6 };
  const offeredTps = rate && Number(rate[1]) * (factors[rate[2]?.toUpperCase() ?? ''] ?? 1);
  const messageBytes = size && Math.round(Number(size[1]) * (size[2]?.toLowerCase() === 'kb' ? 1024 : 1));
  return {
    ...(offeredTps && { offeredTps }),
    workload: {
      ...(messageBytes && { messageBytes }),
      ...(partitions &&
        Number(partitions[1]) > 0 && { partitions: Number(partitions[1]) * Math.max(1, Number(topics?.[1] ?? 1)) }),
    },
  };
}

/** Returns a kind only for drivers of supported brokers. */
export function brokerOfDriver(driver: string | undefined): BrokerKind | undefined {
  return brokerKinds.find((kind) => driver?.toLowerCase().includes(kind));
}

/** Upper end of its publish histogram: 60 s, with five significant digits. */
const clampMilliseconds = 60_000;

/** If the median schedule delay is longer, the figures do not apply to the target rate. */
export const lateMilliseconds = 20;

type Series = readonly (number | undefined)[];

type Maxima = Partial<
  Record<'publishLatencyMax' | 'publishDelayLatencyMax' | 'scheduleLatencyMax', Series | undefined>
>;

/** Latencies are in milliseconds, delays in microseconds. */
export function latenciesOf(all: Record<string, unknown>) {
  return {
    delay: percentilesOf(all, 'aggregatedPublishDelayLatency', 1e6),
    latencySeconds: percentilesOf(all, 'aggregatedPublishLatency', 1000),
    endToEndSeconds: percentilesOf(all, 'aggregatedEndToEndLatency', 1000),
  };
}

function percentilesOf(all: Record<string, unknown>, prefix: string, unit: number): Percentiles | undefined {
  const at = (name: string) => number(all[`${prefix}${name}`]);
  const [p50, p99, p999, max] = [at('50pct'), at('99pct'), at('999pct'), at('Max')];
  if (p50 === undefined || p99 === undefined || p999 === undefined || max === undefined || max <= 0) return undefined;
  return { p50: p50 / unit, p99: p99 / unit, p999: p999 / unit, max: max / unit };
}

export const number = (value: unknown) =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;

export const countsFromSend: Pair = [
  'its publish latency counts from the moment a message was really sent',
  '发送延迟从消息实际发出的时刻算起',
];

export function latencyDoubts(
  { publishLatencyMax, publishDelayLatencyMax, scheduleLatencyMax }: Maxima,
  { delay, latencySeconds, endToEndSeconds }: ReturnType<typeof latenciesOf>,
): Doubt[] {
  const { doubts, doubt } = collectDoubts();
  const isClamped = (values: Series | undefined, unit: number) =>
    (values ?? []).filter((value) => value !== undefined && value / unit >= clampMilliseconds).length;
  const clamped =
    isClamped(publishLatencyMax, 1) + isClamped(publishDelayLatencyMax, 1000) + isClamped(scheduleLatencyMax, 1);
  const latest = Math.max(latencySeconds?.max ?? 0, delay?.max ?? 0);
  const source = 'publishLatencyMax, publishDelayLatencyMax';
  if (clamped > 0 || latest * 1000 >= clampMilliseconds) {
    doubts.push({
      flag: 'clamped',
      what: [
        `latencies reach the ${clampMilliseconds / 1000} s at which its histogram ends (60,000.255 ms), in ${clamped} samples: they were longer than that`,
        `${clamped} 个采样的延迟达到其直方图上限 ${clampMilliseconds / 1000} 秒（60,000.255 ms），实际更长`,
      ],
      evidence: [{ name: 'samples at the cap', value: clamped, unit: 'samples', source }],
    });
  }
  if (delay && delay.p50 * 1000 > lateMilliseconds) {
    doubts.push({
      flag: 'client-bound',
      what: [
        `half of the messages were sent more than ${Math.round(delay.p50 * 1000)} ms after they were due: the target rate was not offered in time`,
        `一半消息的发送晚于计划时刻 ${Math.round(delay.p50 * 1000)} ms 以上：未能按时达到目标速率`,
      ],
      evidence: [
        { name: 'publish delay p50', value: delay.p50, unit: 's', source: 'aggregatedPublishDelayLatency50pct' },
      ],
    });
  }
  if (latencySeconds) {
    const [en, zh] = countsFromSend;
    const what: Pair = delay
      ? [
          `${en}; the delay before it is separate (p99 ${durationText(delay.p99)})`,
          `${zh}；发送前的延误单独统计（p99 ${durationText(delay.p99, 'zh')}）`,
        ]
      : [`${en}, and the delay before it is unknown`, `${zh}，发送前的延误未知`];
    doubt('coordinated-omission', what);
  }
  if (endToEndSeconds) {
    const isBelow = latencySeconds !== undefined && endToEndSeconds.p99 < latencySeconds.p99;
    doubt('coarse-latency', [
      `end-to-end latency is of clocks in whole milliseconds, and samples of 0 or less were dropped${isBelow ? '; its p99 is below the p99 of publish latency, which is impossible' : ''}`,
      `端到端延迟由毫秒精度的时钟得出，且丢弃了不大于 0 的采样${isBelow ? '；其 p99 低于发送延迟的 p99，这不可能' : ''}`,
    ]);
  }
  return doubts;
}
