// Evaluates the pauses and the heap of a followed GC log.

import { muchCollecting } from '../../analyzer/verdict/findings/gc-findings.ts';
import type { BrokerKind } from '../../core/cluster.ts';
import type { Finding } from '../../core/documents/analysis.ts';
import { findingOf } from '../../core/documents/findings/findings.ts';
import { stopBounds, type GcLogReading } from '../../core/documents/evidence/gc-log-reading.ts';
import { shareLimits, stopLimits, type StopLimit } from '../../gc/report/limits.ts';
import type { GcInterval } from './gc-course.ts';

/** Threshold of eclipse-jifa's diagnosis of GC logs: old generation above 80%. */
const muchOfHeap = 0.8;

/** Returns the shortest stop that triggers a reaction of the broker's peers or clients. */
export function longStopOf(broker: BrokerKind): StopLimit {
  const limits = stopLimits.filter((limit) => limit.broker === broker);
  return limits.toSorted((one, other) => one.seconds - other.seconds)[0] as StopLimit;
}

/** @param whole interval over the whole watched time; absent before the second reading */
export function gcFindings(reading: GcLogReading, whole: GcInterval | undefined, broker: BrokerKind): Finding[] {
  const found = [...(whole === undefined ? [] : ofStops(whole, broker)), ...ofHeap(reading), ...ofLog(reading)];
  const isCalm = whole?.pauses !== undefined && found.every(({ severity }) => severity === 'info');
  return isCalm ? [calm(whole), ...found] : found;
}

const shareOf = ({ gcSeconds = 0, fromMs, toMs }: GcInterval) => gcSeconds / Math.max(1, (toMs - fromMs) / 1000);

function ofStops(whole: GcInterval, broker: BrokerKind): Finding[] {
  const { fullCollections = 0, longStops = 0, evacuationFailures = 0, stalls = 0, slowSafepoints = 0 } = whole;
  const share = shareOf(whole);
  const { seconds, setting, effect, severity, source } = longStopOf(broker);
  const isLow = share > 1 - shareLimits.throughput.ratio;
  const found: (Finding | false)[] = [
    share > muchCollecting.value && findingOf(isLow ? 'low-throughput' : 'jvm-paused', { share, much: muchCollecting }),
    fullCollections > 0 && findingOf('full-collections', { count: fullCollections }),
    longStops > 0 && findingOf('long-stop', { stops: longStops, seconds, setting, effect, severity, source }),
    stalls > 0 && findingOf('allocation-stall', { count: stalls }),
    slowSafepoints > 0 && findingOf('slow-safepoint', { count: slowSafepoints }),
    evacuationFailures > 0 && findingOf('evacuation-failure', { count: evacuationFailures }),
  ];
  return found.filter((each) => each !== false);
}

function ofHeap({ totals }: GcLogReading): Finding[] {
  const { liveSetBytes, heapMaxBytes } = totals ?? {};
  if (liveSetBytes === undefined || heapMaxBytes === undefined || liveSetBytes < muchOfHeap * heapMaxBytes) return [];
  return [findingOf('live-set-large', { liveSetBytes, heapMaxBytes })];
}

function ofLog({ trouble, isStalled, totals }: GcLogReading): Finding[] {
  const unparsed = totals?.unparsedLines ?? 0;
  const found: (Finding | false)[] = [
    trouble !== undefined && findingOf('log-unread', { trouble }),
    isStalled === true && findingOf('log-stalled', {}),
    unparsed > 0 && findingOf('unparsed-lines', { count: unparsed }),
  ];
  return found.filter((each) => each !== false);
}

function calm(whole: GcInterval): Finding {
  const { pauses = 0, longestSeconds } = whole;
  const bound = stopBounds.find((each) => each === longestSeconds);
  return findingOf('gc-not-the-cause', {
    pauses,
    share: shareOf(whole),
    ...(bound !== undefined && { longestSeconds: bound }),
  });
}
