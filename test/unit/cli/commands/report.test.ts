import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { measuredOrders, plans } from '../../../support/capacity-report-inputs.ts';
import { reportCommand } from '../../../../cli/commands/report.ts';
import { runWords } from '../../../support/run-words.ts';

let folder: string;
const file = (name: string) => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plimsoll-report-'));
  await writeFile(file('plan.json'), JSON.stringify(plans));
  await writeFile(file('orders.json'), JSON.stringify(measuredOrders));
  await writeFile(
    file('failed.json'),
    JSON.stringify({ schemaVersion: 1, error: { code: 'usage', message: 'no run' } }),
  );
});
afterAll(() => rm(folder, { recursive: true }));

const settings = {
  schemaVersion: 1,
  cluster: 'orders',
  broker: 'kafka',
  at: '2026-10-10T06:00:00.000Z',
  fingerprint: { 'broker.count': '3' },
  unread: [],
};
const forecastOf = (peak: object) => ({
  kind: 'forecast',
  peak: { highestPointAt: '2026-11-11T12:00:00.000Z', ...peak },
});
const report = (...words: string[]) =>
  runWords('report', '--promotion', 'Double 11', '--as-of', '2026-10-10', ...words);

test('a NO-GO of a domain exits with 6 and still prints the report', async () => {
  const { exitCode, stdout } = await report('--plan', file('plan.json'), '--analysis', `orders=${file('orders.json')}`);
  expect(exitCode).toBe(6);
  expect(stdout).toContain('<title>Capacity report: Double 11</title>');
});

test('a report written to a file prints one line for each domain', async () => {
  const words = ['--analysis', `orders=${file('orders.json')}`, '--out', file('short.html')];
  const { exitCode, stdout, stderr } = await report(...words);
  expect([exitCode, stdout]).toEqual([6, '']);
  expect(stderr).toBe('orders: NO-GO: The expected peak is unknown.\n');
  const planned = await report(...words, '--plan', file('plan.json'), '--force');
  expect(planned.stderr).toMatch(/^orders: GO with conditions – only after the plan is carried out: /m);
});

test('rejects an option for an unknown domain, because the right domain would silently keep its default', async () => {
  const orders = ['--analysis', `orders=${file('orders.json')}`];
  await writeFile(file('now.json'), JSON.stringify(settings));
  for (const words of [
    ['--survives', 'order=zone'],
    ['--message-size', 'order=2KiB'],
    ['--settings', `order=${file('now.json')}`],
  ]) {
    const { exitCode, stderr } = await report(...orders, ...words);
    expect([words[0], exitCode, stderr]).toEqual([words[0], 2, expect.stringContaining('did you mean orders?')]);
  }
});

test('a domain that the plan lacks needs a verdict and a forecast', async () => {
  await writeFile(file('ahead.json'), JSON.stringify(forecastOf({ value: 900, low: 800, high: 1000 })));
  const plan = ['--plan', file('plan.json')];
  const analysisOf = (domain: string) => ['--analysis', `${domain}=${file('orders.json')}`];
  const aheadOf = (domain: string) => ['--forecast', `${domain}=${file('ahead.json')}`];
  for (const words of [analysisOf('order'), aheadOf('order'), [...analysisOf('order'), ...aheadOf('orders')]]) {
    const { exitCode, stderr } = await report(...plan, ...words);
    const refusal = expect.stringMatching(/order=…: the plan has no domain order\n.*did you mean orders\?/) as string;
    expect([exitCode, stderr]).toEqual([2, refusal]);
  }
  const more = [...analysisOf('returns'), ...aheadOf('returns'), ...analysisOf('video')];
  const { stdout } = await report(...plan, ...more, '--format', 'json');
  const { verdicts } = JSON.parse(stdout) as { verdicts: { domain: string }[] };
  expect(verdicts.map(({ domain }) => domain)).toEqual(expect.arrayContaining(['returns', 'video']));
});

test('rejects a second value for a domain if only one can apply', async () => {
  await writeFile(file('ahead.json'), JSON.stringify(forecastOf({ value: 1, low: 1, high: 1 })));
  const orders = ['--analysis', `orders=${file('orders.json')}`];
  for (const [option, value] of [
    ['--forecast', `orders=${file('ahead.json')}`],
    ['--survives', 'orders=none'],
    ['--message-size', 'orders=1KiB'],
  ] as const) {
    const { exitCode, stderr } = await report(...orders, option, value, option, value);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(`${option} is given twice for domain orders`)]);
  }
});

test('rejects a forecast whose interval is unordered or negative, with its location', async () => {
  for (const peak of [
    { value: 100, low: 800, high: 10 },
    { value: -5, low: -8, high: -1 },
    { value: 9, low: 8, high: 10, highestPointAt: 'noon' },
  ]) {
    await writeFile(file('ahead.json'), JSON.stringify(forecastOf(peak)));
    const words = ['--analysis', `orders=${file('orders.json')}`, '--forecast', `orders=${file('ahead.json')}`];
    const { exitCode, stderr } = await report(...words);
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/ahead\.json has the wrong format[^]*at peak/)]);
  }
});

test('reports settings in the wrong format with the key', async () => {
  await writeFile(file('now.json'), JSON.stringify({ ...settings, unread: undefined }));
  const words = ['--analysis', `orders=${file('orders.json')}`, '--settings', `orders=${file('now.json')}`];
  const { exitCode, stderr } = await report(...words);
  expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/now\.json has the wrong format[^]*at unread/)]);
});

test('a report expires no later than its evidence, and not before it is made', async () => {
  const late = await report('--plan', file('plan.json'), '--expires', '2099-01-01');
  expect([late.exitCode, late.stderr]).toEqual([2, expect.stringContaining('the last day that evidence is valid')]);
  const early = await report('--plan', file('plan.json'), '--expires', '2026-10-09');
  expect([early.exitCode, early.stderr]).toEqual([2, expect.stringContaining('is before the report, 2026-10-10')]);
  const { stdout } = await report('--plan', file('plan.json'), '--expires', '2026-11-12');
  expect(stdout).toContain('The report is valid until 2026-11-12');
});

test('a report expires no later than its promotion ends, unless the command states another day', async () => {
  const expiresWith = async (...words: string[]) => {
    const { stdout } = await report('--plan', file('plan.json'), '--format', 'json', ...words);
    return (JSON.parse(stdout) as { expires: string }).expires;
  };
  const days = ['--from', '2026-11-01', '--to', '2026-11-12'];
  expect(await expiresWith()).toBe('2027-01-08');
  expect(await expiresWith(...days)).toBe('2026-11-12');
  expect(await expiresWith('--from', '2026-11-01')).toBe('2026-11-01');
  expect(await expiresWith(...days, '--expires', '2026-12-01')).toBe('2026-12-01');
  // One promotion is too far ahead for its evidence, and one has ended.
  expect(await expiresWith('--from', '2027-02-01')).toBe('2027-01-08');
  expect(await expiresWith(...days, '--as-of', '2026-11-20')).toBe('2027-02-18');
});

test('the lines on standard error name the domains that share a cluster', async () => {
  await writeFile(file('ahead.json'), JSON.stringify(forecastOf({ value: 900, low: 800, high: 1000 })));
  const words = ['orders', 'pay'].flatMap((domain) => [
    '--analysis',
    `${domain}=${file('orders.json')}`,
    '--forecast',
    `${domain}=${file('ahead.json')}`,
  ]);
  const { stderr } = await report(...words, '--out', file('shared.html'));
  expect(stderr).toMatch(/^orders: .* Shares its cluster with pay: .* 1,800 \(1,600 to 2,000\) msg\/s\.$/m);
});

test('a cluster of a verdict is shared with other domains that the config has on it', async () => {
  await writeFile(file('ahead.json'), JSON.stringify(forecastOf({ value: 900, low: 800, high: 1000 })));
  const domains = { shop: { cluster: 'trade' }, payment: { cluster: 'trade' }, logs: { cluster: 'logs' } };
  const broker = { broker: 'kafka', bootstrap: ['10.0.0.1:9092'] };
  // The verdict is from production, where the cluster has another name.
  const service = { domains, clusters: { trade: { source: 'prod', nameInSource: 'orders' } } };
  const sources = { prod: { kind: 'prometheus', url: 'http://127.0.0.1:9090' } };
  const config = { clusters: { trade: broker, logs: broker }, sources, service };
  await writeFile(file('shared.yaml'), JSON.stringify(config));
  const shop = ['--analysis', `shop=${file('orders.json')}`, '--forecast', `shop=${file('ahead.json')}`];
  const { stdout } = await report(...shop, '--config', file('shared.yaml'), '--format', 'json');
  expect(JSON.parse(stdout).verdicts[0].reasons).toContainEqual({ code: 'peak-unknown', subjects: ['payment'] });
});

test('an example with a forecast has the days of the promotion', () => {
  const examples = reportCommand.examples.filter((example) => example.includes('--forecast'));
  expect(examples.length).toBeGreaterThan(0);
  for (const example of examples) expect(example).toMatch(/--from \S+ --to \S+/);
});

test('a report is not overwritten, and is verified by the hashes of its files', async () => {
  const words = ['--plan', file('plan.json'), '--format', 'json', '--out', file('report.json')];
  await report(...words);
  const again = await report(...words);
  expect([again.exitCode, again.stderr]).toEqual([2, expect.stringContaining('already exists')]);

  const verified = await runWords('report', 'verify', file('report.json'), file('plan.json'), '--json');
  expect(JSON.parse(verified.stdout)).toMatchObject({ sources: [{ id: 'plan', name: 'plan.json', state: 'same' }] });
  await writeFile(file('plan.json'), `${await readFile(file('plan.json'), 'utf8')}\n`);
  const changed = await runWords('report', 'verify', file('report.json'), file('plan.json'));
  expect([changed.exitCode, changed.stdout]).toEqual([6, expect.stringMatching(/plan {4}plan\.json {2}changed/)]);
});

test('reads the past coverage of forecast intervals from the output of forecast', async () => {
  const history = ['examples/forecast/orders.csv', '--promotions', 'examples/forecast/promotions.yaml', '--json'];
  const forecast = await runWords('forecast', ...history);
  await writeFile(file('ahead.json'), forecast.stdout);
  const { stdout } = await report(
    '--plan',
    file('plan.json'),
    '--forecast',
    `orders=${file('ahead.json')}`,
    '--format',
    'json',
  );
  const { chosen, backtest } = JSON.parse(forecast.stdout);
  const { coverage } = backtest.ways.find(({ name }: { name: string }) => name === chosen);
  expect(JSON.parse(stdout).forecasts[0].backtest).toEqual({ coverage });
});

test('the output of forecast does not cover a promotion without history', async () => {
  await writeFile(file('promotions.yaml'), "promotions: [{ name: opening, on: '2025-04-20', days: 1 }]\n");
  const history = ['examples/forecast/orders.csv', '--promotions', file('promotions.yaml'), '--json'];
  const forecast = await runWords('forecast', ...history);
  await writeFile(file('ahead.json'), forecast.stdout);
  const words = ['--forecast', `orders=${file('ahead.json')}`, '--promotion', 'opening', '--format', 'json'];
  const of = async (day: string) => {
    const { stdout } = await report('--analysis', `orders=${file('orders.json')}`, ...words, '--from', day);
    const { verdicts } = JSON.parse(stdout) as { verdicts: { reasons: { code: string; subjects?: string[] }[] }[] };
    return verdicts[0]?.reasons.find(({ code }) => code === 'forecast-misses-promotion')?.subjects;
  };
  expect(await of('2025-04-20')).toEqual(['2025-04-11 00:00 UTC', '2025-04-20 00:00 UTC']);
  expect(await of('2025-04-22')).toBeUndefined();
});

test.each<[string, string[], string]>([
  ['nothing to report on', [], 'neither --plan nor --analysis given'],
  ['a file without its domain', ['--analysis', 'orders.json'], 'has no domain'],
  ['a day that is none', ['--plan', 'x', '--from', '2026-02-30'], '--from: 2026-02-30 is not a date'],
  ['an end before the beginning', ['--plan', 'x', '--from', '2026-11-11', '--to', '2026-11-01'], 'before it begins'],
  ['a language nobody wrote', ['--plan', 'x', '--lang', 'fr'], '--lang: "fr" is not one of'],
  ['a format nobody wrote', ['--plan', 'x', '--format', 'doc'], '--format: "doc" is not one of'],
  ['a file that is not there', ['--plan', '/nowhere/plan.json'], 'cannot read /nowhere/plan.json: no such file'],
])('rejects %s', async (_, words, message) => {
  const { exitCode, stderr } = await report(...words);
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining(message)]);
});

test('rejects the output of a failed command as evidence', async () => {
  const { exitCode, stderr } = await report('--analysis', `orders=${file('failed.json')}`);
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining('contains the error of a failed command: no run')]);
});

test('reads settings from a snapshot or a later verdict, and accepts only known losses', async () => {
  await writeFile(
    file('now.json'),
    JSON.stringify({
      schemaVersion: 1,
      cluster: 'orders',
      broker: 'kafka',
      at: '2026-10-10T08:00:00Z',
      fingerprint: { 'broker.count': '3' },
      unread: ['JVM of broker 2: its process was not found on mq-2'],
    }),
  );
  const words = ['--plan', file('plan.json'), '--analysis', `orders=${file('orders.json')}`, '--format', 'json'];
  const { stdout } = await report(...words, '--settings', `orders=${file('now.json')}`, '--survives', 'orders=none');
  const { verdicts, sources } = JSON.parse(stdout);
  expect(verdicts.find(({ domain }: { domain: string }) => domain === 'orders').survives).toBe('none');
  expect(sources.at(-1)).toMatchObject({ id: 'settings orders', kind: 'settings', name: 'now.json' });
  const none = await report(...words, '--settings', `orders=${file('orders.json')}`);
  expect([none.exitCode, none.stderr]).toEqual([2, expect.stringContaining('contains no settings')]);
  const odd = await report(...words, '--survives', 'orders=rack');
  expect([odd.exitCode, odd.stderr]).toEqual([2, expect.stringContaining('--survives orders=rack is invalid')]);
});

test('a second verdict of a domain is a separate source', async () => {
  const both = ['--analysis', `orders=${file('orders.json')}`, '--analysis', `orders=${file('orders.json')}`];
  const { stdout } = await report('--plan', file('plan.json'), ...both, '--format', 'json');
  expect(JSON.parse(stdout).sources.map(({ id }: { id: string }) => id)).toEqual([
    'plan',
    'analysis orders',
    'analysis orders 2',
  ]);
});

test('the message size of the option has precedence over that of the plan', async () => {
  const words = ['--plan', file('plan.json'), '--analysis', `orders=${file('orders.json')}`, '--format', 'json'];
  const bytesOf = async (...more: string[]) => {
    const { stdout } = await report(...words, ...more);
    const { verdicts } = JSON.parse(stdout) as { verdicts: { domain: string; messageBytes?: number }[] };
    return verdicts.find(({ domain }) => domain === 'orders')?.messageBytes;
  };
  expect(await bytesOf()).toBe(500);
  expect(await bytesOf('--message-size', 'orders=2KiB')).toBe(2048);
  expect(await bytesOf('--message-size', 'orders=800')).toBe(800);
  for (const odd of ['orders=big', 'orders=0', '2KiB']) {
    const { exitCode, stderr } = await report(...words, '--message-size', odd);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(`--message-size ${odd} is invalid`)]);
  }
});

test('the days of a promotion come from the config, unless the command line sets them', async () => {
  const promotions = [{ name: 'Double 11', from: '2026-11-10T20:00', to: '2026-11-12T00:00' }];
  await writeFile(file('plimsoll.yaml'), JSON.stringify({ clusters: {}, service: { promotions } }));
  const words = ['--plan', file('plan.json'), '--config', file('plimsoll.yaml'), '--format', 'json'];
  const promotionOf = async (...more: string[]) => {
    const { stdout } = await report(...words, ...more);
    return (JSON.parse(stdout) as { promotion: object }).promotion;
  };
  expect(await promotionOf()).toEqual({ name: 'Double 11', from: '2026-11-10', to: '2026-11-11' });
  expect(await promotionOf('--from', '2026-11-01')).toEqual({ name: 'Double 11', from: '2026-11-01' });
});

test('a report on the evening of a promotion has its day and occurrence, although the next day began in UTC', async () => {
  const timezone = 'America/Los_Angeles';
  const promotions = ['2026', '2027'].map((year) => ({
    name: 'Double 11',
    from: `${year}-11-11T00:00`,
    to: `${year}-11-12T00:00`,
    timezone,
  }));
  await writeFile(file('west.yaml'), JSON.stringify({ clusters: {}, service: { promotions } }));
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-11-11T19:00:00-08:00') });
  onTestFinished(() => void vi.useRealTimers());
  const words = ['--promotion', 'Double 11', '--plan', file('plan.json'), '--config', file('west.yaml')];
  const { stdout } = await runWords('report', ...words, '--format', 'json');
  const day = '2026-11-11';
  expect(JSON.parse(stdout)).toMatchObject({ asOf: day, expires: day, promotion: { from: day, to: day } });
  await writeFile(file('west.json'), stdout);
  const verified = async () => {
    const { exitCode, stdout: lines } = await runWords('report', 'verify', file('west.json'), file('plan.json'));
    return [exitCode, lines.trim().split('\n').at(-1)];
  };
  expect(await verified()).toEqual([0, `valid until ${day} ${timezone}`]);
  vi.setSystemTime(Date.parse('2026-11-12T00:00:00-08:00'));
  expect(await verified()).toEqual([6, `expired ${day} ${timezone}`]);
});

test.for(['hour', 'day'] as const)('a forecast by %s in UTC includes the start of a sale in Shanghai', async (step) => {
  const promotions = ['01', '02', '03', '04'].map((month) => ({
    name: 'sale',
    from: `2025-${month}-16T00:00`,
    to: `2025-${month}-17T00:00`,
    timezone: 'Asia/Shanghai',
  }));
  await writeFile(file('shanghai.yaml'), JSON.stringify({ clusters: {}, service: { promotions } }));
  const hours = (await readFile('examples/forecast/orders.csv', 'utf8')).trim().split('\n').slice(1);
  const days = Map.groupBy(hours, (row) => row.slice(0, 10));
  const valueOf = (row: string) => Number(row.split(',')[1]);
  const highest = [...days].map(([day, rows]) => `${day}T00:00:00Z,${Math.max(...rows.map(valueOf))}`);
  await writeFile(file('load.csv'), ['time,value', ...(step === 'hour' ? hours : highest)].join('\n'));
  const config = ['--config', file('shanghai.yaml')];
  const forecast = await runWords('forecast', file('load.csv'), ...config, '--timezone', 'UTC', '--json');
  await writeFile(file('ahead.json'), forecast.stdout);
  const { peak } = JSON.parse(forecast.stdout) as { peak: { highestPointAt: string } };
  expect(peak.highestPointAt).toMatch(/^2025-04-15T/);
  const analyses = ['--analysis', `orders=${file('orders.json')}`, '--forecast', `orders=${file('ahead.json')}`];
  const sale = ['--promotion', 'sale', '--as-of', '2025-04-11', ...config, ...analyses, '--format', 'json'];
  for (const given of [[], ['--from', '2025-04-16', '--to', '2025-04-16']]) {
    const { promotion, forecasts } = JSON.parse((await report(...sale, ...given)).stdout);
    expect(promotion).toEqual({ name: 'sale', from: '2025-04-16', to: '2025-04-16' });
    expect(forecasts).toMatchObject([{ peak }]);
  }
});
