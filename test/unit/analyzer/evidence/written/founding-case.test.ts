import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Analysis } from '../../../../../core/documents/analysis.ts';
import { RunDocument } from '../../../../../core/documents/run-bundle.ts';
import type { ReadingsRun } from '../../../../../analyzer/evidence/load-test-run.ts';
import { analyzeWritten } from '../../../../../analyzer/verdict/analyze-written.ts';
import { examplePolicy } from '../../../../support/example-policy.ts';
import { dledgerFullAt, followerBodiesShare, tpsAtShare } from '../../../../truth/rocketmq-sheet.ts';

const bundle = new URL('../../../../../examples/founding-70k/run.json', import.meta.url);
const master = 'RaftNode00:0';
const stated = { body: 500, followers: 2, groups: 1, gigabits: 1 };

function foundingCase(perturb: (run: ReadingsRun) => void = () => undefined): Analysis {
  const run = RunDocument.parse(JSON.parse(readFileSync(bundle, 'utf8')));
  if (run.origin !== 'readings') throw new Error('the founding case is made of readings');
  perturb(run);
  return Analysis.parse(analyzeWritten(run, examplePolicy()));
}

const setSpeed = (bitsPerSecond: number) => (run: ReadingsRun) => {
  const [card] = run.environment.hosts[0]?.networkDevices ?? [];
  if (card?.speed === undefined) throw new Error('the founding case states the speed of its card');
  card.speed.bitsPerSecond = bitsPerSecond;
};
const setReading = (quantity: string, value: number) => (run: ReadingsRun) => {
  for (const reading of run.readings) if (reading.quantity === quantity) reading.value = value;
};

const finding = (analysis: Analysis, code: string) => analysis.findings.find((each) => each.code === code);
const figure = (analysis: Analysis, code: string, name: string) =>
  finding(analysis, code)?.evidence.find((each) => each.name === name)?.value;
const resource = (analysis: Analysis, name: string) => analysis.resources.find((each) => each.resource === name);
const fullCard = (analysis: Analysis, code = 'figures-disagree') => ({
  low: figure(analysis, code, 'full-card-tps-low'),
  high: figure(analysis, code, 'full-card-tps-high'),
});
const rounded = ({ low, high }: { low: number; high: number }) => ({ low: Math.round(low), high: Math.round(high) });

describe('the founding case', () => {
  const analysis = foundingCase();

  test('has readings as origin, not a load test', () => expect(analysis.run.origin).toBe('readings'));

  test('has one sustained step of 70,000 msg/s without percentiles', () =>
    expect(analysis.steps).toEqual([{ achievedTps: 70_000, verdict: { kind: 'sustained' } }]));

  test('has an observed safe maximum, limited by the outbound traffic of the master', () => {
    expect(analysis.safeMaxTps).toMatchObject({
      kind: 'observed',
      tps: 70_000,
      limitedBy: { resource: 'network-out', node: master },
    });
    expect(analysis.saturationTps).toMatchObject({ kind: 'observed', tps: 70_000 });
  });

  test('allows 66,000 to 70,000 msg/s at 80% of line rate, and 56,000 of the practical maximum in the text', () => {
    if (analysis.safeMaxTps.kind !== 'observed') throw new Error(analysis.safeMaxTps.kind);
    const [line, practice] = analysis.safeMaxTps.basis;
    expect(line).toMatchObject({ policyLimit: 0.8, tps: rounded(tpsAtShare(0.8, 70_000, 100, 1)) });
    expect(line?.tps).toEqual({ low: 65_715, high: 70_000 });
    expect(practice).toMatchObject({ policyLimit: 0.8, tps: { low: 56_000, high: 56_000 } });
    expect(practice?.capacity).toBe('the practical maximum of such a card according to the text, 100M a second');
    expect(practice?.capacityZh).toBe('文本给出的这类网卡的实际上限，每秒 100M');
  });

  test('has a CPU use of at most 60% and no disk use', () => {
    expect(resource(analysis, 'cpu')).toMatchObject({
      capacity: { value: 24, unit: 'cores' },
      utilisationBounds: { high: 0.6 },
    });
    expect(resource(analysis, 'cpu')).not.toHaveProperty('utilisationAtHighestStep');
    expect(resource(analysis, 'disk-io')).toEqual({ resource: 'disk-io', node: master, policyLimit: 0.8 });
    expect(finding(analysis, 'disk-unknown')).toMatchObject({ severity: 'warning' });
    expect(finding(analysis, 'gc-calm')).toMatchObject({ severity: 'info' });
  });

  test('reports contradicting figures, since the card saturates at 31,000 to 38,000 by arithmetic', () => {
    expect(fullCard(analysis)).toEqual(rounded(dledgerFullAt(stated)));
    expect(fullCard(analysis)).toEqual({ low: 31_512, high: 38_165 });
  });

  test('lists other interpretations with their deviations, nearest first, and none reproduces all figures', () => {
    const tried = finding(analysis, 'figures-disagree')?.evidence.filter(({ name }) => name.startsWith('if-')) ?? [];
    const misses = tried.map(({ value }) => Math.abs(Number(value)));
    expect(misses).toEqual(misses.toSorted((a, b) => a - b));
    expect(tried.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['if-as-stated', 'if-ha-copies-consumers-behind', 'if-rates-added-up', 'if-in-only']),
    );
    expect(tried.filter(({ source }) => !/the card cannot carry|contradicts/.test(source))).toEqual([]);
    expect(finding(analysis, 'figures-disagree')?.message).toContain(
      `No interpretation of ${tried.length} tested reproduces all`,
    );
  });

  test('warns that the consumer groups are unknown', () =>
    expect(finding(analysis, 'consumer-groups-unknown')?.severity).toBe('warning'));

  test("checks the sender threads with Little's law", () =>
    expect(figure(analysis, 'closed-loop', 'mean-round-trip')).toBeCloseTo(160 / 70_000, 9));
});

describe('variations of the founding case', () => {
  test('messages of 1 KiB cannot be replicated to two followers at that rate, so there is no safe maximum', () => {
    const analysis = foundingCase((run) => (run.workload.messageBytes = 1024));
    const sheet = { ...stated, body: 1024 };
    expect(followerBodiesShare(sheet, 70_000)).toBeGreaterThan(1);
    expect(finding(analysis, 'physically-infeasible')).toMatchObject({ severity: 'critical' });
    expect(fullCard(analysis)).toEqual(rounded(dledgerFullAt(sheet)));
    expect(dledgerFullAt(sheet).high).toBeLessThan(dledgerFullAt(stated).low);
    expect(analysis.safeMaxTps.kind).toBe('unknown');
    expect(analysis.steps[0]?.verdict).toEqual({ kind: 'invalid', reason: 'unstable' });
  });

  test('on 10 Gbit/s no limit was reached: at least 70,000 msg/s, and the text about gigabit cards is ignored', () => {
    const analysis = foundingCase(setSpeed(1e10));
    expect(analysis.safeMaxTps).toEqual({ kind: 'at-least', tps: 70_000, reason: 'no-limit-reached' });
    expect(analysis.saturationTps).toEqual({ kind: 'at-least', tps: 70_000, reason: 'no-limit-reached' });
    expect(resource(analysis, 'network-out')?.utilisationBounds?.high).toBeLessThan(0.1);
    expect(finding(analysis, 'line-rate-misstated')).toBeUndefined();
    expect(fullCard(analysis, 'figures-agree')).toEqual(rounded(dledgerFullAt({ ...stated, gigabits: 10 })));
  });

  test('with one follower the card has a higher computed rate, which is still below 70,000 msg/s', () => {
    const analysis = foundingCase((run) => (run.topology.followersPerMaster = 1));
    const sheet = { ...stated, followers: 1 };
    expect(fullCard(analysis)).toEqual(rounded(dledgerFullAt(sheet)));
    expect(dledgerFullAt(sheet).low).toBeGreaterThan(dledgerFullAt(stated).high);
    expect(analysis.safeMaxTps).toMatchObject({ kind: 'observed', limitedBy: { resource: 'network-out' } });
  });

  test('with 90% iowait, CPU use is at most 10%, the disk is critical and the load average too low', () => {
    const analysis = foundingCase(setReading('iowait-ratio', 0.9));
    expect(resource(analysis, 'cpu')?.utilisationBounds?.high).toBeCloseTo(0.1, 9);
    expect(finding(analysis, 'disk-unknown')).toMatchObject({ severity: 'critical' });
    expect(figure(analysis, 'iowait-exceeds-load', 'waiting-tasks-at-least')).toBeCloseTo(0.9 * 24, 9);
    expect(analysis.safeMaxTps).toMatchObject({ kind: 'observed', tps: 70_000 });
  });

  test('a reading in GB on a gigabit card is physically infeasible', () => {
    const analysis = foundingCase(setReading('network-bytes-per-second', 1e9));
    expect(finding(analysis, 'physically-infeasible')).toMatchObject({ severity: 'critical' });
    expect(analysis.safeMaxTps.kind).toBe('unknown');
  });

  test('without the speed of the card the safe maximum is unknown, and the missing speed is named', () => {
    const analysis = foundingCase((run) => delete run.environment.hosts[0]?.networkDevices);
    expect(analysis.safeMaxTps).toEqual({
      kind: 'unknown',
      missing: [{ what: 'speed of the network card', node: master }],
    });
  });

  test('without a rate there are no steps and no safe maximum', () => {
    const analysis = foundingCase((run) => (run.readings = run.readings.filter(({ value }) => value !== 70_000)));
    expect(analysis).toMatchObject({ steps: [], safeMaxTps: { kind: 'unknown' }, saturationTps: { kind: 'unknown' } });
  });

  test('stated consumer groups count, and are not listed as missing', () => {
    const analysis = foundingCase((run) => (run.topology.consumerGroups = 2));
    expect(fullCard(analysis)).toEqual(rounded(dledgerFullAt({ ...stated, groups: 2 })));
    expect(finding(analysis, 'consumer-groups-unknown')).toBeUndefined();
  });
});

test.each([
  ['iowait-ratio', 40, 'write 0.4 for 40%'],
  ['produced-tps', 0, 'is not a reading'],
  ['load-average', -1, 'Too small'],
])('rejects %s of %d', (quantity, value, words) => {
  const document: unknown = JSON.parse(readFileSync(bundle, 'utf8'), (_, each: unknown) =>
    isReadingOf(quantity, each) ? { ...each, value } : each,
  );
  expect(RunDocument.safeParse(document).error?.message).toContain(words);
});

const isReadingOf = (quantity: string, each: unknown): each is object =>
  typeof each === 'object' && each !== null && 'quantity' in each && each.quantity === quantity;

test('every figure of the example has a source', () => {
  const run = RunDocument.parse(JSON.parse(readFileSync(bundle, 'utf8')));
  if (run.origin !== 'readings') throw new Error(run.origin);
  const figures = [
    'cluster',
    ...Object.keys(run.workload).map((key) => `workload.${key}`),
    ...Object.keys(run.topology).map((key) => `topology.${key}`),
    ...run.environment.brokers.map((_, index) => `environment.brokers.${index}.id`),
    ...run.environment.hosts.flatMap((host, index) => [
      `environment.hosts.${index}.cores`,
      `environment.hosts.${index}.memoryBytes`,
      ...(host.disks ?? []).map((_, disk) => `environment.hosts.${index}.disks.${disk}.sizeBytes`),
      ...(host.networkDevices ?? []).map((_, card) => `environment.hosts.${index}.networkDevices.${card}.speed`),
    ]),
  ];
  expect(Object.keys(run.sources).toSorted()).toEqual(figures.toSorted());
});
