// Decides whether a cluster can handle its forecast peak, and names the cheapest evidence if its safe maximum is too uncertain.

import type { Analysis, Interval } from '../../../core/documents/analysis.ts';
import type { EvidenceAdvice, EvidenceOption } from '../../../core/documents/evidence-advice.ts';
import type { RecordedForecast } from '../../../core/documents/history-entry.ts';
import type { Policy } from '../../../core/policy/policy.ts';
import { normalQuantile } from '../../../core/statistics/statistics.ts';
import {
  bandReach,
  exactLimit,
  highestChance,
  limitWithin,
  type ExpectedLoad,
} from '../../forecast/event/chance-above.ts';
import { courseOf, coversHorizon, highest, judgedAhead, pointsAhead } from '../../forecast/event/expected-course.ts';
import { safeWindows } from '../../forecast/event/safe-windows.ts';
import { defined } from '../../../core/defined.ts';

/** Safe maximum of the cluster, with all brokers or after a loss. */
export interface SafeRate {
  /** As in the verdict: the lower bound, or the highest sustained rate. */
  tps: number;
  /** Absent if no limit was reached. */
  estimateTps?: number | undefined;
  interval?: Interval | undefined;
}

export interface EvidenceQuestion {
  /** Name in the config. */
  cluster?: string | undefined;
  safe: SafeRate;
  /** The rate during the catch-up after a loss is unknown, without which a report is NO-GO. */
  isCatchUpUnknown?: boolean;
  /** Measurement of the cluster with all brokers: range of the rates, and the verdict. */
  measured: Pick<Analysis, 'testedTps' | 'safeMaxTps'>;
  forecast: Pick<RecordedForecast, 'points' | 'peak' | 'horizonEndsAt'>;
  nowMs: number;
  /** Highest accepted probability that the load exceeds the safe maximum. */
  risk: number;
  /** Broker that limits the cluster, if traffic can be moved to it for a redline. */
  redlineBroker?: string | undefined;
  /** Change freezes. */
  frozen: readonly { fromMs: number; toMs: number }[];
  policy: Policy;
}

const day = 86_400_000;
/** A natural peak must exceed earlier peaks by this factor to be evidence. */
const leastGain = 1.02;
/** Defaults of `plimsoll redline --hold 2m`: growth per step, its minutes, and how close to the limit the last step comes. */
const redline = { growth: 1.05, minutes: 2, reach: 0.98 };
/** Steps of a load test: shares of the estimate, or of the required rate if no limit was reached, and minutes per step. */
const loadTest = { shares: [0.5, 0.7, 0.85, 1], minutes: 3 };

/** @returns undefined if the forecast has no point from now on */
export function decisionOf(question: EvidenceQuestion) {
  const { safe, risk } = question;
  const expected = expectedDemand(question);
  if (expected === undefined) return undefined;
  const { peak, neededTps, judged, ahead, gap = question.isCatchUpUnknown ? 'no-catch-up' : undefined } = expected;
  const { interval, estimateTps } = safe;
  const limit = interval && estimateTps !== undefined ? limitWithin(interval, estimateTps) : exactLimit(safe.tps);
  const probability = highestChance(judged, 1, limit);
  const high = interval && (interval.high ?? Infinity);
  const isBelow = probability <= risk;
  const isAbove = !isBelow && high !== undefined && neededTps >= high;
  const state: EvidenceAdvice['state'] = isAbove ? 'not-enough' : isBelow && gap === undefined ? 'enough' : 'undecided';
  return {
    state,
    ...defined({ gap }),
    peak: { at: new Date(peak.atMs).toISOString(), tps: peak.mid, high: peak.high },
    neededTps,
    probability,
    ...defined({ ceiling: isBelow ? undefined : ceilingBelow(question, neededTps) }),
    // If the known part of the forecast fits, no measurement of the cluster changes the decision.
    options: state === 'undecided' && !isBelow ? optionsOf(question, ahead, neededTps) : [],
  };
}

/**
 * @returns the forecast from now on; undefined after its end. `peak`: the highest judged load. `neededTps`: exceeded by a judged load
 * only with the probability `risk`. `judged`: the points ahead, and the peak of the whole curve. `stepMs`: length of a point
 */
export function expectedDemand({ forecast, nowMs, risk }: Pick<EvidenceQuestion, 'forecast' | 'nowMs' | 'risk'>) {
  const course = courseOf(forecast);
  const ahead = pointsAhead(course, nowMs);
  const judged = judgedAhead(forecast, course, nowMs);
  const [peak, highestPoint] = [highest(judged), highest(ahead)];
  if (peak === undefined || highestPoint === undefined) return undefined;
  const reach = normalQuantile(1 - risk) / bandReach;
  const neededTps = Math.max(...judged.map(({ mid, high }) => mid + Math.max(0, reach * (high - mid))));
  return {
    peak,
    neededTps,
    ahead,
    judged,
    stepMs: course.stepMs,
    ...defined({ gap: gapOf(forecast, nowMs, highestPoint) }),
  };
}
function gapOf(forecast: EvidenceQuestion['forecast'], nowMs: number, peak: ExpectedLoad): EvidenceAdvice['gap'] {
  if (!coversHorizon(forecast, nowMs)) return 'no-forecast';
  const highestPoint = forecast.points.find(({ at }) => Date.parse(at) === peak.atMs);
  const hasInterval = forecast.peak.high !== undefined || highestPoint?.high !== undefined;
  return hasInterval ? undefined : 'no-interval';
}

function optionsOf(question: EvidenceQuestion, ahead: readonly ExpectedLoad[], neededTps: number): EvidenceOption[] {
  const loadTests = ceilingBelow(question, neededTps) === undefined ? [loadTestOf(question, ahead, neededTps)] : [];
  const options = [naturalPeak(question, ahead), redlineOf(question, ahead), ...loadTests];
  return options
    .flatMap((option) => (option === undefined ? [] : [withExpected(option, question, neededTps)]))
    .toSorted((a, b) => Number(b.decides ?? false) - Number(a.decides ?? false) || a.minutes - b.minutes);
}

/** @returns the rate below the required one at which throughput stopped growing, which no load test can exceed */
function ceilingBelow({ measured: { safeMaxTps } }: EvidenceQuestion, neededTps: number): EvidenceAdvice['ceiling'] {
  const ceiling = safeMaxTps.kind === 'at-least' ? safeMaxTps.ceiling : undefined;
  if (ceiling === undefined || ceiling.tps >= neededTps) return undefined;
  return { tps: ceiling.tps, decidedBy: ceiling.decidedBy };
}

/** The highest load of the next 24 hours, if it exceeds the range of the verdict and precedes the peak in question. */
function naturalPeak(
  { measured, nowMs }: EvidenceQuestion,
  ahead: readonly ExpectedLoad[],
): EvidenceOption | undefined {
  const peakMs = highest(ahead)?.atMs ?? 0;
  const tonight = highest(ahead.filter(({ atMs }) => atMs <= nowMs + day && atMs < peakMs));
  const seen = measured.testedTps?.high ?? 0;
  if (tonight === undefined || tonight.mid < leastGain * seen) return undefined;
  const from = new Date(Math.max(nowMs, tonight.atMs)).toISOString();
  return { kind: 'natural-peak', minutes: 0, reachesTps: tonight.mid, from };
}

/** Steps of 5% from the load in the window to the limit of the broker; the last one for the confirmation time. */
function redlineOf(question: EvidenceQuestion, ahead: readonly ExpectedLoad[]): EvidenceOption | undefined {
  const { redlineBroker: broker, policy } = question;
  const estimate = estimateOf(question);
  const load = Math.min(...ahead.map(({ mid }) => mid).filter((mid) => mid > 0));
  if (broker === undefined || estimate === undefined || !Number.isFinite(load)) return undefined;
  const reachesTps = redline.reach * estimate;
  const steps = Math.max(1, Math.ceil(Math.log(reachesTps / load) / Math.log(redline.growth)));
  const minutes = Math.ceil((steps + 1) * redline.minutes + policy.confirmationSeconds.value / 60);
  const command = ['plimsoll redline', ...clusterWords(question), '--broker', broker, '--hold 2m'].join(' ');
  return { kind: 'redline', minutes, reachesTps, broker, command, ...windowOf(question, minutes) };
}

/**
 * A load test adds its rates to production: the forecast load at its start is subtracted from each total. If it exceeds
 * some of them, the steps are shares of what it leaves, because a fit needs all four.
 */
function loadTestOf(
  question: EvidenceQuestion,
  ahead: readonly ExpectedLoad[],
  neededTps: number,
): EvidenceOption | undefined {
  const { shares, minutes: each } = loadTest;
  const reachesTps = estimateOf(question) ?? neededTps;
  const minutes = Math.ceil(shares.length * each + question.policy.confirmationSeconds.value / 60);
  const window = windowOf(question, minutes);
  const startMs = Date.parse(window.from ?? '') || question.nowMs;
  const productionTps = (ahead.findLast(({ atMs }) => atMs <= startMs) ?? ahead[0])?.mid ?? 0;
  const isBelow = productionTps < Math.min(...shares) * reachesTps;
  const rates = shares
    .map((share) => (isBelow ? share * reachesTps - productionTps : share * (reachesTps - productionTps)))
    .map((tps) => Math.round(Number(tps.toPrecision(3))));
  if (rates.some((tps) => tps < 1)) return undefined;
  const words = [...clusterWords(question), '--rate-steps', rates.join(','), '--step-duration 3m'];
  return { kind: 'load-test', minutes, reachesTps, command: ['plimsoll run', ...words].join(' '), ...window };
}

/** Omits a name that would need quotes in a shell. */
const clusterWords = ({ cluster }: EvidenceQuestion) =>
  cluster !== undefined && /^[\w.-]+$/.test(cluster) ? ['--cluster', cluster] : [];

function estimateOf({ measured: { safeMaxTps } }: EvidenceQuestion): number | undefined {
  return 'estimateTps' in safeMaxTps ? safeMaxTps.estimateTps : undefined;
}

/** The first window of this length in which the load stays below the known safe rate. */
function windowOf(
  { safe, forecast, nowMs, risk, frozen }: EvidenceQuestion,
  minutes: number,
): Pick<EvidenceOption, 'from'> {
  const untilMs = Date.parse(forecast.horizonEndsAt);
  const limit = exactLimit(safe.tps);
  const spans = safeWindows({ nowMs, untilMs, forecast, limit, frozen, lastsSeconds: 60 * minutes, risk });
  const first = spans.find(({ state }) => state === 'safe');
  return first === undefined ? {} : { from: first.from };
}

/** Expected interval, assuming that the estimate does not change. */
function withExpected(option: EvidenceOption, question: EvidenceQuestion, neededTps: number): EvidenceOption {
  const { safe, measured } = question;
  const { interval, estimateTps } = safe;
  const estimate = estimateOf(question);
  const { testedTps } = measured;
  if (interval === undefined || estimateTps === undefined || estimate === undefined || testedTps === undefined)
    return option;
  const { low, high } = testedTps;
  const narrower = Math.min(
    1,
    reachOf(estimate, low, Math.max(high, option.reachesTps)) / reachOf(estimate, low, high),
  );
  const side = (end: number) => narrower * Math.abs(estimateTps - end);
  const expected = {
    low: Math.max(0, estimateTps - side(interval.low)),
    high: estimateTps + side(interval.high ?? 2 * estimateTps - interval.low),
  };
  return { ...option, expected, decides: neededTps <= expected.low || neededTps >= expected.high };
}

/**
 * Width of the interval of a line at x over its width in the middle, for rates that are spread evenly from low to high
 * (Draper and Smith, Applied Regression Analysis, 3rd ed., 3.1): √(1 + 12 u²), u in lengths of that range from its middle.
 */
function reachOf(x: number, low: number, high: number): number {
  const range = Math.max(high - low, 0.01 * high);
  return Math.sqrt(1 + 12 * ((x - (low + high) / 2) / range) ** 2);
}
