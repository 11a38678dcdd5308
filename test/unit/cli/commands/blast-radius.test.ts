import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BlastRadiusDocument } from '../../../../core/documents/blast-radius.ts';
import type { ClusterPlan } from '../../../../core/documents/cluster-plan.ts';
import { SimulationDocument } from '../../../../core/documents/simulation.ts';
import { plannedCluster, plansOf } from '../../../support/cluster-plan.ts';
import { runWords } from '../../../support/run-words.ts';

async function run(command: string, cluster: ClusterPlan, words: string[], files: Record<string, string> = {}) {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-blast-radius-'));
  const path = join(folder.path, 'plan.json');
  await writeFile(path, JSON.stringify(plansOf(cluster)));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder.path, name), text);
  return await runWords(command, path, ...words.map((word) => (word in files ? join(folder.path, word) : word)));
}

async function blastRadius(plan: ClusterPlan, words: string[] = [], files: Record<string, string> = {}) {
  const { exitCode, stdout, stderr } = await run('blast-radius', plan, [...words, '--json'], files);
  expect(stderr).toBe('');
  const [cluster = expect.fail('no cluster')] = BlastRadiusDocument.parse(JSON.parse(stdout)).clusters;
  return { exitCode, cluster };
}

const safeAt = (tps: number) => {
  const plan = plannedCluster({ broker: 'kafka' });
  plan.promise.safeTps = { low: tps, mid: tps, high: tps };
  return plan;
};

test('a plan with room for each failure keeps its SLOs in every hour', async () => {
  const { exitCode, cluster } = await blastRadius(plannedCluster({ broker: 'kafka' }));
  expect(exitCode).toBe(0);
  expect(cluster.failures.map(({ kind, name, alike }) => [kind, name, alike.length])).toEqual([
    ['host', 'logs-broker-1', 2],
    ['host', 'logs-broker-2', 2],
    ['host', 'logs-broker-3', 2],
    ['zone', 'zone-1', 1],
    ['zone', 'zone-2', 1],
    ['zone', 'zone-3', 1],
  ]);
  const effects = new Set(cluster.failures.flatMap(({ hours }) => hours.map(({ effect }) => effect)));
  expect([...effects]).toEqual(['delayed']);
  expect(cluster.notSimulated).toMatchObject([{ kind: 'controller', left: 2, effect: 'none-while-others-serve' }]);
  const { stdout } = await run('blast-radius', plannedCluster({ broker: 'kafka' }), []);
  expect(stdout).toMatch(/6 of 6 failures have no effect in any hour but up to \d+ s without a leader/);
});

test('the loss of a broker has effects in hours without spare capacity, as in `simulate`', async () => {
  const plan = safeAt(11_000);
  const { exitCode, cluster } = await blastRadius(plan);
  expect(exitCode).toBe(6);
  const [first] = cluster.failures;
  expect(first).toMatchObject({ isPromised: true, isBroken: true });
  const outside = first?.hours.filter(({ effect }) => effect === 'outside-safe') ?? [];
  expect(outside.map(({ hour }) => hour)).toContain(20);
  expect(outside.map(({ hour }) => hour)).not.toContain(3);
  for (const { hour, normalAfterSeconds } of outside) expect(normalAfterSeconds, String(hour)).toBeGreaterThan(0);
  const cell = cluster.failures[0]?.hours[20];
  const words = ['--scenario', 'broker-lost', '--at', cell?.at ?? '', '--json'];
  const [day] = SimulationDocument.parse(JSON.parse((await run('simulate', plan, words)).stdout)).days;
  expect(cell?.outsideSafeSeconds).toBeCloseTo(day?.outsideSafeSeconds ?? Number.NaN, 0);
});

test('a failure before midnight can recover the next morning', async () => {
  const curve = 'time,value\n00:00,10\n23:00,10\n23:50,40\n23:59,40\n';
  const { cluster } = await blastRadius(safeAt(11_000), ['--curve', 'curve.csv', '--for', '2h'], {
    'curve.csv': curve,
  });
  const cell = cluster.failures[0]?.hours[23];
  expect(cell?.effect).toBe('outside-safe');
  expect(cell?.normalAfterSeconds).toBeGreaterThan(0);
  expect(cell?.normalAfterSeconds).toBeLessThan(12 * 3600);
});

test('the other master takes over the load of a lost one, and a lost slave has no effect', async () => {
  const plan = plannedCluster({ mode: 'master-slave' });
  plan.promise.safeTps = { low: 14_000, mid: 14_000, high: 14_000 };
  const { cluster } = await blastRadius(plan);
  const effectOf = (host: string) => cluster.failures.find(({ name }) => name === host)?.hours[20]?.effect;
  expect([effectOf('orders-broker-a-0'), effectOf('orders-broker-a-1')]).toEqual(['outside-safe', 'none']);
});

test('names the effect of losing the last name server and one of two controllers', async () => {
  const plan = plannedCluster({ mode: 'controller' });
  const { cluster } = await blastRadius({
    ...plan,
    nameServers: plan.nameServers?.slice(0, 1),
    controllers: plan.controllers?.slice(0, 2),
  });
  expect(cluster.notSimulated.map(({ kind, left, effect }) => [kind, left, effect])).toEqual([
    ['name-server', 0, 'no-new-routes'],
    ['controller', 1, 'no-elections'],
  ]);
});

test('names the needed file if no plan is given', async () => {
  const { exitCode, stderr } = await runWords('blast-radius');
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining('a plan that `plimsoll size --json` wrote')]);
});
