import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RecordedForecast } from '../../../../core/documents/history-entry.ts';
import { forecastOfLoad } from '../../../../service/calculation/calculation.ts';
import { ServiceConfig } from '../../../../app/config/service.ts';
import { createRetentionJob } from '../../../../service/history/retention-job.ts';
import { ForecastRefused } from '../../../../service/history/history.ts';
import { openHistory, type SqliteHistory } from '../../../../service/history/sqlite-history.ts';
import { readAnalysis } from '../../../support/analyses.ts';
import { createHandClock } from '../../../support/hand-clock.ts';
import { annotation, operator } from '../../../support/history-entries.ts';
import { madeLoad, madeStart } from '../../../support/made-history.ts';

const day = 86_400;
const io = { signal: new AbortController().signal };
const schedule = { name: 'plimsoll', through: 'schedule' } as const;
const clock = createHandClock();
let folder: string;
let file: string;
let history: SqliteHistory;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-retention-'));
  file = join(folder, 'ledger.sqlite');
  history = openHistory(file, { clock });
});
afterEach(() => {
  history[Symbol.dispose]();
  rmSync(folder, { recursive: true });
});

/** A forecast as the schedule records it: from 90 days of load, hourly, 14 days ahead. */
function recordedForecast(): RecordedForecast {
  const readings = madeLoad('retention', { days: 90 }).map((value, hour) => ({
    timeMs: madeStart + hour * 3_600_000,
    value,
  }));
  const answer = forecastOfLoad({
    kind: 'forecast',
    readings,
    timezone: 'UTC',
    horizonSeconds: 14 * day,
    promotions: [],
  });
  if (answer.kind === 'refused') throw new Error(answer.reason);
  return answer.forecast;
}

/** Grades, as the schedule does every day, the forecast that was in effect when the previous day began. */
function gradeYesterday(): void {
  const startedMs = clock.now().getTime() - day * 1000;
  const [forecast] = history.entries({ kinds: ['forecast'], untilMs: startedMs, limit: 1 });
  if (forecast === undefined) return;
  const grade = {
    of: forecast.id,
    event: 'natural-peak',
    startedAt: new Date(startedMs).toISOString(),
    endedAt: clock.now().toISOString(),
    predicted: { value: 9, unit: 'messages/s' },
    actual: 9,
    held: true,
  } as const;
  history.append({ kind: 'grade', cluster: 'orders', document: grade }, schedule);
}

const retention = (over: object = {}) =>
  createRetentionJob({ history, clock, config: ServiceConfig.parse({ retention: over }) });
const kept = () => [...history.all()].filter(({ kind }) => kind === 'forecast');

test('a cluster stays within its share of the quota for 200 days, and each verdict is kept', async () => {
  const forecast = recordedForecast();
  const verdict = readAnalysis('load-test');
  // The share of one of 100 clusters in the default quota, which hourly forecasts alone would fill in some months.
  const quota = Math.floor(ServiceConfig.parse({}).retention.quota / 100);
  const { run } = retention({ quota: `${quota}B` });
  await run(io);
  for (let hour = 0; hour < 200 * 24; hour++) {
    clock.advance(3600);
    history.append({ kind: 'forecast', cluster: 'orders', document: forecast }, schedule);
    if (hour % 6 === 0) history.append({ kind: 'verdict', cluster: 'orders', document: verdict }, schedule);
    if (clock.now().getUTCHours() === 0) gradeYesterday();
    if (hour % 24 === 0) await run(io);
  }
  await run(io);
  expect(history.usage().entries.get('grade')).toBeGreaterThan(190);
  expect(200 * 24 * JSON.stringify(forecast).length).toBeGreaterThan(quota);
  expect(statSync(file).size).toBeLessThanOrEqual(quota);
  expect(history.usage().entries.get('verdict')).toBe((200 * 24) / 6);
  const ageDays = kept().map(({ at }) => (clock.now().getTime() - Date.parse(at)) / 1000 / day);
  expect(ageDays.filter((age) => age < 1.9).length).toBeGreaterThan(40);
  expect(ageDays.filter((age) => age > 3 && age < 99)).toHaveLength(96);
  expect(ageDays.filter((age) => age > 107).length).toBeGreaterThanOrEqual(12);
  expect(ageDays.filter((age) => age > 107).length).toBeLessThanOrEqual(15);
}, 600_000);

const small: RecordedForecast = {
  horizonEndsAt: '2026-12-01T00:00:00.000Z',
  peak: { tps: 9, low: 8, high: 10, at: '2026-11-30T00:00:00.000Z', confidence: 0.8 },
  points: [{ at: '2026-11-30T00:00:00.000Z', tps: 9 }],
  chosen: 'x'.repeat(2000),
};
const addForecast = (cluster = 'orders') => history.append({ kind: 'forecast', cluster, document: small }, schedule);

test('the newest forecast of each cluster is kept even if space is short', () => {
  const older = addForecast();
  addForecast('quiet');
  clock.advance(150 * day);
  addForecast();
  clock.advance(day);
  const nowMs = clock.now().getTime();
  expect(history.thinnable({ allSinceMs: nowMs, dailySinceMs: nowMs, weekly: false })).toEqual([older.id]);
});

test('near the quota forecasts are deleted first, then refused, while other entries are still recorded', async () => {
  const job = retention({ quota: '1MiB' });
  await job.run(io);
  const fill = () => {
    for (let n = 0; n < 1000; n++) {
      clock.advance(60);
      addForecast();
    }
  };
  expect(fill).toThrow(
    expect.objectContaining({
      code: 'ledger-full',
      message: expect.stringContaining('90%'),
      messageZh: expect.stringContaining('已使用配额的 90%：不再记录预测'),
    }),
  );
  const { id } = history.append(annotation('still there'), operator);
  await job.run(io);
  expect(kept()).toHaveLength(1);
  expect(history.entry(id)?.kind).toBe('change');
  expect(addForecast().kind).toBe('forecast');
  const { usedBytes, quotaBytes = 0 } = history.usage();
  expect(usedBytes).toBeLessThan(quotaBytes / 2);
});

test('alerts are deleted after their retention time, and nothing else is', async () => {
  const alert = { name: 'DiskFull', fingerprint: 'c2f8a1', startsAt: '2026-11-11T12:00:00.000Z' };
  history.append({ kind: 'alert', cluster: 'orders', document: alert }, schedule);
  history.append(annotation('kept'), operator);
  clock.advance(89 * day);
  const job = createRetentionJob({ history, clock, config: ServiceConfig.parse({}) });
  history.append(annotation('of that day'), operator);
  await job.run(io);
  expect(history.entries({ kinds: ['alert'], limit: 10 })).toHaveLength(1);
  clock.advance(1.5 * day);
  await job.run(io);
  expect(history.entries({ limit: 10 }).map(({ kind }) => kind)).toEqual(['change', 'change']);
});

test('a clock that is years ahead for some hours deletes nothing', async () => {
  const alert = { name: 'DiskFull', fingerprint: 'c2f8a1', startsAt: '2026-11-11T12:00:00.000Z' };
  for (let hour = 0; hour < 100; hour++) {
    history.append({ kind: 'alert', cluster: 'orders', document: { ...alert, fingerprint: String(hour) } }, schedule);
    addForecast();
    clock.advance(3600);
  }
  const { run } = retention();
  await run(io);
  const before = [...history.all()];
  clock.suspend(10 * 365 * day);
  for (let hour = 0; hour < 12; hour++) {
    await run(io);
    history.append(annotation('while the clock is ahead'), operator);
    clock.advance(3600);
  }
  expect([...history.all()].slice(0, before.length)).toEqual(before);
});

test.for([0, 10 * 365 * day])(
  'above the quota as much is deleted with a clock that is %i s ahead as without',
  async (ahead) => {
    const { run } = retention({ quota: '1MiB' });
    await run(io);
    const fill = () => {
      for (let hour = 0; hour < 1000; hour++) {
        clock.advance(3600);
        addForecast();
      }
    };
    expect(fill).toThrow(ForecastRefused);
    const newest = kept().slice(-24);
    clock.suspend(ahead);
    await run(io);
    addForecast();
    await run(io);
    expect(kept().length).toBeGreaterThan(24);
    expect(kept().slice(-25, -1)).toEqual(newest);
  },
);
