import { describe, expect, test } from 'vitest';
import type { ProcessReading, RunningProcess } from '../../../core/documents/evidence/process-reading.ts';
import { keepBrokers, keepPorts, type KnownBroker } from '../../../exporter/last-known.ts';

const one = { id: '1', address: '10.0.0.5:9092' };
const two = { id: '2', address: '10.0.0.6:9092' };

describe('a broker that its cluster no longer lists', () => {
  const known: KnownBroker[] = keepBrokers([], [one, two], 0).slice();
  const idsOf = (brokers: readonly KnownBroker[]) => brokers.map(({ id }) => id);

  test('is kept for one more hour', () => {
    expect(idsOf(keepBrokers(known, [two], 3600))).toEqual(['2', '1']);
    expect(idsOf(keepBrokers(known, [two], 3601))).toEqual(['2']);
  });

  test('is dropped if another broker has its address, or if it returns at a new one', () => {
    expect(idsOf(keepBrokers(known, [{ id: '3', address: one.address }, two], 1))).toEqual(['3', '2']);
    const moved = { id: '1', address: '10.0.0.7:9092' };
    expect(keepBrokers(known, [moved, two], 1)).toEqual([
      { ...moved, namedAt: 1 },
      { ...two, namedAt: 1 },
    ]);
  });
});

describe('the ports of a process', () => {
  const running = (name: string, ports: number[]): ProcessReading => ({
    state: 'running',
    name,
    restarts: 0,
    process: { ports } as unknown as RunningProcess,
  });
  const gone = (name: string): ProcessReading => ({ state: 'gone', name, restarts: 0, reason: 'process 1 has ended' });

  test('stay known after the process has ended', () => {
    const before = keepPorts([], [running('broker', [10_909, 10_911]), running('namesrv', [9876])]);
    expect(keepPorts(before, [gone('broker'), running('namesrv', [9876])])).toEqual([
      { name: 'namesrv', ports: [9876] },
      { name: 'broker', ports: [10_909, 10_911] },
    ]);
  });

  test('belong to the process that listens on them since', () => {
    const before = keepPorts([], [running('broker', [10_909, 10_911])]);
    expect(keepPorts(before, [gone('broker'), running('broker:10911', [10_911])])).toEqual([
      { name: 'broker:10911', ports: [10_911] },
      { name: 'broker', ports: [10_909] },
    ]);
  });

  test('are dropped when the process is dropped', () => {
    expect(keepPorts([{ name: 'broker', ports: [10_911] }], [])).toEqual([]);
  });
});
