// Defines the findings about a GC log that the service follows: pauses, heap, and the log itself.

import { durationText, roundedDurationText } from '../../text/duration-text.ts';
import { binaryBytesText, countText, percentText, pluralText } from '../../text/quantity-text.ts';
import type { Cited } from '../../policy/policy.ts';
import { figure, findingEntry, piece, type FindingEntry, type InLanguages } from './finding-entry.ts';

interface PausedShareFacts {
  /** Share of the observed time. */
  share: number;
  much: Cited;
}

interface LongStopFacts {
  stops: number;
  seconds: number;
  /** Broker setting that a longer stop exceeds. */
  setting: string;
  effect: InLanguages<string>;
  severity: 'critical' | 'warning';
  source: string;
}

/** Significant trend of the live set. */
interface LiveSetRise {
  bytesPerSecond: number;
  secondsLeft: number;
  /** Time left at the lower end of the 95% interval. */
  mostSecondsLeft: number;
  observedSeconds: number;
  fullAtMs: number;
}

interface CountFacts {
  count: number;
}

const momentText = (ms: number) => `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

const day = 86_400;

const log = 'GC log';
const much: Cited = { value: 0.05, source: 'Oracle, HotSpot GC Tuning Guide' };

const pausedShare = (severity: 'critical' | 'warning', example: number): FindingEntry<PausedShareFacts> => ({
  severity,
  en: ({ share }) =>
    `The JVM was paused for garbage collection for ${percentText(share)} of the time. The heap is too small for this load, or allocation is too fast: raise -Xmx before you measure anything else on this broker.`,
  zh: ({ share }) =>
    `JVM 有 ${percentText(share)} 的时间因 GC 停顿。堆相对负载过小，或对象分配过快：请先增大 -Xmx，再测量该 Broker 的其他指标。`,
  evidence: {
    'time collecting': ({ share }) => figure(share, 'ratio', log),
    much: ({ much: { value, source } }) => figure(value, 'ratio', source),
  },
  examples: [{ share: example, much }],
});

/** @param name of the evidence; @param unit of its value */
const counted = (
  severity: 'critical' | 'warning' | 'info',
  [name, unit]: readonly [name: string, unit: string],
  text: InLanguages<(count: number) => string>,
): FindingEntry<CountFacts> => ({
  severity,
  en: ({ count }) => text.en(count),
  zh: ({ count }) => text.zh(count),
  evidence: { [name]: ({ count }) => figure(count, unit, log) },
  examples: [{ count: 3 }],
});

export const followedGcFindings = {
  'low-throughput': pausedShare('critical', 0.12),
  'jvm-paused': pausedShare('warning', 0.07),
  'full-collections': findingEntry<CountFacts & { lastAtMs?: number; seconds?: number }>({
    severity: 'critical',
    en: ({ count, lastAtMs, seconds }) =>
      `${pluralText(count, 'full collection')} stopped the JVM${seconds === undefined ? '' : ` for ${durationText(seconds)}`}${lastAtMs === undefined ? '' : `, ${count === 1 ? '' : 'last '}about ${momentText(lastAtMs)}`}. \`plimsoll gc\` on the GC log shows the causes and which flag to change.`,
    zh: ({ count, lastAtMs, seconds }) =>
      `${countText(count)} 次 Full GC 使 JVM 停顿${seconds === undefined ? '' : ` ${durationText(seconds, 'zh')}`}${lastAtMs === undefined ? '' : `（${count === 1 ? '' : '最近一次'}约在 ${momentText(lastAtMs)}）`}。用 \`plimsoll gc\` 分析该日志，可查看各原因对应的调整参数。`,
    evidence: { 'full collections': ({ count }) => figure(count, 'collections', log) },
    examples: [{ count: 3 }, { count: 1, seconds: 3.2, lastAtMs: Date.UTC(2026, 10, 10, 11) }],
  }),
  'long-stop': findingEntry<LongStopFacts>({
    severity: ({ severity }) => severity,
    en: ({ stops, seconds, setting, effect }) =>
      `${pluralText(stops, 'pause')} took longer than ${durationText(seconds)} (default of ${setting}): ${effect.en}.`,
    zh: ({ stops, seconds, setting, effect }) =>
      `${countText(stops)} 次停顿超过 ${durationText(seconds, 'zh')}（${setting} 的默认值）：${effect.zh}。`,
    evidence: (facts) => [
      piece('long stops', facts.stops, 'stops', log),
      piece(facts.setting, facts.seconds, 'seconds', facts.source),
    ],
    examples: [
      {
        stops: 2,
        seconds: 9,
        setting: 'broker.session.timeout.ms',
        effect: { en: 'the controller elects other leaders', zh: 'Controller 会重新选举 Leader' },
        severity: 'critical',
        source: 'apache/kafka, KRaftConfigs',
      },
    ],
  }),
  'allocation-stall': counted('warning', ['stalls', 'stalls'], {
    en: (count) =>
      `Threads waited for heap, ${pluralText(count, 'time')}: the collector was slower than allocation. Raise -Xmx, or give the collector more threads (-XX:ConcGCThreads).`,
    zh: (count) =>
      `线程 ${countText(count)} 次等待堆内存：回收跟不上分配。请增大 -Xmx，或增加回收线程（-XX:ConcGCThreads）。`,
  }),
  'slow-safepoint': counted('warning', ['slow safepoints', 'stops'], {
    en: (count) =>
      `Threads took longer than ${durationText(0.1)} to stop, ${pluralText(count, 'time')}: this is not GC. Usual causes are a thread blocked on a page of a mapped file (disk I/O, iowait), a long counted loop, and swap.`,
    zh: (count) =>
      `线程 ${countText(count)} 次超过 ${durationText(0.1, 'zh')} 才停下，这不是 GC 造成的。常见原因：线程阻塞在内存映射文件的缺页（磁盘 I/O、iowait）、过长的计数循环、swap。`,
  }),
  'evacuation-failure': counted('warning', ['evacuation failures', 'collections'], {
    en: (count) =>
      `${pluralText(count, 'collection')} found no space for surviving objects. Raise -XX:G1ReservePercent or -Xmx, or start marking earlier (-XX:InitiatingHeapOccupancyPercent).`,
    zh: (count) =>
      `${countText(count)} 次 GC 没有空间存放存活对象。请增大 -XX:G1ReservePercent 或 -Xmx，或更早开始标记（-XX:InitiatingHeapOccupancyPercent）。`,
  }),
  'live-set-large': findingEntry<{ liveSetBytes: number; heapMaxBytes: number; rise?: LiveSetRise }>({
    // A shorter time was observed while caches fill, which ends before the heap is full.
    severity: ({ rise }) =>
      rise !== undefined && rise.mostSecondsLeft < Math.min(day, rise.observedSeconds) ? 'critical' : 'warning',
    en: ({ liveSetBytes, heapMaxBytes, rise }) =>
      `${percentText(liveSetBytes / heapMaxBytes)} of the heap (${binaryBytesText(heapMaxBytes)}) stays in use after a collection of the old generation${rise === undefined ? ': the collector has little free heap. Raise -Xmx, or look for a leak if this share keeps rising.' : `, and this rises by ${binaryBytesText(3600 * rise.bytesPerSecond)}/h: the heap is full in about ${roundedDurationText(rise.secondsLeft)} (${momentText(rise.fullAtMs)}). Before that, restart the broker, with a larger -Xmx if possible, but only while the other brokers can carry its load (headroom at N-1); otherwise reduce the load or add a broker first. Then look for a leak.`}`,
    zh: ({ liveSetBytes, heapMaxBytes, rise }) =>
      `最近一次老年代回收后，堆（${binaryBytesText(heapMaxBytes)}）仍有 ${percentText(liveSetBytes / heapMaxBytes)} 被占用，${rise === undefined ? '回收余地很小。如占用持续上升，请先排查内存泄漏，否则增大 -Xmx。' : `且每小时增加 ${binaryBytesText(3600 * rise.bytesPerSecond)}：约 ${roundedDurationText(rise.secondsLeft, 'zh')}后（${momentText(rise.fullAtMs)}）堆将占满。请在此之前重启该 Broker（如可能，同时增大 -Xmx），但仅当其余 Broker 能承接其负载（N-1 余量为正）时才可重启，否则先降低负载或增加 Broker。然后排查内存泄漏。`}`,
    evidence: { 'live set': ({ liveSetBytes }) => figure(liveSetBytes, 'bytes', log) },
    examples: [
      { liveSetBytes: 0.9 * 2 ** 30, heapMaxBytes: 2 ** 30 },
      {
        liveSetBytes: 3.4 * 2 ** 30,
        heapMaxBytes: 4 * 2 ** 30,
        rise: {
          bytesPerSecond: 30_000,
          secondsLeft: 21_475,
          mostSecondsLeft: 23_000,
          observedSeconds: day,
          fullAtMs: Date.UTC(2026, 10, 10, 18),
        },
      },
    ],
  }),
  'log-unread': findingEntry<{ trouble: string }>({
    severity: 'warning',
    en: ({ trouble }) => `The log could not be read: ${trouble}.`,
    zh: ({ trouble }) => `无法读取该日志，错误信息：“${trouble}”。`,
    examples: [{ trouble: 'permission denied' }],
  }),
  'log-stalled': findingEntry<Record<string, never>>({
    severity: 'warning',
    en: () =>
      'The process runs, but its log is missing, belongs to an earlier process, or was not written to for an hour.',
    zh: () => '进程在运行，但其日志不存在、属于之前的进程，或已一小时没有写入。',
    examples: [{}],
  }),
  'unparsed-lines': counted('info', ['unparsed', 'lines'], {
    en: (count) => `${pluralText(count, 'line')} of the log could not be parsed since it was first followed.`,
    zh: (count) => `自开始跟踪以来，该日志有 ${countText(count)} 行无法解析。`,
  }),
  'gc-not-the-cause': findingEntry<{ pauses: number; longestSeconds?: number; share: number }>({
    severity: 'info',
    en: ({ pauses, longestSeconds, share }) =>
      `Garbage collection does not limit the broker: ${pluralText(pauses, 'pause')}${longestSeconds === undefined ? '' : `, none longer than ${durationText(longestSeconds)}`}, ${percentText(share)} of the time.`,
    zh: ({ pauses, longestSeconds, share }) =>
      `GC 不是该 Broker 的瓶颈：停顿 ${countText(pauses)} 次${longestSeconds === undefined ? '' : `，均不超过 ${durationText(longestSeconds, 'zh')}`}，占 ${percentText(share)} 的时间。`,
    evidence: { 'time collecting': ({ share }) => figure(share, 'ratio', log) },
    examples: [{ pauses: 200, longestSeconds: 0.1, share: 0.003 }],
  }),
};
