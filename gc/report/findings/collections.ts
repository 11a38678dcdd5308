// Judges collector overload: full collections, failed evacuations, allocation stalls and total time lost.

import type { GcCollector } from '../../log/gc-event.ts';
import { shareLimits, regionDefaults } from '../limits.ts';
import { durationText } from '../../../core/text/duration-text.ts';
import { binaryBytesText, countText, percentText, pluralText } from '../../../core/text/quantity-text.ts';
import type { InLanguages } from '../../../core/documents/findings/finding-entry.ts';
import { figure, type FindingRule } from './finding-rule.ts';

type Remedy = InLanguages<string>;

const explicitCollections: Remedy = {
  en: 'Requested explicitly: find the caller',
  zh: '由显式请求触发：请找出调用方',
};

/** Remediation per cause of a full collection; any other cause is shown as it is. */
const remedies: readonly (readonly [RegExp, Remedy])[] = [
  [/System\.gc|Heap Dump|Heap Inspection|Diagnostic Command/, explicitCollections],
  [
    /Metadata/,
    {
      en: 'Classes outgrew their space: raise -XX:MetaspaceSize',
      zh: '类元数据达到触发 GC 的阈值：请增大 -XX:MetaspaceSize',
    },
  ],
  [
    /Humongous/,
    {
      en: 'Large objects found no run of free regions: raise -XX:G1HeapRegionSize so that the largest message is below half a region',
      zh: '大对象找不到连续的空闲 region：请增大 -XX:G1HeapRegionSize，使最大的消息小于半个 region',
    },
  ],
];

/** Serial and Parallel have no concurrent marking to start earlier. */
const markingFlags: Partial<Record<GcCollector, string>> = {
  G1: '-XX:InitiatingHeapOccupancyPercent',
  CMS: '-XX:CMSInitiatingOccupancyFraction',
};

function remedyFor(cause: string, collector: GcCollector | undefined): Remedy {
  const remedy = remedies.find(([pattern]) => pattern.test(cause))?.[1] ?? heapRemedy(collector);
  /** Serial and Parallel stop the JVM with either value of the flag. */
  const canBeConcurrent = collector !== 'Serial' && collector !== 'Parallel';
  if (cause !== 'System.gc()' || !canBeConcurrent) return remedy;
  const flag = '-XX:+ExplicitGCInvokesConcurrent';
  return { en: `${remedy.en}, or add ${flag}`, zh: `${remedy.zh}，或添加 ${flag}` };
}

function heapRemedy(collector: GcCollector | undefined): Remedy {
  const flag = collector && markingFlags[collector];
  return {
    en: `The heap was full before it was collected: raise -Xmx${flag === undefined ? '' : `, or start marking earlier (${flag})`}`,
    zh: `堆在回收前已满：请增大 -Xmx${flag === undefined ? '' : `，或更早开始标记（${flag}）`}`,
  };
}

export const fullCollections: FindingRule = ({ fold: { facts }, figures: { fullGc } }) => {
  if (fullGc.count === 0) return undefined;
  const causes = (unknown: string) =>
    fullGc.byCause.map(({ cause = unknown, count }) => `${countText(count)} × ${cause}`);
  const remediesFound = fullGc.byCause.map(({ cause = '' }) => remedyFor(cause, facts.collector));
  const advice = (language: keyof Remedy) => [...new Set(remediesFound.map((remedy) => remedy[language]))];
  const isExplicit = remediesFound.every(({ en }) => en.startsWith(explicitCollections.en));
  return {
    severity: isExplicit ? 'warning' : 'critical',
    en: `${pluralText(fullGc.count, 'full collection')} stopped the JVM for ${durationText(fullGc.totalSeconds)}: ${causes('cause not logged').join(', ')}. ${advice('en').join('. ')}.`,
    zh: `${countText(fullGc.count)} 次 Full GC 使 JVM 停顿 ${durationText(fullGc.totalSeconds, 'zh')}：${causes('日志未记录原因').join('、')}。${advice('zh').join('。')}。`,
    evidence: [
      figure('full collections', fullGc.count, 'collections'),
      figure('full collections', fullGc.totalSeconds, 'seconds'),
    ],
  };
};

export const evacuationFailures: FindingRule = ({ figures: { evacuationFailures: count } }) =>
  count === 0
    ? undefined
    : {
        severity: 'warning',
        en: `${pluralText(count, 'collection')} had no space for surviving objects (to-space exhausted). Raise -XX:G1ReservePercent or -Xmx, or start marking earlier (-XX:InitiatingHeapOccupancyPercent).`,
        zh: `${countText(count)} 次 GC 没有空间存放存活对象（to-space exhausted）。请增大 -XX:G1ReservePercent 或 -Xmx，或更早开始标记（-XX:InitiatingHeapOccupancyPercent）。`,
        evidence: [figure('evacuation failures', count, 'collections')],
      };

export const allocationStalls: FindingRule = ({ figures: { stalls } }) =>
  stalls && {
    severity: stalls.maxSeconds >= 0.2 ? 'critical' : 'warning',
    en: `Threads waited for heap, ${pluralText(stalls.count, 'time')}, ${durationText(stalls.maxSeconds)} at most: the collector was slower than allocation. Raise -Xmx, or give the collector more threads (-XX:ConcGCThreads).`,
    zh: `线程 ${countText(stalls.count)} 次等待堆内存，最长 ${durationText(stalls.maxSeconds, 'zh')}：回收跟不上分配。请增大 -Xmx，或增加回收线程（-XX:ConcGCThreads）。`,
    evidence: [figure('stalls', stalls.count, 'stalls'), figure('longest stall', stalls.maxSeconds, 'seconds')],
  };

export const timeLost: FindingRule = ({ figures: { throughput, coveredSeconds } }) =>
  throughput === undefined || coveredSeconds === undefined || throughput >= shareLimits.throughput.ratio
    ? undefined
    : {
        severity: 'critical',
        en: `The JVM was paused for ${percentText(1 - throughput)} of the time, ${durationText((1 - throughput) * coveredSeconds)} of ${durationText(coveredSeconds)}: the heap is too small for this load. Raise -Xmx before you measure anything else on this broker.`,
        zh: `JVM 有 ${percentText(1 - throughput)} 的时间停顿（共 ${durationText((1 - throughput) * coveredSeconds, 'zh')}，日志覆盖 ${durationText(coveredSeconds, 'zh')}）：堆相对负载过小。请先增大 -Xmx，再测量该 Broker 的其他指标。`,
        evidence: [
          figure('throughput', throughput, 'ratio'),
          figure('low', shareLimits.throughput.ratio, 'ratio', shareLimits.throughput.source),
        ],
      };

export const humongousObjects: FindingRule = ({ fold: { humongous, facts }, figures: { heap, byType }, broker }) => {
  const byCause = byType.filter(({ cause }) => cause === 'G1 Humongous Allocation');
  const collections = byCause.reduce((sum, { count }) => sum + count, 0);
  const share = heap.maxBytes === undefined ? 0 : humongous.peakBytes / heap.maxBytes;
  if (collections === 0 && share < 0.25) return undefined;
  const known = broker && regionDefaults[broker];
  const regionBytes = facts.regionBytes ?? known?.bytes;
  const half = regionBytes === undefined ? undefined : binaryBytesText(regionBytes / 2);
  const isByScript = facts.regionBytes === undefined;
  const bound =
    half === undefined
      ? { en: 'half a region', zh: '半个 region ' }
      : {
          en: `${half}, half a region${isByScript ? ' by the start script' : ''}`,
          zh: ` ${half}（半个 region${isByScript ? '，按启动脚本' : ''}）`,
        };
  const peak = humongous.peakBytes > 0 ? binaryBytesText(humongous.peakBytes) : undefined;
  return {
    severity: 'warning',
    en: `Objects of at least ${bound.en}, started ${pluralText(collections, 'collection')}${peak === undefined ? '' : ` and took ${peak} of the heap`}. A message or batch of that size takes whole regions: raise -XX:G1HeapRegionSize above twice the largest (Kafka: message.max.bytes, RocketMQ: maxMessageSize), up to 32m.`,
    zh: `不小于${bound.zh}的对象触发了 ${countText(collections)} 次 GC${peak === undefined ? '' : `，最多占用 ${peak} 堆内存`}。这样大的消息或批次会独占整个 region：请把 -XX:G1HeapRegionSize 增大到最大消息（Kafka：message.max.bytes，RocketMQ：maxMessageSize）的两倍以上，最大 32m。`,
    evidence: [
      figure('collections for humongous objects', collections, 'collections'),
      ...(humongous.peakBytes > 0 ? [figure('humongous objects', humongous.peakBytes, 'bytes')] : []),
      ...(facts.regionBytes !== undefined ? [figure('region', facts.regionBytes, 'bytes')] : []),
      ...(facts.regionBytes === undefined && known ? [figure('region', known.bytes, 'bytes', known.source)] : []),
    ],
  };
};
