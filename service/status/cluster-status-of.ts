// Computes the state of one cluster from history, last reading, config and time.

import { coversHorizon, reachesAt } from '../../analyzer/forecast/event/expected-course.ts';
import type { BrokerKind } from '../../core/cluster.ts';
import type { Acknowledgement } from '../../core/documents/acknowledgement.ts';
import type { ClusterStatus, ClusterState, LoadState } from '../../core/documents/cluster-status.ts';
import type { ClusterTrends, RateTrend } from '../readings/rate-trend.ts';
import { driftedSettings } from '../clusters/live-settings.ts';
import { forecastPeak, type KnownForecast } from './forecast-ahead.ts';
import { headroomOf, safeRateOf, type SafeRate } from './safe-rate.ts';
import { verdictInForce, type KnownVerdict } from './verdict-in-force.ts';
import { defined } from '../../core/defined.ts';

/** State of a cluster recorded in the history. */
export interface KnownCluster {
  verdicts: readonly KnownVerdict[];
  forecast?: KnownForecast;
  /** Set by operators; may have ended. */
  acknowledged?: readonly Acknowledgement[];
  trust: { graded: number; held: number; bias?: number };
}

/** State of a cluster from its last readings. */
export interface LiveCluster {
  /** Absent until the first reading. */
  brokers?: { answering: number; expected: number };
  /** Expected parts that do not respond. */
  missing?: NonNullable<ClusterStatus['missing']>;
  /** Set if the last reading found no broker. */
  isDown?: boolean;
  /** The last known rates; absent after two readings without rates. */
  traffic?: { produceTps: number; consumeTps?: number; at: Date; source: string; isOld?: true };
  /** When rates were last known; absent if never. */
  rateAt?: Date;
  /** Trend of the produced rate; absent while it neither rises nor falls. */
  trend?: RateTrend;
  /** Groups with growing lag, the worst first. */
  laggingGroups?: NonNullable<ClusterTrends['laggingGroups']>;
  /** By the setting names of a verdict's fingerprint; empty if no settings were read. */
  settings: Readonly<Record<string, string>>;
}

interface Thresholds {
  /** Share of the safe maximum. */
  near: number;
  verdictLasts: number;
  readingLasts: number;
}

export interface StatusInputs {
  about: { cluster: string; broker: BrokerKind; domains: readonly string[] };
  known: KnownCluster;
  live: LiveCluster;
  thresholds: Thresholds;
  now: Date;
}

export function clusterStatusOf({ about, known, live, thresholds, now }: StatusInputs): ClusterStatus {
  const nowMs = now.getTime();
  const verdict = verdictInForce(known.verdicts, { nowMs, lastsSeconds: thresholds.verdictLasts });
  const safe = verdict && safeRateOf(verdict.safeMaxTps);
  const traffic = live.traffic;
  const isFresh = traffic !== undefined && nowMs - traffic.at.getTime() <= thresholds.readingLasts * 1000;
  const rateAt = traffic?.at ?? live.rateAt;
  const rate = isFresh ? traffic.produceTps : undefined;
  const loadState = loadStateOf(safe, rate, thresholds.near);
  const headroom = safe === undefined || rate === undefined ? undefined : headroomOf(rate, safe.low);
  const drifted = verdict === undefined ? [] : driftedSettings(verdict.fingerprint ?? {}, live.settings);
  const ageSeconds = verdict === undefined ? 0 : Math.max(0, (nowMs - verdict.measuredAtMs) / 1000);
  const isStale = verdict !== undefined && (ageSeconds > thresholds.verdictLasts || drifted.length > 0);
  const worst = worstLoss(verdict);
  const headroomAfter = (loss: { tps: number }) =>
    defined({ headroom: rate === undefined ? undefined : headroomOf(rate, loss.tps) });
  const lost = lossOfMissing(verdict, live.missing);
  const peak = known.forecast && forecastPeak(known.forecast, nowMs);
  const reachedMs = known.forecast && safe && peak && reachesAt(known.forecast.forecast, safe.low, nowMs);
  const isUnknown = reachedMs === nowMs && safe?.isMaximum === false;
  const toLimit = reachedMs === undefined || isUnknown ? undefined : (reachedMs - nowMs) / 1000;
  return {
    cluster: about.cluster,
    broker: about.broker,
    domains: [...about.domains],
    state: lossOf(live) ?? stateOf(loadState, isStale),
    ...defined({
      loadState,
      brokers: live.brokers?.answering,
      brokersExpected: live.brokers?.expected,
      missing: filled(live.missing),
      safeMaxTps: verdict?.safeMaxTps,
      verdict: verdict && {
        entry: verdict.entry,
        at: new Date(verdict.measuredAtMs).toISOString(),
        // Rounded, so that responses within one second are equal.
        ageSeconds: Math.round(ageSeconds),
        kind: verdict.kind,
        drifted,
      },
      binding: verdict?.binding,
      now: isFresh ? nowOf(traffic) : undefined,
      noDataSince: isFresh ? undefined : rateAt?.toISOString(),
      headroom,
      answering: lost && { tps: lost.tps, ...headroomAfter(lost) },
      withoutOne: worst && { ...worst, ...headroomAfter(worst) },
      forecast: known.forecast &&
        peak && {
          entry: known.forecast.entry,
          peak,
          ...(!coversHorizon(known.forecast.forecast, nowMs) && { isIncomplete: true as const }),
          ...defined({ secondsToLimit: toLimit }),
        },
      trend: rate === undefined ? undefined : live.trend && trendTo(limitAhead(safe, rate), rate, live.trend),
      laggingGroups: live.laggingGroups && [...live.laggingGroups],
      acknowledged: filled(known.acknowledged?.filter(({ until }) => Date.parse(until) > nowMs)),
      trust: known.trust.graded > 0 ? { ...known.trust } : undefined,
    }),
  };
}

const filled = <Each>(list: readonly Each[] = []): Each[] | undefined => (list.length === 0 ? undefined : [...list]);

/** Above the highest observed rate, the distance to the limit is unknown. */
const limitAhead = (safe: SafeRate | undefined, rate: number): number | undefined =>
  safe?.isMaximum === false && rate >= safe.low ? undefined : safe?.low;

/** Six times the time span of the readings in a trend: predictions beyond that are unknown. */
const longestAheadSeconds = 3 * 3600;

function trendTo(limit: number | undefined, rate: number, trend: RateTrend): NonNullable<ClusterStatus['trend']> {
  const { tpsPerSecond, overSeconds } = trend;
  const seconds = limit === undefined || tpsPerSecond <= 0 ? undefined : Math.max(0, (limit - rate) / tpsPerSecond);
  const isAhead = seconds !== undefined && seconds <= longestAheadSeconds;
  return { tpsPerSecond, overSeconds, ...(isAhead && { secondsToLimit: Math.round(seconds) }) };
}

function lossOf({ isDown, missing = [] }: LiveCluster): 'down' | 'degraded' | undefined {
  if (isDown) return 'down';
  return missing.length > 0 ? 'degraded' : undefined;
}

function loadStateOf(safe: SafeRate | undefined, rate: number | undefined, near: number): LoadState | undefined {
  if (safe === undefined || rate === undefined) return undefined;
  if (rate > safe.low && safe.isMaximum) return 'over';
  // Above the highest observed rate, the distance to the limit is unknown.
  return rate > (safe.isMaximum ? near : 1) * safe.low ? 'near' : 'ok';
}

function stateOf(loadState: LoadState | undefined, isStale: boolean): ClusterState {
  if (isStale && (loadState === undefined || loadState === 'ok')) return 'stale';
  return loadState ?? 'unknown';
}

function nowOf({ produceTps, consumeTps, at, source, isOld }: NonNullable<LiveCluster['traffic']>) {
  return { produceTps, ...defined({ consumeTps }), at: at.toISOString(), source, ...defined({ isOld }) };
}

/** @returns the prediction for the loss of exactly the brokers that do not answer */
function lossOfMissing(verdict: KnownVerdict | undefined, missing: LiveCluster['missing'] = []) {
  const ids = new Set(missing.flatMap(({ part, id }) => (part === 'broker' ? [id] : [])));
  return verdict?.withoutOne?.find(({ lost, id }) => {
    // Brokers of one host are lost together.
    const own = id.split(', ');
    return lost === 'broker' && own.length === ids.size && own.every((each) => ids.has(each));
  });
}

function worstLoss(
  verdict: KnownVerdict | undefined,
): { lost: 'broker' | 'zone'; id: string; tps: number } | undefined {
  const { withoutOne = [], withoutOneUnknown = [] } = verdict ?? {};
  // The loss of a zone needs a different plan: brokers take precedence, zones apply only if nothing is known of
  // brokers.
  const kind = [...withoutOne, ...withoutOneUnknown].some(({ lost }) => lost === 'broker') ? 'broker' : 'zone';
  // An unknown loss may leave less than the worst of the known ones.
  if (withoutOneUnknown.some(({ lost }) => lost === kind)) return undefined;
  const [worst] = withoutOne.filter(({ lost }) => lost === kind).toSorted((a, b) => a.tps - b.tps);
  return worst && { lost: worst.lost, id: worst.id, tps: worst.tps };
}
