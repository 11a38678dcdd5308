// Forecasts daily maxima, and records the forecast as `plimsoll history add` does.

import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { forecastOf } from '../../analyzer/forecast/forecast.ts';
import { historyOf } from '../../analyzer/forecast/history.ts';
import { timeZone } from '../../analyzer/forecast/local-time.ts';
import { readEntries } from '../../app/history/read-documents.ts';
import { loadDocument } from '../../app/planning/forecast-document.ts';
import type { RecordedForecast } from '../../core/documents/history-entry.ts';
import { examplePolicy } from './example-policy.ts';

const [hour, day] = [3_600_000, 86_400_000];
const daysKnown = 70;

/** @param fromMs midnight UTC at the start of the forecast week @param tps mean of the daily maxima, which vary by 2% */
export async function dailyForecast(fromMs: number, tps: number): Promise<RecordedForecast> {
  const readings = Array.from({ length: daysKnown }, (_, index) => ({
    timeMs: fromMs - (daysKnown - index) * day + 20 * hour,
    value: tps * (1 + 0.02 * Math.sin(2.3 * index)),
  }));
  const read = historyOf(readings, { statistic: 'max', zone: timeZone('UTC') });
  if (read.kind === 'refused') throw new Error(read.reason);
  const forecast = forecastOf(read.history, { horizon: 7 });
  if (forecast.kind === 'refused') throw new Error(forecast.reason);
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-daily-'));
  const path = join(folder.path, 'forecast.json');
  await writeFile(path, JSON.stringify(loadDocument(forecast, read.history)));
  const given = { policy: examplePolicy(), signal: new AbortController().signal };
  const [entry] = await readEntries(path, { cluster: 'orders' }, given);
  if (entry?.kind !== 'forecast') throw new Error('no forecast');
  return entry.document;
}
