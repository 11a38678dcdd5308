// Computes the load forecast of a cluster from its metrics, for scheduled jobs.

import { forecastOf } from '../../analyzer/forecast/forecast.ts';
import { startOf } from '../../analyzer/forecast/grid.ts';
import { historyOf, type Reading } from '../../analyzer/forecast/history.ts';
import { timeZone } from '../../analyzer/forecast/local-time.ts';
import type { Promotion } from '../../analyzer/forecast/promotions.ts';
import { refusedLoad, type RefusedLoad } from '../../analyzer/forecast/refusals.ts';
import type { RecordedForecast } from '../../core/documents/history-entry.ts';
import { loadDocument, recordedForecast } from '../../app/planning/forecast-document.ts';

export interface ForecastQuestion {
  kind: 'forecast';
  readings: readonly Reading[];
  timezone: string;
  horizonSeconds: number;
  promotions: readonly Promotion[];
}

export type ForecastAnswer = { kind: 'forecast'; forecast: RecordedForecast } | RefusedLoad;

/** Times without a forecast, such as during a promotion without similar history, have no point. */
export function forecastOfLoad(question: ForecastQuestion): ForecastAnswer {
  const { readings, timezone, horizonSeconds, promotions } = question;
  const reading = historyOf(readings, { statistic: 'max', zone: timeZone(timezone) });
  if (reading.kind === 'refused') return reading;
  const { history } = reading;
  const { grid, first, values } = history;
  const horizon = Math.max(1, Math.ceil((horizonSeconds / 86_400) * grid.stepsPerDay));
  const forecast = forecastOf(history, { horizon, promotions });
  if (forecast.kind === 'refused') return forecast;
  if (Number.isNaN(forecast.peak.value) || forecast.points.every(({ value }) => value === undefined)) {
    return refusedLoad('unknown-promotions', {});
  }
  const endsAt = new Date(startOf(grid, first + values.length + horizon)).toISOString();
  return { kind: 'forecast', forecast: recordedForecast(loadDocument(forecast, history), endsAt) };
}
