// Scales a recorded promotion to the forecast of the next one.

import { endOfStep, stepLengths } from '../../analyzer/forecast/grid.ts';
import type { PromotionHistory, RehearsalDocument } from '../../core/documents/rehearsal.ts';
import { ForecastDocument } from '../../core/documents/forecast.ts';
import { AppError } from '../../core/errors.ts';
import { mean } from '../../core/statistics/statistics.ts';
import { readDocument } from '../report/read-inputs.ts';
import type { ChosenPromotion } from './choose-promotion.ts';

interface ScaleRequest {
  promotion: string;
  target: ChosenPromotion['target'];
  forecast?: string | undefined;
  peakTps?: number | undefined;
  scale?: number | undefined;
  nowMs: number;
}

/** @throws AppError usage if the expected load is unknown; report-unreadable for a file that is not a forecast */
export async function scaleOf(
  history: PromotionHistory,
  request: ScaleRequest,
  io: { signal: AbortSignal },
): Promise<RehearsalDocument['scale']> {
  const { scale, peakTps, forecast, target, nowMs, promotion } = request;
  const given = [scale, peakTps, forecast].filter((each) => each !== undefined).length;
  if (given > 1) throw new AppError('usage', 'give one of --forecast, --peak and --scale');
  if (scale !== undefined) return { factor: scale, basis: 'given' };
  if (peakTps !== undefined) return { factor: peakTps / highestRate(history), basis: 'peak' };
  if (forecast !== undefined) {
    const ahead = await forecastPeak(forecast, request, io);
    return { factor: ahead.peakTps / highestRate(history, ahead.spacingSeconds), basis: 'forecast' };
  }
  // A past promotion is replayed unscaled.
  if (target === undefined || target.toMs <= nowMs) return { factor: 1, basis: 'as-it-was' };
  throw new AppError('usage', `the expected size of ${promotion} is missing`, {
    hint: 'give --forecast FILE (of `plimsoll forecast --json`), --peak RATE, or --scale 1 for the size of the last one',
  });
}

/** A mean over minutes is higher than one over an hour, so only means of the same length are compared. */
function highestRate({ topics, intervalSeconds }: PromotionHistory, meanSeconds = intervalSeconds): number {
  const totals = (topics[0]?.rates ?? []).map((_, at) => topics.reduce((sum, { rates }) => sum + (rates[at] ?? 0), 0));
  const length = Math.min(totals.length, Math.max(1, Math.round(meanSeconds / intervalSeconds)));
  return Math.max(...totals.slice(length - 1).map((_, at) => mean(totals.slice(at, at + length))));
}

async function forecastPeak(
  path: string,
  { target, promotion, nowMs }: ScaleRequest,
  io: { signal: AbortSignal },
): Promise<{ peakTps: number; spacingSeconds: number }> {
  const { data: document } = await readDocument(path, ForecastDocument, io);
  if (document.kind !== 'forecast') throw new AppError('usage', `${path} has no forecast of a load`);
  const { step, timezone, history, points } = document;
  if (history.statistic === 'mean') {
    throw new AppError('usage', `${path} forecasts means, which hide the peak`, {
      hint: 'forecast without `--statistic mean`',
    });
  }
  const within = points
    .map((point, at) => {
      const fromMs = Date.parse(point.time);
      const next = points[at + 1];
      const toMs = next === undefined ? endOfStep(fromMs, stepLengths[step], timezone) : Date.parse(next.time);
      return { ...point, fromMs, toMs };
    })
    .filter(({ fromMs, toMs }) => target === undefined || (toMs > target.fromMs && fromMs < target.toMs));
  const values = within.flatMap(({ value }) => value ?? []);
  const most = Math.max(0, ...values);
  const isCovered =
    target === undefined ||
    (values.length === within.length &&
      // For a promotion that has begun, only the rest is ahead.
      (within[0]?.fromMs ?? Infinity) <= (target.toMs > nowMs ? Math.max(target.fromMs, nowMs) : target.fromMs) &&
      (within.at(-1)?.toMs ?? -Infinity) >= target.toMs);
  if (!(most > 0) || !isCovered) {
    throw new AppError('usage', `${path} has no value for all of the time of ${promotion}`, {
      hint: 'forecast further ahead with --horizon; for a promotion without history, give --peak or --scale',
    });
  }
  if (target !== undefined && within.every((point) => point.promotion === undefined)) {
    throw new AppError('usage', `${path} has no promotion at the time of ${promotion}`, {
      hint: 'forecast with the promotions, past and ahead: in service.promotions, or --promotions FILE',
    });
  }
  return { peakTps: most, spacingSeconds: history.spacingSeconds };
}
