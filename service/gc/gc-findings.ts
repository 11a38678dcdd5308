// Evaluates the pauses and the heap of a followed GC log.

import { muchCollecting } from '../../analyzer/verdict/findings/gc-findings.ts';
import type { BrokerKind } from '../../core/cluster.ts';
import { defined } from '../../core/defined.ts';
import type { Finding } from '../../core/documents/analysis.ts';
import { findingOf } from '../../core/documents/findings/findings.ts';
import { stopBounds, type GcLogReading } from '../../core/documents/evidence/gc-log-reading.ts';
import { shareLimits, stopLimits, type StopLimit } from '../../gc/report/limits.ts';
import { liveSetTrend, longestHorizon } from '../../gc/report/live-set-trend.ts';
import { wholeOf, type GcInterval } from './gc-course.ts';

/** Threshold of eclipse-jifa's diagnosis of GC logs: old generation above 80%. */
const muchOfHeap = 0.8;

/** Returns the shortest stop that triggers a reaction of the broker's peers or clients. */
export function longStopOf(broker: BrokerKind): StopLimit {
  const limits = stopLimits.filter((limit) => limit.broker === broker);
  return limits.toSorted((one, other) => one.seconds - other.seconds)[0] as StopLimit;
}

/** @param points oldest first; none before the second reading */
export function gcFindings(reading: GcLogReading, points: readonly GcInterval[], broker: BrokerKind): Finding[] {
  const whole = wholeOf(points);
  const stops = whole === undefined ? [] : ofStops(whole, points, reading, broker);
  const found = [...stops, ...ofHeap(reading, points), ...ofLog(reading)];
  const isCalm = whole?.pauses !== undefined && found.every(({ severity }) => severity === 'info');
  return isCalm ? [calm(whole), ...found] : found;
}

const shareOf = ({ gcSeconds = 0, fromMs, toMs }: GcInterval) => gcSeconds / Math.max(1, (toMs - fromMs) / 1000);

function ofStops(
  whole: GcInterval,
  points: readonly GcInterval[],
  reading: GcLogReading,
  broker: BrokerKind,
): Finding[] {
  const { fullCollections = 0, longStops = 0, evacuationFailures = 0, stalls = 0, slowSafepoints = 0 } = whole;
  const share = shareOf(whole);
  const { seconds, setting, effect, severity, source } = longStopOf(broker);
  const isLow = share > 1 - shareLimits.throughput.ratio;
  const found: (Finding | false)[] = [
    share > muchCollecting.value && findingOf(isLow ? 'low-throughput' : 'jvm-paused', { share, much: muchCollecting }),
    fullCollections > 0 && findingOf('full-collections', fullFacts(fullCollections, points, reading)),
    longStops > 0 && findingOf('long-stop', { stops: longStops, seconds, setting, effect, severity, source }),
    stalls > 0 && findingOf('allocation-stall', { count: stalls }),
    slowSafepoints > 0 && findingOf('slow-safepoint', { count: slowSafepoints }),
    evacuationFailures > 0 && findingOf('evacuation-failure', { count: evacuationFailures }),
  ];
  return found.filter((each) => each !== false);
}

/** The length is known if the totals, which may count for longer, have no other full collection. */
function fullFacts(count: number, points: readonly GcInterval[], { totals }: GcLogReading) {
  const lastAtMs = points.findLast(({ fullCollections = 0 }) => fullCollections > 0)?.toMs;
  const full = (totals?.pauses ?? []).filter(({ type }) => /\bfull\b/i.test(type)).map(({ histogram }) => histogram);
  const isAll = full.reduce((sum, each) => sum + each.count, 0) === count;
  const seconds = isAll ? full.reduce((sum, each) => sum + each.seconds, 0) : undefined;
  return { count, ...defined({ lastAtMs, seconds }) };
}

function ofHeap({ totals }: GcLogReading, points: readonly GcInterval[]): Finding[] {
  const { liveSetBytes, heapMaxBytes } = totals ?? {};
  if (liveSetBytes === undefined || heapMaxBytes === undefined || liveSetBytes < muchOfHeap * heapMaxBytes) return [];
  const left = Math.max(0, heapMaxBytes - liveSetBytes);
  const trend = riseOf(points, left, totals?.startedAtSeconds);
  if (trend === undefined || left > longestHorizon * trend.perSecond)
    return [findingOf('live-set-large', { liveSetBytes, heapMaxBytes })];
  const { perSecond: bytesPerSecond, low, observedSeconds } = trend;
  const secondsLeft = left / bytesPerSecond;
  const fullAtMs = (points.at(-1)?.toMs ?? 0) + 1000 * secondsLeft;
  const rise = { bytesPerSecond, secondsLeft, mostSecondsLeft: left / low, observedSeconds, fullAtMs };
  return [findingOf('live-set-large', { liveSetBytes, heapMaxBytes, rise })];
}

const hour = 3600;

/**
 * Excludes the first hour of the JVM and the older half of the time, because caches fill after a start. If a leak began later, the trend of
 * a shorter time is significantly steeper; it is extrapolated to at most twice that time, because the live set also rises
 * with the load. A point repeats the last live set until the next collection, so only changes are samples.
 *
 * @returns undefined without a significant rise, or if the last sample is older than an hour: such a heap does not fill
 */
function riseOf(points: readonly GcInterval[], leftBytes: number, startedAtSeconds: number | undefined) {
  const before = points.findLastIndex(
    ({ fromMs, liveSetBytes }) => liveSetBytes === undefined || fromMs < 1000 * (startedAtSeconds ?? 0),
  );
  const known = points
    .slice(before + 1)
    .map(({ toMs, liveSetBytes = 0 }) => ({ at: toMs / 1000, value: liveSetBytes }));
  const [first, last] = [known[0]?.at ?? 0, known.at(-1)?.at ?? 0];
  const from = Math.max((first + last) / 2, (startedAtSeconds ?? first) + hour);
  const samples = known.filter(({ at, value }, index) => at >= from && value !== known[index - 1]?.value);
  if (last - (samples.at(-1)?.at ?? 0) > hour) return undefined;
  let trend = liveSetTrend(samples);
  let observedSeconds = last - first;
  for (let seconds = (last - from) / 2; trend !== undefined; seconds /= 2) {
    const recent = liveSetTrend(samples.filter(({ at }) => at >= last - seconds));
    if (recent === undefined) break;
    if (recent.low <= trend.high || leftBytes >= 2 * seconds * recent.low) continue;
    // What fills the heap within the observed time by a slower trend does so all the more.
    if (leftBytes >= observedSeconds * trend.low) observedSeconds = seconds;
    trend = recent;
  }
  return trend === undefined || trend.low <= 0 ? undefined : { ...trend, observedSeconds };
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
