import { mkdtemp, mkdtempDisposable, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { AdviceDocument } from '../../../../core/documents/advice.ts';
import { EvidenceAdvice } from '../../../../core/documents/evidence-advice.ts';
import { systemClock } from '../../../../core/clock.ts';
import { forecastOfLoad } from '../../../../service/calculation/calculation.ts';
import { openHistory } from '../../../../service/history/sqlite-history.ts';
import { evenBrokers } from '../../../support/known-evidence.ts';
import { madeLoad } from '../../../support/made-history.ts';
import { runWords } from '../../../support/run-words.ts';

const hour = 3_600_000;
/** Its busiest seconds used the whole link. */
const run = 'test/fixtures/recorded-runs/find-safe';
const configs = await mkdtemp(join(tmpdir(), 'plimsoll-advise-'));
afterAll(() => rm(configs, { recursive: true }));
const wholeLink = join(configs, 'plimsoll.yaml');
const policy = 'analyzer: { policy: { network: 100% } }\n';
await writeFile(wholeLink, policy);

test('advises to hold a rate that was held too briefly, with the command', async () => {
  const { exitCode, stdout } = await runWords('advise', run, '--config', wholeLink);
  expect(exitCode).toBe(0);
  expect(stdout).toContain('1. Hold 484 msg/s for 10 minutes.');
  expect(stdout).toMatch(/plimsoll run --cluster \S+ --rate-steps 484 --step-duration 600s --message-size 10240/);
});

test('prints the advice as one JSON document', async () => {
  const { stdout } = await runWords('advise', run, '--config', wholeLink, '--json');
  expect(AdviceDocument.parse(JSON.parse(stdout))).toMatchObject({ schemaVersion: 2, advice: [{ kind: 'confirm' }] });
});

test('shows alternatives beside the measured result', async () => {
  const words = ['analyze', run, '--config', wholeLink, '--what-if', 'nic=10gbit', '--what-if', 'messageBytes=1KiB'];
  const { stdout } = await runWords(...words);
  expect(stdout).toMatch(/What if\n.*\nas measured .*\nnic=10 Gbit\/s .*\nmessageBytes=1024 .*/);
  const { measured, alternatives } = JSON.parse((await runWords(...words, '--json')).stdout) as Record<string, unknown>;
  expect(measured).toMatchObject({ safeMaxTps: { kind: 'at-least', tps: 484 } });
  expect(alternatives).toMatchObject([
    { alternative: { nic: 10e9 }, carried: [{ quantity: 'nic', extrapolates: true }] },
    { alternative: { messageBytes: 1024 }, carried: [{ from: 10_240, to: 1024, extrapolates: true }] },
  ]);
});

test('a forecast within the verdict needs no measurement, and one above it gets a test up to the needed rate', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-advise-'));
  const advised = async (scale: number, config = wholeLink, ...more: string[]) => {
    const endMs = Math.floor(Date.now() / hour) * hour;
    const load = madeLoad('advise', { days: 70 });
    const rows = load.map(
      (value, index) => `${new Date(endMs - (load.length - index) * hour).toISOString()},${scale * value}`,
    );
    const history = join(folder.path, 'history.csv');
    await writeFile(history, ['time,value', ...rows].join('\n'));
    const forecast = join(folder.path, 'forecast.json');
    await writeFile(forecast, (await runWords('forecast', history, '--horizon', '3d', '--json')).stdout);
    return runWords('advise', run, '--config', config, '--forecast', forecast, '--survives', 'nothing', ...more);
  };
  expect((await advised(0.02)).stdout).toMatch(/^No measurement is needed\./);
  const { exitCode, stdout } = await advised(0.03, wholeLink, '--json');
  expect(exitCode).toBe(0);
  const { state, neededTps, options } = EvidenceAdvice.parse(JSON.parse(stdout));
  expect(state).toBe('undecided');
  expect(options.map(({ kind }) => kind)).toEqual(['load-test']);
  expect(options[0]?.reachesTps).toBeCloseTo(neededTps, -1);
  expect(options[0]?.command).toContain(`--config ${wholeLink}`);
  const config = join(folder.path, 'plimsoll.yaml');
  await writeFile(config, `${policy}changes: { freezes: [{ reason: sale, daily: { from: '00:00', to: '00:00' } }] }\n`);
  const frozen = EvidenceAdvice.parse(JSON.parse((await advised(0.03, config, '--json')).stdout));
  expect(frozen.options[0]?.command).toMatch(new RegExp(`^plimsoll run .* --config ${config}$`));
  expect((await runWords('advise', run, '--config', config)).stdout).toMatch(/--rate-steps 484 .* --config \S+\n/);
  expect([options[0]?.from !== undefined, frozen.options.length > 0, frozen.options[0]?.from]).toEqual([
    true,
    true,
    undefined,
  ]);
}, 20_000);

test('with a valid verdict and a forecast in the history, states the price of reserves and removable brokers', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-advise-'));
  const file = (name: string) => join(folder.path, name);
  const endMs = Math.floor(Date.now() / hour) * hour;
  const load = madeLoad('advise', { days: 70 });
  const scale = 2000 / Math.max(...load);
  const answer = forecastOfLoad({
    kind: 'forecast',
    readings: load.map((value, index) => ({ timeMs: endMs - (load.length - index) * hour, value: scale * value })),
    timezone: 'UTC',
    horizonSeconds: 3 * 86_400,
    promotions: [],
  });
  if (answer.kind !== 'forecast') return expect.fail(answer.reason);
  const six = evenBrokers(6);
  const by = { name: 'root', through: 'cli' } as const;
  using history = openHistory(file('history.sqlite'), { clock: systemClock });
  const addTest = (daysAgo: number) => {
    const startedAt = new Date(Date.now() - daysAgo * 24 * hour).toISOString();
    history.append({ kind: 'test', cluster: 'orders', document: { ...six, run: { ...six.run, startedAt } } }, by);
  };
  history.append({ kind: 'forecast', cluster: 'orders', document: answer.forecast }, by);
  const configure = (...promotions: object[]) =>
    writeFile(
      file('plimsoll.yaml'),
      JSON.stringify({
        clusters: { orders: { broker: 'kafka', bootstrap: ['10.0.0.1:9092'] } },
        service: { prices: { currency: 'CNY', brokers: { orders: 800 } }, promotions },
      }),
    );
  await configure();
  const words = ['--cluster', 'orders', '--history-db', file('history.sqlite'), '--config', file('plimsoll.yaml')];
  addTest(40);
  const expired = await runWords('advise', ...words);
  expect([expired.exitCode, expired.stdout]).toEqual([2, '']);
  expect(expired.stderr).toMatch(/verdict 2 of orders has expired: \d+ days old, verdicts last 30 d\n/);
  addTest(1);
  const { stdout } = await runWords('advise', ...words);
  const shown = stdout.replaceAll(/\s+/g, ' ');
  expect(shown).toMatch(
    /Price of headroom: forecast peak [\d,]+ msg\/s \([\d,]+ CNY\) × uncertainty of the forecast 1\.\d+ \(/,
  );
  expect(shown).toContain('6 brokers cost 4,800 CNY a month.');
  expect(shown).toMatch(/1 broker can be removed, which saves 800 CNY a month/);
  const { headroomPrice } = EvidenceAdvice.parse(JSON.parse((await runWords('advise', ...words, '--json')).stdout));
  expect(headroomPrice).toMatchObject({
    removable: { brokers: 1, savedCost: 800 },
    nextTenth: { brokers: 1, cost: 800 },
  });
  const dateIn = (days: number) => new Date(Date.now() + days * 24 * hour).toISOString().slice(0, 16);
  await configure({ name: 'double-11', from: dateIn(30), to: dateIn(31) });
  expect((await runWords('advise', ...words)).stdout.replaceAll(/\s+/g, ' ')).toContain(
    'Brokers that can be removed: unknown. Missing: forecast until the last promotion of the calendar ends',
  );
}, 20_000);

test.each([
  ['advise examples/founding-70k', 'no load test in steps'],
  ['advise', 'no run given'],
  ['advise --cluster orders --history-db /nowhere/plimsoll.sqlite', 'history file /nowhere/plimsoll.sqlite not found'],
  [`analyze ${run} --what-if groups=-1`, '--what-if: groups=-1: out of range: use 0 to 1000'],
])('rejects %s', async (words, message) => {
  const { exitCode, stderr } = await runWords(...words.split(' '));
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining(message)]);
});
