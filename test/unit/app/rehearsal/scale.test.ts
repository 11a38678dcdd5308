import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scaleOf } from '../../../../app/rehearsal/scale.ts';
import { PromotionHistory } from '../../../../core/documents/rehearsal.ts';
import { runWords } from '../../../support/run-words.ts';

const history = PromotionHistory.parse({
  schemaVersion: 1,
  kind: 'promotion-history',
  promotion: 'Double 11 2025',
  cluster: 'shop',
  source: 'http://prometheus',
  from: '2025-11-10T12:00:00.000Z',
  intervalSeconds: 60,
  // The topics do not peak together: 130 is the highest of both.
  topics: [
    { name: 'orders', rates: [50, 100, 90], groups: [] },
    { name: 'waybills', rates: [50, 10, 40], groups: [] },
  ],
  notes: [],
});
const day = 86_400_000;
const target = { fromMs: Date.UTC(2026, 2, 10), toMs: Date.UTC(2026, 2, 11) };
const ahead = { promotion: 'Double 11 2026', target, nowMs: target.fromMs - 5 * day };
const io = { signal: AbortSignal.timeout(10_000) };

test('a peak is divided by the highest rate of all topics together', async () => {
  expect(await scaleOf(history, { ...ahead, peakTps: 1300 }, io)).toEqual({ factor: 10, basis: 'peak' });
});

test('a given scale is taken as it is', async () => {
  expect(await scaleOf(history, { ...ahead, scale: 0.05 }, io)).toEqual({ factor: 0.05, basis: 'given' });
});

test('a promotion that is over is replayed as it was; one ahead needs a size', async () => {
  expect(await scaleOf(history, { ...ahead, nowMs: target.toMs }, io)).toEqual({ factor: 1, basis: 'as-it-was' });
  await expect(scaleOf(history, ahead, io)).rejects.toThrow('the expected size of Double 11 2026 is missing');
});

test('two sizes are refused', async () => {
  await expect(scaleOf(history, { ...ahead, scale: 2, peakTps: 10 }, io)).rejects.toThrow('one of --forecast');
});

test('the highest value that `plimsoll forecast` has within the promotion is the size', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-scale-'));
  const [rows, file] = [join(folder.path, 'history.csv'), join(folder.path, 'forecast.json')];
  const first = Date.UTC(2026, 0, 5);
  const values = Array.from({ length: 60 }, (_, at) => `${new Date(first + at * day).toISOString()},${100 + at}`);
  await writeFile(rows, ['time,value', ...values].join('\n'));
  await writeFile(file, (await runWords('forecast', rows, '--json')).stdout);
  const { factor, basis } = await scaleOf(history, { ...ahead, forecast: file }, io);
  expect(basis).toBe('forecast');
  // A trend of one a day: 60 days later about 164 on 10 March.
  expect(factor * 130).toBeGreaterThan(150);
  expect(factor * 130).toBeLessThan(180);
  const late = { fromMs: target.fromMs + 400 * day, toMs: target.toMs + 400 * day };
  await expect(scaleOf(history, { ...ahead, target: late, forecast: file }, io)).rejects.toThrow(
    'no value for the time',
  );
});
