// Judges collector overload: full collections, failed evacuations, allocation stalls and total time lost.

import type { GcCollector } from '../../log/gc-event.ts';
import { shareLimits, regionDefaults } from '../limits.ts';
import { durationText } from '../../../core/text/duration-text.ts';
import { binaryBytesText, countText, percentText, pluralText } from '../../../core/text/quantity-text.ts';
import { figure, type FindingRule } from './finding-rule.ts';

const explicitCollections = 'Requested explicitly: find the caller';

/** Remediation per cause of a full collection; any other cause is shown as it is. */
const remedies: readonly (readonly [RegExp, string])[] = [
  [/System\.gc|Heap Dump|Heap Inspection|Diagnostic Command/, explicitCollections],
  [/Metadata/, 'Classes outgrew their space: raise -XX:MetaspaceSize'],
  [
    /Humongous/,
    'Large objects found no run of free regions: raise -XX:G1HeapRegionSize so that the largest message is below half a region',
  ],
];

/** Serial and Parallel have nothing to start earlier. */
const markingFlags: Partial<Record<GcCollector, string>> = {
  G1: '-XX:InitiatingHeapOccupancyPercent',
  CMS: '-XX:CMSInitiatingOccupancyFraction',
};

function remedyFor(cause: string, collector: GcCollector | undefined): string {
  const remedy = remedies.find(([pattern]) => pattern.test(cause))?.[1] ?? heapRemedy(collector);
  /** These stop the JVM with either setting of the flag. */
  const canBeConcurrent = collector !== 'Serial' && collector !== 'Parallel';
  return cause === 'System.gc()' && canBeConcurrent ? `${remedy}, or add -XX:+ExplicitGCInvokesConcurrent` : remedy;
}

function heapRemedy(collector: GcCollector | undefined): string {
  const flag = collector && markingFlags[collector];
  return `The heap was full before it was collected: raise -Xmx${flag === undefined ? '' : `, or start marking earlier (${flag})`}`;
}

export const fullCollections: FindingRule = ({ fold: { facts }, figures: { fullGc } }) => {
  if (fullGc.count === 0) return undefined;
  const causes = fullGc.byCause.map(({ cause = 'cause not logged', count }) => `${countText(count)} × ${cause}`);
  const advice = new Set(fullGc.byCause.map(({ cause = '' }) => remedyFor(cause, facts.collector)));
  const isExplicit = [...advice].every((remedy) => remedy.startsWith(explicitCollections));
  return {
    severity: isExplicit ? 'warning' : 'critical',
    message: `${pluralText(fullGc.count, 'full collection')} stopped the JVM for ${durationText(fullGc.totalSeconds)}: ${causes.join(', ')}. ${[...advice].join('. ')}.`,
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
        message: `${pluralText(count, 'collection')} had no space for surviving objects (to-space exhausted). Raise -XX:G1ReservePercent or -Xmx, or start marking earlier (-XX:InitiatingHeapOccupancyPercent).`,
        evidence: [figure('evacuation failures', count, 'collections')],
      };

export const allocationStalls: FindingRule = ({ figures: { stalls } }) =>
  stalls && {
    severity: stalls.maxSeconds >= 0.2 ? 'critical' : 'warning',
    message: `Threads waited for heap, ${pluralText(stalls.count, 'time')}, ${durationText(stalls.maxSeconds)} at most: the collector was slower than allocation. Raise -Xmx, or give it more threads (-XX:ConcGCThreads).`,
    evidence: [figure('stalls', stalls.count, 'stalls'), figure('longest stall', stalls.maxSeconds, 'seconds')],
  };

export const timeLost: FindingRule = ({ figures: { throughput, coveredSeconds } }) =>
  throughput === undefined || coveredSeconds === undefined || throughput >= shareLimits.throughput.ratio
    ? undefined
    : {
        severity: 'critical',
        message: `The JVM was paused for ${percentText(1 - throughput)} of the time, ${durationText((1 - throughput) * coveredSeconds)} of ${durationText(coveredSeconds)}: the heap is too small for this load. Raise -Xmx before you measure anything else of this broker.`,
        evidence: [
          figure('throughput', throughput, 'ratio'),
          { name: 'low', value: shareLimits.throughput.ratio, unit: 'ratio', source: shareLimits.throughput.source },
        ],
      };

export const humongousObjects: FindingRule = ({ fold: { humongous, facts }, figures: { heap, byType }, broker }) => {
  const byCause = byType.filter(({ cause }) => cause === 'G1 Humongous Allocation');
  const collections = byCause.reduce((sum, { count }) => sum + count, 0);
  const share = heap.maxBytes === undefined ? 0 : humongous.peakBytes / heap.maxBytes;
  if (collections === 0 && share < 0.25) return undefined;
  const known = broker && regionDefaults[broker];
  const regionBytes = facts.regionBytes ?? known?.bytes;
  const bound =
    regionBytes === undefined
      ? 'half a region'
      : `${binaryBytesText(regionBytes / 2)}, half a region${facts.regionBytes === undefined ? ' by the start script' : ''}`;
  return {
    severity: 'warning',
    message: `Objects of at least ${bound}, started ${pluralText(collections, 'collection')}${humongous.peakBytes > 0 ? ` and took ${binaryBytesText(humongous.peakBytes)} of the heap` : ''}. A message or batch of that size takes whole regions: raise -XX:G1HeapRegionSize above twice the largest (Kafka: message.max.bytes, RocketMQ: maxMessageSize), up to 32m.`,
    evidence: [
      figure('collections for humongous objects', collections, 'collections'),
      ...(humongous.peakBytes > 0 ? [figure('humongous objects', humongous.peakBytes, 'bytes')] : []),
      ...(facts.regionBytes !== undefined ? [figure('region', facts.regionBytes, 'bytes')] : []),
      ...(facts.regionBytes === undefined && known
        ? [{ name: 'region', value: known.bytes, unit: 'bytes', source: known.source }]
        : []),
    ],
  };
};
