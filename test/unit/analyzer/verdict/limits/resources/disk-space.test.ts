// Checks retention and catch-up reads with figures computed by hand.

import { describe, expect, test } from 'vitest';
import { analyzeRun } from '../../../../../../analyzer/verdict/analyze-run.ts';
import type { LoadTestRun } from '../../../../../../analyzer/evidence/load-test-run.ts';
import { measureStep } from '../../../../../../analyzer/verdict/steps/measured-step.ts';
import { hotWindow } from '../../../../../../analyzer/verdict/limits/resources/page-cache.ts';
import { retentionCeilings, retentionTps } from '../../../../../../analyzer/verdict/limits/resources/retention.ts';
import { examplePolicy } from '../../../../../support/example-policy.ts';
import { plainRun, withIntervals } from '../../../../../support/load-test-run.ts';

describe('retention', () => {
  // 1 TB filled to 75% with messages of 715 bytes that are kept for 72 h: 4,047 msg/s.
  const disk = { diskBytes: 1e12, bytesPerMessage: 715 };

  test('a disk of 1 TB can retain 4,047 msg/s for three days', () => {
    expect(retentionTps(disk, { retentionSeconds: 72 * 3600, share: 0.75 })).toBeCloseTo(4047, 0);
  });

  const written = (rate: number) => 700 * rate;
  const run = withIntervals(plainRun({ stepSeconds: 100 }), (interval) => ({
    ...interval,
    disks: [{ device: 'sda', busy: 0.2, writtenBytesPerSecond: written(1000 * (1 + Math.floor(interval.from / 100))) }],
    memory: { usedBytes: 2e9, totalBytes: 8e9 },
  }));
  const series = run.hosts.get('broker-1');
  if (series?.inventory === undefined) throw new Error('no broker-1');
  const host = {
    ...series,
    inventory: {
      ...series.inventory,
      writeback: { expireSeconds: 30, dirtyThresholdBytes: 1e6 },
      disks: [{ device: 'sda', sizeBytes: 1e12 }, { device: 'sdb', sizeBytes: 1e9 }, { device: 'sdc' }],
    },
  };
  const observed = run.steps.map((recorded) => {
    const step = measureStep(run, recorded, 2);
    return {
      step,
      intervals: host.intervals.filter(({ from, to }) => from >= step.window.from && to <= step.window.to),
    };
  });
  const keeping = { retentionSeconds: 72 * 3600, share: 0.75 };

  test('limits the rate by the bytes per message written to the data disk', () => {
    const [ceiling, ...others] = retentionCeilings(observed, { node: '1', host }, keeping);
    expect(others).toEqual([]);
    expect(ceiling?.bytesPerMessage).toBeCloseTo(700, 6);
    expect(ceiling?.tps).toBeCloseTo((1e12 * 0.75) / 700 / (72 * 3600), 3);
    expect(ceiling?.limitedBy).toEqual({ resource: 'disk-space', node: '1' });
  });

  test('ignores a small disk for the system and its logs', () => {
    const withLogs = observed.map(({ step, intervals }) => ({
      step,
      intervals: intervals.map((interval) => ({
        ...interval,
        disks: [...(interval.disks ?? []), { device: 'sdb', busy: 0.01, writtenBytesPerSecond: 20_000 }],
      })),
    }));
    const ceilings = retentionCeilings(withLogs, { node: '1', host }, keeping);
    expect(ceilings.map(({ diskBytes }) => diskBytes)).toEqual([1e12]);
  });

  test('uses the volume that spans several disks, not a member disk', () => {
    const disks = [
      { device: 'vdb', sizeBytes: 1e12, isMember: true as const },
      { device: 'dm-0', sizeBytes: 2e12 },
    ];
    const onVolume = observed.map(({ step, intervals }) => ({
      step,
      intervals: intervals.map((interval) => ({
        ...interval,
        disks: disks.flatMap(({ device }) => (interval.disks ?? []).map((each) => ({ ...each, device }))),
      })),
    }));
    const inventory = { ...host.inventory, disks };
    const ceilings = retentionCeilings(onVolume, { node: '1', host: { ...host, inventory } }, keeping);
    expect(ceilings.map(({ diskBytes }) => diskBytes)).toEqual([2e12]);
  });

  test('is unknown while the page cache delays writes', () => {
    const inventory = { ...host.inventory, writeback: { expireSeconds: 40, dirtyThresholdBytes: 1e6 } };
    expect(retentionCeilings(observed, { node: '1', host: { ...host, inventory } }, keeping)).toEqual([]);
  });

  test('uses the message size while the page cache delays writes, on the only disk that messages have reached', () => {
    const [large, small] = host.inventory.disks;
    if (large === undefined || small === undefined) throw new Error('no disks');
    const littleWritten = { expireSeconds: 30, dirtyThresholdBytes: 1e12 };
    const ceilingsOn = (
      disks: typeof host.inventory.disks,
      bytes: number,
      { writeback = littleWritten, ofSmall = 0 } = {},
    ) =>
      retentionCeilings(
        observed.map(({ step, intervals }) => ({
          step,
          intervals: intervals.map((interval) => ({
            ...interval,
            disks: [...(interval.disks ?? []), { device: small.device, busy: 0.01, writtenBytesPerSecond: ofSmall }],
          })),
        })),
        { node: '1', host: { ...host, inventory: { ...host.inventory, disks, writeback } } },
        keeping,
        bytes,
      );
    const expected = { diskBytes: 1e12, bytesPerMessage: 600, basis: 'message-size' };
    expect(ceilingsOn([large], 600)).toMatchObject([expected]);
    expect(ceilingsOn([large, small], 600)).toMatchObject([expected]);
    expect(ceilingsOn([large, small], 600, { ofSmall: 20_000 })).toMatchObject([expected]);
    // 700 bytes per message reached the disk.
    expect(ceilingsOn([large, small], 1500)).toEqual([]);
    // The other of two directories may have the smaller disk.
    expect(ceilingsOn([large, small], 600, { ofSmall: 300_000 })).toEqual([]);
    // In a short step, these may be logs of the system, and the messages in the page cache.
    const writeback = { expireSeconds: 40, dirtyThresholdBytes: 1e6 };
    expect(ceilingsOn([large, small], 600, { writeback })).toEqual([]);
    expect(ceilingsOn([large], 600, { writeback })).toMatchObject([expected]);
    expect(ceilingsOn([large], 0)).toEqual([]);
  });

  test('the hot window is the free memory divided by the write rate', () => {
    const last = observed.at(-1);
    if (last === undefined) throw new Error('no step');
    expect(hotWindow(last, { node: '1', host })?.cachedSeconds).toBeCloseTo(6e9 / 3.5e6, 3);
    // RocketMQ redirects readers that lag by more than 0.4 of all memory to a slave.
    expect(hotWindow(last, { node: '1', host, software: 'rocketmq' })?.cachedSeconds).toBeCloseTo(3.2e9 / 3.5e6, 3);
  });
});

describe('catch-up reads', () => {
  const behind = (messages: number): LoadTestRun => {
    const run = withIntervals(plainRun(), (interval) => ({
      ...interval,
      disks: [{ device: 'sda', busy: 0.2, writtenBytesPerSecond: 1e7 }],
      memory: { usedBytes: 7e9, totalBytes: 7.3e9 },
    }));
    return {
      ...run,
      consumed: run.produced.map(({ from, to, acknowledged }) => ({
        from,
        to,
        worker: 'consumer-0',
        group: 'billing',
        messages: acknowledged,
        eventLoopUtilisation: 0.1,
        cpuSeconds: 0.1,
      })),
      lag: run.produced.map(({ to }) => ({ elapsedSeconds: to - 0.5, group: 'billing', messages })),
    };
  };
  const message = (run: LoadTestRun) =>
    analyzeRun(run, examplePolicy()).findings.find(({ code }) => code === 'catch-up-reads')?.message;

  test('a group that lags beyond the page cache reads from disk', () => {
    // 0.3 GB at 10 MB/s last 30 s; 40,000 messages at 1,000/s are a lag of 40 s, and at 2,000/s of 20 s.
    expect(message(behind(40_000))).toContain(
      'At 1,000 msg/s group billing had a lag of 40 s, and the page cache of broker 1 holds at most the last 30 s',
    );
  });

  test('a group that lags less than the page cache holds is not reported', () =>
    expect(message(behind(20_000))).toBeUndefined());
});

test('iowait is reported together with disk use, and proves nothing about a disk without metrics', () => {
  const iowait = (busy?: number) => {
    const run = withIntervals(plainRun(), (interval) => ({
      ...interval,
      ...(interval.cpu && { cpu: { ...interval.cpu, iowaitCores: 3 } }),
      ...(busy !== undefined && { disks: [{ device: 'sda', busy, awaitSeconds: 0.02, writtenBytesPerSecond: 1e6 }] }),
    }));
    return analyzeRun(run, examplePolicy()).findings.find(({ code }) => code === 'iowait');
  };
  expect(iowait()?.message).toContain('There are no disk metrics of that time');
  expect(iowait(0.97)?.message).toContain('Its busiest disk was busy 97% of that time');
  expect(iowait(0.97)?.evidence.map(({ name }) => name)).toEqual(['iowait', 'disk busy', 'disk await']);
});
