// Derives findings from the pauses and the heap of a followed GC log.

import { muchCollecting } from '../../analyzer/verdict/findings/gc-findings.ts';
import type { BrokerKind } from '../../core/cluster.ts';
import type { Evidence, Finding } from '../../core/documents/analysis.ts';
import { stopBounds, type GcLogReading } from '../../core/documents/evidence/gc-log-reading.ts';
import { shareLimits, stopLimits, type StopLimit } from '../../gc/report/limits.ts';
import { durationText } from '../../core/text/duration-text.ts';
import { binaryBytesText, countText, percentText, pluralText } from '../../core/text/quantity-text.ts';
import type { GcInterval } from './gc-course.ts';

/** eclipse-jifa, diagnosis of GC logs: old generation above 80%. */
const muchOfHeap = 0.8;

const evidence = (name: string, value: number, unit: string): Evidence => ({ name, value, unit, source: 'GC log' });

/** The shortest stop that the broker's peers or clients act on. */
export function longStopOf(broker: BrokerKind): StopLimit {
  const limits = stopLimits.filter((limit) => limit.broker === broker);
  return limits.toSorted((one, other) => one.seconds - other.seconds)[0] as StopLimit;
}

/** @param whole of the time it was watched; absent before the second reading */
export function gcFindings(reading: GcLogReading, whole: GcInterval | undefined, broker: BrokerKind): Finding[] {
  const found = [...(whole === undefined ? [] : ofStops(whole, broker)), ...ofHeap(reading), ...ofLog(reading)];
  const isCalm = whole?.pauses !== undefined && found.every(({ severity }) => severity === 'info');
  return isCalm ? [calm(whole), ...found] : found;
}

function ofStops(whole: GcInterval, broker: BrokerKind): Finding[] {
  const {
    gcSeconds,
    fullCollections = 0,
    longStops = 0,
    evacuationFailures = 0,
    stalls = 0,
    slowSafepoints = 0,
  } = whole;
  const seconds = (whole.toMs - whole.fromMs) / 1000;
  const share = gcSeconds === undefined || seconds <= 0 ? 0 : gcSeconds / seconds;
  const most = 1 - shareLimits.throughput.ratio;
  const limit = longStopOf(broker);
  const found: (Finding | false)[] = [
    share > muchCollecting.value && {
      severity: share > most ? 'critical' : 'warning',
      code: share > most ? 'low-throughput' : 'gc-busy',
      message: `The JVM was paused for garbage collection for ${percentText(share)} of the time. The heap is too small for this load, or allocation too fast: raise -Xmx before you measure anything else of this broker.`,
      evidence: [
        evidence('time collecting', share, 'ratio'),
        { name: 'much', value: muchCollecting.value, unit: 'ratio', source: muchCollecting.source },
      ],
    },
    fullCollections > 0 && {
      severity: 'critical',
      code: 'full-gc',
      message: `${pluralText(fullCollections, 'full collection')} stopped the JVM. \`plimsoll gc\` on its log shows which flag to change for their causes.`,
      evidence: [evidence('full collections', fullCollections, 'collections')],
    },
    longStops > 0 && {
      severity: limit.severity,
      code: 'long-stop',
      message: `${pluralText(longStops, 'stop')} took longer than ${durationText(limit.seconds)} (${limit.setting}): ${limit.effect}.`,
      evidence: [
        evidence('long stops', longStops, 'stops'),
        { name: limit.setting, value: limit.seconds, unit: 'seconds', source: limit.source },
      ],
    },
    stalls > 0 && {
      severity: 'warning',
      code: 'allocation-stall',
      message: `Threads waited for heap, ${pluralText(stalls, 'time')}: the collector was slower than allocation. Raise -Xmx, or give it more threads (-XX:ConcGCThreads).`,
      evidence: [evidence('stalls', stalls, 'stalls')],
    },
    slowSafepoints > 0 && {
      severity: 'warning',
      code: 'slow-safepoint',
      message: `Threads took longer than ${durationText(0.1)} to stop, ${pluralText(slowSafepoints, 'time')}: this is not GC. Usual causes are a thread blocked on a page of a mapped file (disk I/O, iowait), a long counted loop, and swap.`,
      evidence: [evidence('slow safepoints', slowSafepoints, 'stops')],
    },
    evacuationFailures > 0 && {
      severity: 'warning',
      code: 'evacuation-failure',
      message: `${pluralText(evacuationFailures, 'collection')} found no room for what survived. Raise -XX:G1ReservePercent or -Xmx, or start marking earlier (-XX:InitiatingHeapOccupancyPercent).`,
      evidence: [evidence('evacuation failures', evacuationFailures, 'collections')],
    },
  ];
  return found.filter((each) => each !== false);
}

function ofHeap({ totals }: GcLogReading): Finding[] {
  const { liveSetBytes, heapMaxBytes } = totals ?? {};
  if (liveSetBytes === undefined || heapMaxBytes === undefined || liveSetBytes < muchOfHeap * heapMaxBytes) return [];
  return [
    {
      severity: 'warning',
      code: 'live-set-large',
      message: `${percentText(liveSetBytes / heapMaxBytes)} of the heap (${binaryBytesText(heapMaxBytes)}) stays after an old collection: the collector has little room. Raise -Xmx.`,
      evidence: [evidence('live set', liveSetBytes, 'bytes')],
    },
  ];
}

function ofLog({ trouble, isStalled, totals }: GcLogReading): Finding[] {
  const unparsed = totals?.unparsedLines ?? 0;
  const found: (Finding | false)[] = [
    trouble !== undefined && {
      severity: 'warning',
      code: 'log-unread',
      message: `The log could not be read: ${trouble}`,
      evidence: [],
    },
    isStalled === true && {
      severity: 'warning',
      code: 'log-stalled',
      message: 'The process lives, and its log is gone, of an earlier process, or was not written to for an hour.',
      evidence: [],
    },
    unparsed > 0 && {
      severity: 'info',
      code: 'unparsed-lines',
      message: `${pluralText(unparsed, 'line')} of the log not understood since it was first followed.`,
      evidence: [evidence('unparsed', unparsed, 'lines')],
    },
  ];
  return found.filter((each) => each !== false);
}

function calm({ pauses = 0, longestSeconds, fromMs, toMs, gcSeconds = 0 }: GcInterval): Finding {
  const share = gcSeconds / Math.max(1, (toMs - fromMs) / 1000);
  const bound = stopBounds.find((each) => each === longestSeconds);
  const longest = bound === undefined ? '' : `, none longer than ${durationText(bound)}`;
  return {
    severity: 'info',
    code: 'gc-calm',
    message: `GC is calm: ${countText(pauses)} pauses${longest}, ${percentText(share)} of the time. It is not what stops the broker.`,
    evidence: [evidence('time collecting', share, 'ratio')],
  };
}
