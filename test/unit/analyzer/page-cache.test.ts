import { describe, expect, test } from 'vitest';
import { analyzeRun } from '../../../analyzer/verdict/analyze-run.ts';
import type { HostInterval, LoadTestRun } from '../../../analyzer/evidence/load-test-run.ts';
import { examplePolicy } from '../../support/example-policy.ts';
import { Analysis } from '../../../core/documents/analysis.ts';
import { plainRun, withIntervals } from '../../support/load-test-run.ts';

const policy = examplePolicy();
const analyse = (run: LoadTestRun) => Analysis.parse(analyzeRun(run, policy));
const codes = (run: LoadTestRun) => analyse(run).findings.map(({ code }) => code);

test('a resource that could not be judged is listed without a capacity', () => {
  const disk = analyse(plainRun()).resources.find(({ resource }) => resource === 'disk-io');
  expect(disk).toEqual({ resource: 'disk-io', node: '1', policyLimit: 0.8 });
});

describe('disk and page cache', () => {
  const written = 4e7;
  const disk = (interval: HostInterval): HostInterval => ({
    ...interval,
    disks: [
      {
        device: 'sda',
        busy: 0.1 + (interval.network?.[0]?.inBytesPerSecond ?? 0) / 1e8,
        awaitSeconds: 0.004,
        writtenBytesPerSecond: written,
      },
    ],
    memory: { usedBytes: 1e9, totalBytes: 8e9 },
  });
  const tuned = (stepSeconds: number, writeback: { expireSeconds: number; dirtyThresholdBytes?: number }) => {
    const run = withIntervals(plainRun({ stepSeconds }), disk);
    const series = run.hosts.get('broker-1');
    if (!series?.inventory) throw new Error('no inventory');
    return { ...run, hosts: new Map([['broker-1', { ...series, inventory: { ...series.inventory, writeback } }]]) };
  };
  const judged = (run: LoadTestRun) =>
    analyse(run).resources.flatMap(({ resource, capacity }) => (capacity ? [resource] : []));

  test('are unknown while dirty pages can stay in memory', () => {
    expect(judged(tuned(20, { expireSeconds: 30, dirtyThresholdBytes: 1e6 }))).not.toContain('disk-io');
  });

  test('are unknown while fewer bytes were written than may be dirty', () => {
    expect(judged(tuned(100, { expireSeconds: 30, dirtyThresholdBytes: 1e12 }))).not.toContain('disk-io');
  });

  test('are unknown if the kernel settings were not read', () => {
    expect(judged(tuned(100, { expireSeconds: 30 }))).not.toContain('disk-io');
  });

  test('are unknown if one step is long enough and only another writes enough', () => {
    const run = tuned(100, { expireSeconds: 30, dirtyThresholdBytes: 1e9 });
    const [series] = run.hosts.values();
    if (series === undefined) throw new Error('no broker-1');
    const shortLast = run.steps.map((step) => (step.index === 4 ? { ...step, to: step.from + 50 } : step));
    const intervals = series.intervals.map((interval) =>
      interval.from >= 400
        ? interval
        : { ...interval, disks: [{ device: 'sda', busy: 0.1, writtenBytesPerSecond: 1 }] },
    );
    const hosts = new Map([['broker-1', { ...series, intervals }]]);
    expect(judged({ ...run, steps: shortLast, hosts })).not.toContain('disk-io');
  });

  test('a step that only wrote to the page cache is no point of the fit', () => {
    const run = tuned(100, { expireSeconds: 30, dirtyThresholdBytes: 1e9 });
    const shortFirst = run.steps.map((step) => (step.index === 0 ? { ...step, to: step.from + 50 } : step));
    const points = (of: LoadTestRun) =>
      analyse(of).resources.find(({ resource }) => resource === 'disk-io')?.fit?.points;
    expect(points(run)).toBe(5);
    expect(points({ ...run, steps: shortFirst })).toBe(4);
  });

  test('the await of a disk that is written in bursts is that of its bursts', () => {
    const run = tuned(100, { expireSeconds: 30, dirtyThresholdBytes: 1e9 });
    const inBursts = withIntervals(run, (interval) => ({
      ...interval,
      disks: (interval.disks ?? []).map(({ device, busy, writtenBytesPerSecond }) => ({
        device,
        busy,
        writtenBytesPerSecond,
        ...(interval.from % 5 === 0 && { awaitSeconds: 0.02 }),
      })),
    }));
    const found = analyse(inBursts).findings.find(({ code }) => code === 'disk-await');
    expect(found?.evidence[0]?.value).toBeCloseTo(0.02, 9);
    expect(found?.evidence[1]?.value).toBeGreaterThan(0);
  });

  test('several data disks share the dirty limit, and stacked devices repeat the writes of their members', () => {
    const on = (...devices: string[]) =>
      withIntervals(tuned(100, { expireSeconds: 30, dirtyThresholdBytes: 5e9 }), (interval) => ({
        ...interval,
        disks: devices.flatMap((device) => (interval.disks ?? []).map((each) => ({ ...each, device }))),
      }));
    expect(judged(on('sdb', 'sdc', 'nvme0n1'))).toContain('disk-io');
    expect(judged(on('md0', 'sda', 'sdb', 'sdc', 'nvme0n1'))).toContain('disk-io');
    expect(judged(on('sdb'))).not.toContain('disk-io');
    expect(judged(on('sdb', 'sdb1', 'dm-0', 'dm-1'))).not.toContain('disk-io');
    expect(judged(on('md0', 'sda', 'sdb'))).not.toContain('disk-io');
  });

  test('are judged once a step outlasts three writeback periods and writes more than may be dirty', () => {
    const run = tuned(100, { expireSeconds: 30, dirtyThresholdBytes: 1e9 });
    expect(judged(run)).toContain('disk-io');
    expect(codes(run)).toContain('disk-await');
  });
});
