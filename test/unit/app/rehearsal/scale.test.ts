import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { interruptionOf, proofCommand } from '../../../../app/rehearsal/run-rehearsal.ts';
import { scaleOf } from '../../../../app/rehearsal/scale.ts';
import { LoadDocument } from '../../../../core/documents/forecast.ts';
import { PromotionHistory } from '../../../../core/documents/rehearsal.ts';
import { faultOf } from '../../../../loadgen/execute/run.ts';
import { runInMemory } from '../../../support/run-in-memory.ts';
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

test('divides a peak by the highest rate of all topics together', async () => {
  expect(await scaleOf(history, { ...ahead, peakTps: 1300 }, io)).toEqual({ factor: 10, basis: 'peak' });
});

test('uses a given scale unchanged', async () => {
  expect(await scaleOf(history, { ...ahead, scale: 0.05 }, io)).toEqual({ factor: 0.05, basis: 'given' });
});

test('replays a past promotion at its original size; a future one needs an expected size', async () => {
  expect(await scaleOf(history, { ...ahead, nowMs: target.toMs }, io)).toEqual({ factor: 1, basis: 'as-it-was' });
  await expect(scaleOf(history, ahead, io)).rejects.toThrow('the expected size of Double 11 2026 is missing');
});

test('rejects two sizes', async () => {
  await expect(scaleOf(history, { ...ahead, scale: 2, peakTps: 10 }, io)).rejects.toThrow('one of --forecast');
});

/** Forecasts from 60 days to 5 March that grow by one a day; the sale of 10 February had 1.5 times as much. */
async function forecastTo(folder: string, ...words: string[]) {
  const [rows, calendar] = [join(folder, 'history.csv'), join(folder, 'promotions.yaml')];
  const path = join(folder, 'forecast.json');
  const first = Date.UTC(2026, 0, 5);
  const values = Array.from(
    { length: 60 },
    (_, at) => `${new Date(first + at * day).toISOString()},${(100 + at) * (at === 36 ? 1.5 : 1)}`,
  );
  await writeFile(rows, ['time,value', ...values].join('\n'));
  const sales = ['2026-02-10', '2026-03-10'].map((on) => ({ name: 'sale', on }));
  await writeFile(calendar, JSON.stringify({ promotions: sales }));
  const { stdout } = await runWords('forecast', rows, '--json', '--promotions', calendar, ...words);
  await writeFile(path, stdout);
  return { path, written: LoadDocument.parse(JSON.parse(stdout)) };
}

test('the size is the highest value of `plimsoll forecast` within the promotion', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-scale-'));
  const { path, written } = await forecastTo(folder.path);
  const { factor, basis } = await scaleOf(history, { ...ahead, forecast: path }, io);
  expect(basis).toBe('forecast');
  // A trend of one a day is about 164 on 10 March; the promotion is 1.7 times that,
  // as the sale was compared with the weeks before.
  // A reading covers a day, so the three minutes are averaged.
  const mean = (100 + 110 + 130) / 3;
  expect(factor * mean).toBeGreaterThan(1.6 * 150);
  expect(factor * mean).toBeLessThan(1.8 * 170);
  const twoMinutes = { ...written, history: { ...written.history, spacingSeconds: 120 } };
  await writeFile(path, JSON.stringify(twoMinutes));
  const { factor: ofTwo } = await scaleOf(history, { ...ahead, forecast: path }, io);
  expect(ofTwo / factor).toBeCloseTo(mean / 120, 9);
});

test('the last day of a forecast has 25 hours when clocks are set back', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-scale-'));
  const { path, written } = await forecastTo(folder.path);
  const points = [{ time: '2026-10-24T22:00:00.000Z', value: 200, promotion: 'sale' }];
  await writeFile(path, JSON.stringify({ ...written, timezone: 'Europe/Berlin', points }));
  const inBerlin = { fromMs: Date.UTC(2026, 9, 24, 22), toMs: Date.UTC(2026, 9, 25, 23) };
  const { factor } = await scaleOf(history, { ...ahead, target: inBerlin, forecast: path }, io);
  expect(factor).toBeCloseTo(200 / ((100 + 110 + 130) / 3), 9);
});

test('rejects a forecast of part of the promotion, of usual days, or of means', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-scale-'));
  const { path } = await forecastTo(folder.path);
  const scaledTo = async (fromDay: number, toDay: number, nowMs = ahead.nowMs) =>
    scaleOf(
      history,
      {
        ...ahead,
        nowMs,
        target: { fromMs: target.fromMs + fromDay * day, toMs: target.toMs + toDay * day },
        forecast: path,
      },
      io,
    );
  await expect(scaledTo(400, 400)).rejects.toThrow('no value for all of the time');
  await expect(scaledTo(0, 12)).rejects.toThrow('no value for all of the time');
  await expect(scaledTo(-6, 0)).rejects.toThrow('no value for all of the time');
  expect(await scaledTo(-6, 0, target.fromMs)).toMatchObject({ basis: 'forecast' });
  await expect(scaledTo(-6, 0, target.toMs)).rejects.toThrow('no value for all of the time');
  await expect(scaledTo(1, 1)).rejects.toThrow('no promotion at the time of Double 11 2026');
  await forecastTo(folder.path, '--statistic', 'mean');
  await expect(scaledTo(0, 0)).rejects.toThrow('forecasts means');
});

const held = { peak: 1199.2, confirmation: 600, groups: 0 };
const proof = 'plimsoll run --rate-steps 1200 --step-duration 600s --groups 0';

test('the command for a proof has the config of the rehearsal and its only message size', () => {
  const messageSizes = [{ name: '', value: '1KiB' }];
  expect(proofCommand(held, { configFile: '/tmp/my lab/plimsoll.yaml', captures: [], messageSizes })).toBe(
    `${proof} --config '/tmp/my lab/plimsoll.yaml' --message-size 1KiB`,
  );
  expect(proofCommand(held, { cluster: 'shop', captures: [], messageSizes })).toBe(
    `${proof} --cluster shop --message-size 1KiB`,
  );
});

test('the command for a proof leaves several or captured sizes to the user', () => {
  const left = `${proof}, and --message-size with the mean size of the messages`;
  const captures = [{ name: 'orders', value: 'orders.json' }];
  const messageSizes = ['100B', '1KiB'].map((value, index) => ({ name: `topic-${index}`, value }));
  expect(proofCommand(held, { captures, messageSizes: [] })).toBe(left);
  expect(proofCommand(held, { captures: [], messageSizes })).toBe(left);
});

test('an interrupted rehearsal names its bundle, and no command to continue', async () => {
  const { outcome, directory } = await runInMemory({ flags: { stepDuration: '30s' }, abortAfterSeconds: 1.2 });
  if (outcome instanceof Error) throw outcome;
  const fault = faultOf(outcome);
  if (fault === undefined) throw new Error('not interrupted');
  expect(interruptionOf(fault, outcome)).toMatchObject({
    code: 'aborted',
    message: fault.message,
    hint: `\`plimsoll analyze ${directory}\`; a rehearsal cannot be resumed: run the command again`,
  });
});
