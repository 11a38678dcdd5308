import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SimulationDocument } from '../../../../core/documents/simulation.ts';
import type { ClusterPlan } from '../../../../core/documents/cluster-plan.ts';
import { plannedCluster, plansOf } from '../../../support/cluster-plan.ts';
import { threeBrokers } from '../../../support/known-evidence.ts';
import { runWords } from '../../../support/run-words.ts';

async function simulate(cluster: ClusterPlan, words: string[], files: Record<string, string> = {}) {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-simulate-'));
  const path = join(folder.path, 'plan.json');
  await writeFile(path, JSON.stringify(plansOf(cluster)));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder.path, name), text);
  const at = words.map((word) => (word in files ? join(folder.path, word) : word));
  return await runWords('simulate', path, ...at);
}

test('a plan that survives its losses keeps its SLOs and exits with 0', async () => {
  const { exitCode, stdout, stderr } = await simulate(plannedCluster(), []);
  expect([exitCode, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/orders +zone-lost +yes/);
  expect(stdout).toContain('Messages unread by the group with the highest lag');
});

test('a peak above the safe maximum violates the SLO and exits with 6', async () => {
  const plan = plannedCluster();
  plan.promise.safeTps = { low: 5000, mid: 8000, high: 9000 };
  const { exitCode, stdout } = await simulate(plan, ['--scenario', 'calm', '--json']);
  const document = SimulationDocument.parse(JSON.parse(stdout));
  expect(exitCode).toBe(6);
  expect(document.days[0]?.broken.map(({ code }) => code)).toEqual(['outside-safe']);
});

test('a single cluster and scenario lists every minute of the day, with a given curve', async () => {
  const curve = 'time,value\n00:00,10\n12:00,40\n13:00,10\n';
  const words = ['--scenario', 'broker-lost', '--curve', 'curve.csv', '--json'];
  const { exitCode, stdout } = await simulate(plannedCluster({ broker: 'kafka' }), words, { 'curve.csv': curve });
  const [day] = SimulationDocument.parse(JSON.parse(stdout)).days;
  expect([exitCode, day?.at, day?.minutes?.length]).toEqual([0, '12:00', 1440]);
  expect(day?.minutes?.[0]?.offeredTps).toBeCloseTo(2500, 6);
  expect(day?.minutes?.[730]?.offeredTps).toBeCloseTo(10_000, 6);
});

test('the lag of a slow group is the time it was slow times the missing rate', async () => {
  const words = ['--scenario', 'slow-group', '--for', '20m', '--slow-to', '50%', '--json'];
  const { stdout } = await simulate(plannedCluster(), words);
  const [day] = SimulationDocument.parse(JSON.parse(stdout)).days;
  expect(day?.groups[0]?.mostLag).toBeCloseTo(0.5 * 10_000 * 1200, -3);
  expect(day?.groups[1]?.mostLag).toBe(0);
});

test('a slow group is slow at the peak of the load that groups read', async () => {
  const [domain] = plannedCluster().domains;
  const curveAt = (hour: number) => Array.from({ length: 24 }, (_, each) => (each === hour ? 1 : 0));
  const unread = { ...domain!, name: 'unread', consumerGroups: 0, dayCurve: curveAt(20) };
  const peakTps = { low: 800, mid: 1000, high: 1400 };
  const orders = { ...domain!, peakTps, averageTps: 40, usualTps: 40, promotionDayTps: 40, dayCurve: curveAt(3) };
  const words = ['--scenario', 'slow-group', '--for', '20m', '--json'];
  const { stdout } = await simulate(plannedCluster({ domains: [unread, orders] }), words);
  const [day] = SimulationDocument.parse(JSON.parse(stdout)).days;
  expect(day?.at).toBe('03:00');
  expect(day?.groups[0]?.mostLag).toBeCloseTo(1000 * 1200, -3);
});

test('shows when a group caught up, unless the day ends before', async () => {
  const at = async (time: string) => {
    const words = ['--scenario', 'slow-group', '--for', '10m', '--at', time, '--json'];
    const { stdout } = await simulate(plannedCluster(), words);
    return SimulationDocument.parse(JSON.parse(stdout)).days[0]?.groups[0];
  };
  // The backlog of 600 s at the peak is read with a third of spare capacity.
  expect(await at('20:00')).toMatchObject({ lag: 0, caughtUpAt: '20:39' });
  const late = await at('23:50');
  expect(late?.lag).toBeGreaterThan(0);
  expect(late).not.toHaveProperty('caughtUpAt');
});

test(
  'lag that appears and disappears within a minute counts for the maximum of the day',
  { timeout: 60_000 },
  async () => {
    const { stdout: plan } = await runWords('size', 'examples/domains.yaml', '--simulations', '32', '--json');
    await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-simulate-'));
    const path = join(folder.path, 'plan.json');
    await writeFile(path, plan);
    const words = [path, '--cluster', 'big-data-batch', '--scenario', 'zone-lost', '--json'];
    const [day] = SimulationDocument.parse(JSON.parse((await runWords('simulate', ...words)).stdout)).days;
    expect(day?.minutes?.some(({ lagMessages }) => lagMessages > 0)).toBe(false);
    // Messages that waited nine seconds for leaders are read within six.
    expect(day?.most.lagMessages).toBeGreaterThan(100_000);
    expect(day?.most.lagSeconds).toBeCloseTo(6, 0);
    expect(day?.groups[0]).toMatchObject({ mostLag: day?.most.lagMessages, caughtUpAt: '20:00' });
  },
);

test.each([
  [['--scenario', 'flood'], '--scenario: "flood" is not one of calm, broker-lost'],
  [['--at', '25:00'], 'not a time of the day'],
  [['--consumer-speed', '0.9'], 'never catch up'],
  [['--demand', 'best'], 'not one of low, mid, high'],
  [['--for', '2'], '--for'],
  [['--cluster', 'order'], 'the plan has no cluster order'],
  [['--curve', 'curve.csv'], 'curve.csv:3: times do not rise'],
])('rejects %j', async (words, message) => {
  const files = { 'curve.csv': 'time,value\n00:00,10\n00:00,40\n' };
  const { exitCode, stderr } = await simulate(plannedCluster(), words, files);
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining(message)]);
});

test.each([
  ['no document of ours', { schemaVersion: 1 }, 'the key `worlds`, which every plan has, is missing'],
  ['an analysis', threeBrokers, 'it is an analysis (`plimsoll analyze --json`)'],
  ['a failed command', { error: { code: 'usage' } }, 'it is the error of a failed command'],
  [
    'a plan with many wrong places',
    { ...plansOf(plannedCluster()), clusters: [{}] },
    /→ at clusters.*\nand \d+ more$/s,
  ],
])('rejects %s in place of a plan with one reason', async (_, document, reason) => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-simulate-'));
  const path = join(folder.path, 'plan.json');
  await writeFile(path, JSON.stringify(document));
  for (const command of ['simulate', 'blast-radius']) {
    const { exitCode, stderr } = await runWords(command, path);
    const [error = ''] = stderr.split('\nhint:');
    expect([exitCode, error]).toEqual([2, expect.stringMatching(/^error: \S+ is not a plan of clusters: /)]);
    if (typeof reason === 'string') expect(error).toMatch(new RegExp(`: ${RegExp.escape(reason)}$`));
    else expect(error).toMatch(reason);
    expect(error.split('\n').length).toBeLessThan(8);
  }
});

test('a plan of the example domains keeps all its SLOs', { timeout: 60_000 }, async () => {
  const { stdout: plan } = await runWords('size', 'examples/domains.yaml', '--simulations', '32', '--json');
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-simulate-'));
  const path = join(folder.path, 'plan.json');
  await writeFile(path, plan);
  const { stdout } = await runWords('simulate', path, '--domains', 'examples/domains.yaml', '--json');
  const { days } = SimulationDocument.parse(JSON.parse(stdout));
  expect(days.length).toBeGreaterThan(30);
  expect(days.filter(({ verdict }) => verdict === 'broken')).toEqual([]);
});

test(
  'for two masters of the article, one master cannot carry both at the high end while the other group elects',
  { timeout: 60_000 },
  async () => {
    const { stdout: plan } = await runWords('size', 'examples/domains-article.yaml', '--json');
    await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-simulate-'));
    const path = join(folder.path, 'plan.json');
    await writeFile(path, plan);
    const day = async (world: string) => {
      const words = ['--proposed', '--demand', world, '--scenario', 'broker-lost', '--json'];
      const { stdout } = await runWords('simulate', path, ...words);
      return SimulationDocument.parse(JSON.parse(stdout)).days[0];
    };
    const [mid, high] = [await day('mid'), await day('high')];
    expect([mid?.cluster, mid?.verdict, mid?.most.lagMessages]).toEqual(['all-systems-proposed', 'kept', 0]);
    // One gigabit network card alone carries the peak, at nearly its safe rate.
    expect(mid?.most.loadOfSafe).toBeCloseTo(0.87, 2);
    expect(high?.broken.map(({ code }) => code)).toEqual(['card-full']);
    expect(high?.most.lagMessages).toBeGreaterThan(100_000);
  },
);

test('rejects --proposed for a plan without a proposal', async () => {
  const { exitCode, stderr } = await simulate(plannedCluster(), ['--proposed']);
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining('no domain of this plan has a proposal')]);
});

test('simulates the loss of as many brokers as the plan survives, and shows how many', async () => {
  const plan = plannedCluster({ broker: 'kafka' });
  const lostOf = async (brokers: number) => {
    plan.promise.losses = [{ kind: 'brokers-lost', brokers }];
    const { stdout } = await simulate(plan, ['--scenario', 'broker-lost', '--demand', 'high']);
    const { stdout: json } = await simulate(plan, ['--scenario', 'broker-lost', '--demand', 'high', '--json']);
    const [day] = SimulationDocument.parse(JSON.parse(json)).days;
    return { stdout, most: day?.most, lostBrokers: day?.lostBrokers };
  };
  const [one, two] = [await lostOf(1), await lostOf(2)];
  expect([one.lostBrokers, two.lostBrokers]).toEqual([1, 2]);
  expect(one.stdout).toMatch(/ broker-lost {2}/);
  expect(two.stdout).toMatch(/ broker-lost \(2\) /);
  expect(two.most?.loadOfSafe).toBeGreaterThan(1.2 * (one.most?.loadOfSafe ?? Infinity));
});
