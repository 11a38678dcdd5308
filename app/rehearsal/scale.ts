// Scales a recorded promotion to the forecast of the next one.

import type { PromotionHistory, RehearsalDocument } from '../../core/documents/rehearsal.ts';
import { ForecastDocument } from '../../core/documents/forecast.ts';
import { AppError } from '../../core/errors.ts';
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

/** @throws AppError usage where the load ahead is unknown; report-unreadable for a file that is no forecast */
export async function scaleOf(
  { topics }: PromotionHistory,
  request: ScaleRequest,
  io: { signal: AbortSignal },
): Promise<RehearsalDocument['scale']> {
  const { scale, peakTps, forecast, target, nowMs, promotion } = request;
  const given = [scale, peakTps, forecast].filter((each) => each !== undefined).length;
  if (given > 1) throw new AppError('usage', 'give one of --forecast, --peak and --scale');
  const peak = Math.max(
    ...(topics[0]?.rates ?? []).map((_, at) => topics.reduce((sum, { rates }) => sum + (rates[at] ?? 0), 0)),
  );
  if (scale !== undefined) return { factor: scale, basis: 'given' };
  if (peakTps !== undefined) return { factor: peakTps / peak, basis: 'peak' };
  if (forecast !== undefined) return { factor: (await forecastPeak(forecast, request, io)) / peak, basis: 'forecast' };
  // It is replayed itself.
  if (target === undefined || target.toMs <= nowMs) return { factor: 1, basis: 'as-it-was' };
  throw new AppError('usage', `the expected size of ${promotion} is missing`, {
    hint: 'give --forecast FILE (of `plimsoll forecast --json`), --peak RATE, or --scale 1 for the size of the last one',
  });
}

async function forecastPeak(
  path: string,
  { target, promotion }: ScaleRequest,
  io: { signal: AbortSignal },
): Promise<number> {
  const { data: document } = await readDocument(path, ForecastDocument, io);
  if (document.kind !== 'forecast') throw new AppError('usage', `${path} has no forecast of a load`);
  const stepMs = document.step === 'hour' ? 3_600_000 : 86_400_000;
  const values = document.points.flatMap(({ time, value }) => {
    const ms = Date.parse(time);
    const isWithin = target === undefined || (ms + stepMs > target.fromMs && ms < target.toMs);
    return value !== undefined && isWithin ? [value] : [];
  });
  const most = Math.max(0, ...values);
  if (most > 0) return most;
  throw new AppError('usage', `${path} has no value for the time of ${promotion}`, {
    hint: 'forecast further ahead with --horizon; for a promotion without history, give --peak or --scale',
  });
}
