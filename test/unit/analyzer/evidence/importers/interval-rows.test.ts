import { expect, test } from 'vitest';
import { IntervalRows } from '../../../../../analyzer/evidence/importers/interval-rows.ts';
import type { HostInterval } from '../../../../../analyzer/evidence/load-test-run.ts';

const span = (from: number) => ({ from, to: from + 1 });
const whole: HostInterval = {
  ...span(0),
  cpu: { busyCores: 1.5, iowaitCores: 0.1, stealCores: 0, cores: 4, hottestCore: 0.9, hottestIndex: 2 },
  network: [
    {
      device: 'eth0',
      inBytesPerSecond: 1e6,
      outBytesPerSecond: 2e6,
      inFramesPerSecond: 800,
      outFramesPerSecond: 1500,
      backlogBytes: 40_000,
    },
  ],
  disks: [{ device: 'sda', busy: 0.2, awaitSeconds: 0.005, writtenBytesPerSecond: 4e6 }],
  memory: { usedBytes: 3e9, totalBytes: 4e9 },
  retransmitsPerSecond: 12,
};
const unlike: HostInterval[] = [
  whole,
  { ...span(1) },
  { ...span(2), retransmitsPerSecond: 0 },
  { ...whole, ...span(3), cpu: { busyCores: 1, iowaitCores: 0, stealCores: 0, cores: 4 } },
  { ...whole, ...span(4), network: [{ device: 'eth1', inBytesPerSecond: 1, outBytesPerSecond: 2 }] },
  { ...whole, ...span(5), network: [], disks: [{ device: 'sda', busy: 0, writtenBytesPerSecond: 0 }] },
  { ...span(6), memory: { usedBytes: 1, totalBytes: 2 } },
];
const rowsOf = (intervals: readonly HostInterval[]) => {
  const rows = new IntervalRows();
  for (const interval of intervals) rows.push(interval);
  return rows;
};

/** Reads all sections of a row, since they are decoded on access. */
const whatIsThere = (interval: HostInterval) => {
  const { from, to, cpu, network, disks, memory, retransmitsPerSecond } = interval;
  return { from, to, cpu, network, disks, memory, retransmitsPerSecond };
};

test('returns the intervals that were added, with absent sections still absent', () => {
  const many = Array.from({ length: 3000 }, (_, row) => ({ ...unlike[row % 7 < 5 ? 0 : row % 7], ...span(row) }));
  for (const intervals of [unlike, many]) {
    const rows = rowsOf(intervals);
    expect(rows).toHaveLength(intervals.length);
    expect([...rows]).toEqual(intervals);
    expect(rows.map(({ from }) => from)).toEqual(intervals.map(({ from }) => from));
    expect(rows.flatMap(({ disks = [] }) => disks)).toEqual(intervals.flatMap(({ disks = [] }) => disks));
    expect(rows.map(whatIsThere)).toEqual(intervals.map(whatIsThere));
    const found = rows.find(({ memory }) => memory);
    expect(found && whatIsThere(found)).toEqual(intervals.find(({ memory }) => memory));
  }
});

test('filters intervals by time', () => {
  const rows = rowsOf(unlike);
  const kept = rows.filter(({ from, to }) => from >= 2 && to <= 5);
  expect(kept.map(whatIsThere)).toEqual(unlike.slice(2, 5).map(whatIsThere));
});

test('returns the n-th interval from either end', () => {
  const rows = rowsOf(unlike);
  expect([rows.at(0), rows.at(4), rows.at(-1)]).toEqual([unlike[0], unlike[4], unlike.at(-1)]);
  expect([rows.at(7), rows.at(-8)]).toEqual([undefined, undefined]);
});
