// Builds the certificate of a search from its trials: bounds, failed criteria and confidence.

import type { SearchCertificate } from '../../core/documents/search-certificate.ts';
import { defined } from '../../core/defined.ts';
import type { MessagesPerSecond } from '../../core/units.ts';
import type { Conclusion } from './search-course.ts';
import { decidingDuration, type SearchOptions } from './search-options.ts';
import { toSearchTrial, type TrialOutcome, type TrialRecord } from './trial.ts';

type Judged = TrialRecord & { outcome: Exclude<TrialOutcome, { kind: 'excluded' }> };
type Failed = TrialRecord & { outcome: Extract<TrialOutcome, { kind: 'failed' }> };

export function certify(
  options: SearchOptions,
  history: readonly TrialRecord[],
  { because, lower, rejected }: Conclusion,
): SearchCertificate {
  const judged = history.filter(isJudged);
  const deciding = judged.filter(({ trial }) => trial.duration >= decidingDuration(options));
  const upperBounds = [...new Set(rejected)]
    .filter((rate) => lower === undefined || rate > lower)
    .toSorted((a, b) => a - b)
    .map((rate) => upperBound(rate, judged));
  return {
    search: options.kind,
    endedBecause: because,
    ...(lower !== undefined && { lowerBound: lowerBound(lower, deciding) }),
    upperBounds,
    ...(lower !== undefined && { confidence: confidence(lower, upperBounds[0]?.tps, judged, deciding) }),
    trials: history.map(toSearchTrial),
    driveSeconds: history.reduce((sum, { trial }) => sum + trial.duration, 0),
  };
}

function lowerBound(rate: MessagesPerSecond, deciding: readonly Judged[]): SearchCertificate['lowerBound'] {
  const here = deciding.filter(({ trial }) => trial.rate === rate);
  const passed = here.filter(({ outcome }) => outcome.kind === 'passed');
  const achieved = here.map(({ outcome }) => Math.min(outcome.achievedTps, rate)).toSorted((a, b) => a - b);
  return {
    tps: rate,
    conditionalTps: achieved[Math.floor((achieved.length - 1) / 2)] ?? rate,
    passed: passed.length,
    failed: here.length - passed.length,
    durationSeconds: Math.max(...passed.map(({ trial }) => trial.duration)),
  };
}

/** Finds the criterion that failed most often at this rate, with its worst trial. */
function upperBound(rate: MessagesPerSecond, judged: readonly Judged[]): SearchCertificate['upperBounds'][number] {
  const here = judged.filter(({ trial }) => trial.rate === rate);
  const failed = here.filter(isFailed);
  const times = (criterion: string) => failed.filter(({ outcome }) => outcome.criterion === criterion).length;
  const [first, ...others] = failed;
  if (first === undefined) throw new RangeError(`no trial failed at ${rate} msg/s`);
  const { outcome } = others.reduce((most, record) => {
    const difference = times(record.outcome.criterion) - times(most.outcome.criterion);
    const isWorse = difference === 0 && overshoot(record) > overshoot(most);
    return difference > 0 || isWorse ? record : most;
  }, first);
  const { criterion, violated, measured, limit, unit, full, limitedBy, detail } = outcome;
  const counts = { failed: failed.length, passed: here.length - failed.length };
  return defined({ tps: rate, criterion, violated, measured, limit, unit, limitedBy, detail, ...counts, full });
}

const overshoot = ({ outcome: { measured, limit } }: Failed) => Math.abs(measured - limit);

/**
 * A trial may fail although its rate is sustainable, with probability f, or pass although it is not, with probability
 * l. Both are estimated from this search: f from all trials at or below the lower bound, l from trials at or above the
 * upper bound, with half a trial added to either side (Jeffreys' prior). An upper bound that failed n times is then
 * wrong with probability f^n, a lower bound that passed m deciding trials with l^m.
 */
function confidence(
  lower: MessagesPerSecond,
  upper: number | undefined,
  judged: readonly Judged[],
  deciding: readonly Judged[],
): SearchCertificate['confidence'] {
  const below = judged.filter(({ trial }) => trial.rate <= lower);
  const spurious = chance(below.filter(isFailed).length, below.length);
  const held = deciding.filter(({ trial, outcome }) => trial.rate === lower && outcome.kind === 'passed').length;
  const atLeastUpper = judged.filter(({ trial }) => upper !== undefined && trial.rate >= upper);
  const lucky = chance(atLeastUpper.filter((record) => !isFailed(record)).length, atLeastUpper.length);
  const failures = judged.filter((record) => record.trial.rate === upper && isFailed(record)).length;
  return {
    lowerBound: 1 - lucky ** held,
    ...(upper !== undefined && { upperBound: 1 - spurious ** failures }),
    spuriousFailureRatio: below.length === 0 ? 0 : below.filter(isFailed).length / below.length,
  };
}

const chance = (times: number, of: number) => (times + 0.5) / (of + 1);
const isJudged = (record: TrialRecord): record is Judged => record.outcome.kind !== 'excluded';
const isFailed = (record: TrialRecord): record is Failed => record.outcome.kind === 'failed';
