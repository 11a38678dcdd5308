import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readEntries } from '../../../../app/history/read-documents.ts';
import { systemClock } from '../../../../core/clock.ts';
import { WindowsDocument } from '../../../../core/documents/windows.ts';
import { openHistory } from '../../../../service/history/sqlite-history.ts';
import { examplePolicy } from '../../../support/example-policy.ts';
import { measured, recordedRun, threeBrokers as placed } from '../../../support/go-case.ts';
import { threeBrokers } from '../../../support/known-evidence.ts';
import { madeLoad } from '../../../support/made-history.ts';
import { runWords } from '../../../support/run-words.ts';

const hour = 3_600_000;

/** Writes the `plimsoll forecast --json` of a load of seventy days up to now. */
async function forecastIn(folder: string): Promise<string> {
  const endMs = Math.floor(Date.now() / hour) * hour;
  const load = madeLoad('windows', { days: 70 });
  const rows = load.map((value, index) => `${new Date(endMs - (load.length - index) * hour).toISOString()},${value}`);
  await writeFile(join(folder, 'history.csv'), ['time,value', ...rows].join('\n'));
  const { stdout } = await runWords('forecast', join(folder, 'history.csv'), '--horizon', '3d', '--json');
  const path = join(folder, 'forecast.json');
  await writeFile(path, stdout);
  return path;
}

test('prints the next window and a map of all hours', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-windows-'));
  const forecast = await forecastIn(folder.path);
  const { exitCode, stdout, stderr } = await runWords(
    'windows',
    forecast,
    '--limit',
    '12000',
    '--timezone',
    'Asia/Shanghai',
  );
  expect([exitCode, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^Next safe window: \d{4}-\d\d-\d\d \d\d:\d\d to /);
  expect(stdout).toContain('Limit: 12,000 msg/s as given; accepted risk 5%.');
  expect(stdout).toMatch(/# load may exceed the limit {3}\. safe\n/);
});

test('exits with 6 if there is no window', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-windows-'));
  const forecast = await forecastIn(folder.path);
  const { exitCode, stdout } = await runWords('windows', forecast, '--limit', '100');
  expect([exitCode, stdout.split('\n')[0]]).toEqual([
    6,
    expect.stringMatching(/^No safe window of 30 min or longer before/),
  ]);
});

test.each([
  ['a change freeze of all clusters', '', 6],
  ['one of the cluster of the run', ', clusters: [lab]', 6],
  ['not one of another cluster', ', clusters: [other]', 0],
])('windows from files of a forecast and a run respect %s', async (_, clusters, exits) => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-windows-'));
  const forecast = await forecastIn(folder.path);
  const [verdict, config] = ['verdict.json', 'plimsoll.yaml'].map((name) => join(folder.path, name));
  await writeFile(verdict ?? '', JSON.stringify({ ...threeBrokers, run: { ...threeBrokers.run, cluster: 'lab' } }));
  await writeFile(
    config ?? '',
    [
      'clusters:',
      ...['lab', 'other'].map((name) => `  ${name}: { broker: kafka, bootstrap: [10.0.0.1:9092] }`),
      `changes: { freezes: [{ reason: promotion, daily: { from: '00:00', to: '00:00' }${clusters} }] }`,
    ].join('\n'),
  );
  const before = process.cwd();
  onTestFinished(() => process.chdir(before));
  process.chdir(folder.path);
  const words = ['windows', forecast, verdict ?? '', '--limit', '12000', '--json'];
  const { exitCode, stdout } = await runWords(...words);
  const { spans } = WindowsDocument.parse(JSON.parse(stdout));
  expect([exitCode, spans.every(({ state }) => state === 'frozen')]).toEqual([exits, exits === 6]);
});

test('reads forecast and limit from the history of the cluster', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-windows-'));
  const forecast = await forecastIn(folder.path);
  const file = join(folder.path, 'ledger.sqlite');
  const windows = () => runWords('windows', '--cluster', 'orders', '--history-db', file, '--limit', '12000', '--json');
  {
    using history = openHistory(file, { clock: systemClock });
    expect(await windows()).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('no forecast of cluster orders'),
    });
    const io = { policy: examplePolicy(), signal: new AbortController().signal };
    for (const entry of await readEntries(forecast, { cluster: 'orders' }, io)) {
      history.append(entry, { name: 'ann', through: 'cli' });
    }
  }
  const { exitCode, stdout, stderr } = await windows();
  expect([exitCode, stderr]).toEqual([0, '']);
  const document = WindowsDocument.parse(JSON.parse(stdout));
  expect(document).toMatchObject({ cluster: 'orders', forecast: { entry: 1 }, limit: { tps: 12_000 } });
  const withoutLimit = await runWords('windows', '--cluster', 'orders', '--history-db', file);
  expect(withoutLimit.stderr).toContain('cluster orders has no safe maximum after the loss of a broker');
});

test('rejects an expired verdict of the history with its age, unless a limit is given', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-windows-'));
  const forecast = await forecastIn(folder.path);
  const file = join(folder.path, 'ledger.sqlite');
  using history = openHistory(file, { clock: systemClock });
  const by = { name: 'ann', through: 'cli' } as const;
  const io = { policy: examplePolicy(), signal: new AbortController().signal };
  for (const entry of await readEntries(forecast, { cluster: 'orders' }, io)) history.append(entry, by);
  const addTest = (daysAgo: number) => {
    const startedAt = new Date(Date.now() - daysAgo * 24 * hour).toISOString();
    const document = { ...threeBrokers, run: { ...threeBrokers.run, startedAt } };
    history.append({ kind: 'test', cluster: 'orders', document }, by);
  };
  const windows = (...more: string[]) => runWords('windows', '--cluster', 'orders', '--history-db', file, ...more);
  addTest(40);
  const { exitCode, stdout, stderr } = await windows();
  expect([exitCode, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(/verdict 2 of orders has expired: \d+ days old, verdicts last 30 d\n/);
  expect(stderr).toContain('measure again, or give --limit RATE');
  expect((await windows('--limit', '12000')).exitCode).toBe(0);
  addTest(1);
  expect((await windows()).stderr).toBe('');
});

test('neither a cluster nor a forecast is a usage error', async () => {
  const { exitCode, stderr } = await runWords('windows');
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining('give --cluster NAME to use the history')]);
});

test('a forecast that has ended yields an unknown result with the reason', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-windows-'));
  const { stdout: ended } = await runWords('forecast', 'examples/forecast/orders.csv', '--json');
  const forecast = join(folder.path, 'ended.json');
  await writeFile(forecast, ended);
  const { exitCode, stdout } = await runWords('windows', forecast, '--limit', '52000');
  expect([exitCode, stdout]).toEqual([3, expect.stringMatching(/^Unknown: the forecast ended at 2025-04-25 00:00\./)]);
  expect(stdout).not.toContain('HOURS');
});

test('names a loss without a safe maximum instead of using another loss', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-windows-'));
  const forecast = await forecastIn(folder.path);
  const [known] = threeBrokers.withoutOne ?? [];
  const partly = {
    ...threeBrokers,
    withoutOne: threeBrokers.withoutOne?.filter(({ id }) => id !== known?.id),
    withoutOneUnknown: [
      { lost: 'broker', id: known?.id, missing: [{ what: 'host metrics, since it takes over traffic', node: '2' }] },
    ],
  };
  const verdict = join(folder.path, 'verdict.json');
  await writeFile(verdict, JSON.stringify(partly));
  const { exitCode, stderr } = await runWords('windows', forecast, verdict);
  expect([exitCode, stderr]).toEqual([
    2,
    expect.stringContaining(`the analysis has no safe maximum after losing broker ${known?.id}`),
  ]);
});

test('a limit from a placement that was not recorded states its assumptions', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-windows-'));
  const forecast = await forecastIn(folder.path);
  const verdict = join(folder.path, 'verdict.json');
  const rows = ['1', '2', '3'].map((leader) => ({ leader, replicas: ['1', '2', '3'], partitions: 4 }));
  const assumed = { ...placed, cards: { '1': 3e6, '2': 3e6, '3': 3e6 }, rows, isRecorded: false };
  await writeFile(verdict, JSON.stringify(measured(recordedRun(assumed)).analysis));
  const { stdout } = await runWords('windows', forecast, verdict);
  expect(stdout).toContain('\nAssumed: leaders move evenly to the other brokers');
});
