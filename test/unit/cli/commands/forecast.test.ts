import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ForecastDocument } from '../../../../core/documents/forecast.ts';
import { runWords } from '../../../support/run-words.ts';

async function forecast(load: number | { days: number; saleOn: string }, ...words: string[]) {
  const { days, saleOn } = typeof load === 'number' ? { days: load, saleOn: '' } : load;
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-forecast-'));
  const file = join(folder.path, 'history.csv');
  const rows = Array.from({ length: days }, (_, day) => {
    const time = new Date(Date.UTC(2026, 0, 5 + day)).toISOString();
    const sale = time.slice(0, 10) === saleOn ? 1.5 : 1;
    return `${time},${(day % 7 > 4 ? 60 : 100) * 1.01 ** day * sale}`;
  });
  await writeFile(file, ['time,value', ...rows].join('\n'));
  return await runWords('forecast', file, ...words);
}

test('a limit that is reached too likely exits with 6, and its time is in the document', async () => {
  const { exitCode, stdout } = await forecast(60, '--limit', '180', '--fail-above', '10%', '--json');
  const document = ForecastDocument.parse(JSON.parse(stdout));
  if (document.kind !== 'forecast') throw new Error(document.kind);
  expect([exitCode, document.schemaVersion, document.points.length]).toEqual([6, 1, 14]);
  expect(document.limit?.probability).toBeGreaterThan(0.9);
  expect(document.limit?.reached[0]?.minutes).toBeLessThan(14 * 1440);
});

test('the text has the peak, a chart, and the backtest of each method', async () => {
  const { exitCode, stdout, stderr } = await forecast(60);
  expect([exitCode, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^Highest in the next 14 days: \d+/);
  expect(stdout).toContain('seasonal-regression *');
  expect(stdout.split('\n').filter((line) => /\|.*o/.test(line)).length).toBeGreaterThan(0);
});

test('the text has the time until the limit in days', async () => {
  const { stdout } = await forecast(60, '--limit', '200');
  expect(stdout).toMatch(/% by 2026-\d\d-\d\d \d\d:\d\d, in \d+ days?\n/);
});

test('too little history is unknown, with exit code 3 and one document', async () => {
  const { exitCode, stdout, stderr } = await forecast(30, '--json');
  expect([exitCode, stderr]).toEqual([3, expect.stringContaining('the history has 30 days')]);
  expect(ForecastDocument.parse(JSON.parse(stdout))).toEqual({
    schemaVersion: 1,
    kind: 'unknown',
    reason: expect.any(String),
  });
});

test('the document has the days until a disk is full', async () => {
  const { exitCode, stdout } = await forecast(60, '--capacity', '10kB', '--json');
  expect(exitCode).toBe(0);
  expect(ForecastDocument.parse(JSON.parse(stdout))).toMatchObject({ kind: 'disk', daysToFull: expect.anything() });
});

test('a limit that is not reached in the known time is unknown if a future promotion has no history', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-calendar-'));
  const calendar = join(folder.path, 'promotions.yaml');
  await writeFile(calendar, "promotions: [{ name: opening, on: '2026-03-10' }]\n");
  const words = ['--promotions', calendar, '--limit', '900', '--fail-above', '10%'];
  const { exitCode, stdout, stderr } = await forecast(60, ...words);
  expect(stdout).toMatch(/^Highest in the next 14 days, without times of opening \(not in the history\): /);
  expect([exitCode, stderr]).toEqual([
    3,
    'no answer to --fail-above: no forecast during opening, which the history does not contain\n',
  ]);
  expect((await forecast(60, ...words.slice(2))).exitCode).toBe(0);
  expect((await forecast(60, ...words.slice(0, 4))).exitCode).toBe(0);
  expect((await forecast(60, '--promotions', calendar, '--limit', '180', '--fail-above', '10%')).exitCode).toBe(6);
});

test('--fail-above without --limit is a usage error', async () => {
  expect(await forecast(60, '--fail-above', '10%')).toMatchObject({ exitCode: 2 });
});

test('the forecast uses the promotions of the config', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-promotions-'));
  const config = join(folder.path, 'plimsoll.yaml');
  const times = [
    ['2026-02-10T00:00', '2026-02-11T00:00'],
    ['2026-03-10T00:00', '2026-03-11T00:00'],
  ];
  const promotions = times.map(([from, to]) => ({ name: 'sale', from, to }));
  await writeFile(config, JSON.stringify({ clusters: {}, service: { promotions } }));
  const { exitCode, stdout, stderr } = await forecast(60, '--config', config, '--json');
  const document = ForecastDocument.parse(JSON.parse(stdout));
  if (document.kind !== 'forecast') throw new Error(stderr);
  expect([exitCode, document.promotions]).toEqual([0, [expect.objectContaining({ name: 'sale', events: 1 })]]);
  expect(document.points.some(({ promotion }) => promotion === 'sale')).toBe(true);
});

test.for(['config', 'file'] as const)(
  'the forecast learns from promotions in a %s whose names differ only in the year',
  async (origin) => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-promotions-'));
    const path = join(folder.path, 'promotions.yaml');
    const times = { 'Sale 2025': '2026-02-10', 'Sale 2026': '2026-03-10' };
    const promotions = Object.entries(times).map(([name, on]) =>
      origin === 'file' ? { name, on } : { name, from: `${on}T00:00`, to: `${on}T23:59` },
    );
    await writeFile(
      path,
      JSON.stringify(origin === 'file' ? { promotions } : { clusters: {}, service: { promotions } }),
    );
    const given = [origin === 'file' ? '--promotions' : '--config', path, '--limit', '900', '--fail-above', '10%'];
    const { exitCode, stdout, stderr } = await forecast({ days: 60, saleOn: '2026-02-10' }, ...given, '--json');
    const document = ForecastDocument.parse(JSON.parse(stdout));
    if (document.kind !== 'forecast') throw new Error(stderr);
    // How much a second sale may exceed the only one is unknown, so the limit is not known to be out of reach.
    const gap = 'the peak has no interval, because this time of its promotion was measured once';
    expect([exitCode, stderr]).toEqual([3, `no answer to --fail-above: ${gap}\n`]);
    expect(document.promotions).toEqual([expect.objectContaining({ name: 'Sale', events: 1 })]);
    expect(document.points.find(({ promotion }) => promotion === 'Sale 2026')?.value).toBeGreaterThan(100);
    expect(document.notes).toContainEqual(expect.stringContaining('Sale was measured once'));
  },
);

test('a promotion in another time zone covers all days of the forecast that it touches', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-promotions-'));
  const config = join(folder.path, 'plimsoll.yaml');
  const promotions = [{ name: 'sale', from: '2026-03-10T00:00', to: '2026-03-11T00:00', timezone: 'Asia/Shanghai' }];
  await writeFile(config, JSON.stringify({ clusters: {}, service: { promotions } }));
  const daysIn = async (...zone: string[]) => {
    const { stdout, stderr } = await forecast(60, '--config', config, '--json', ...zone);
    const document = ForecastDocument.parse(JSON.parse(stdout));
    if (document.kind !== 'forecast') throw new Error(stderr);
    return document.points.flatMap(({ time, promotion }) => (promotion === 'sale' ? time.slice(0, 16) : []));
  };
  expect(await daysIn('--timezone', 'UTC')).toEqual(['2026-03-09T00:00', '2026-03-10T00:00']);
  // By default, the zone of a promotion is that of the forecast, as in forecasts of the service.
  expect(await daysIn()).toEqual(['2026-03-09T16:00']);
});
