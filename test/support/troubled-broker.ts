// Provides handwritten GC events with known figures.

import type { GcEvent, Moment, Pause, Stop } from '../../gc/log/gc-event.ts';

export const mebibyte = 2 ** 20;

/** 2026-01-01T00:00:00Z */
export const startedAtMs = 1_767_225_600_000;

export const at = (uptimeSeconds: number): Moment => ({ uptimeSeconds, epochMs: startedAtMs + uptimeSeconds * 1000 });

export const pause = (start: Moment, milliseconds: number, over: Partial<Pause> = {}): Pause => ({
  kind: 'pause',
  start,
  durationSeconds: milliseconds / 1000,
  ownSeconds: milliseconds / 1000,
  type: 'Pause Young (Normal)',
  cause: 'G1 Evacuation Pause',
  isFull: false,
  ...over,
});

export const stop = (start: Moment, milliseconds: number, over: Partial<Stop> = {}): Stop => ({
  kind: 'stop',
  start,
  totalSeconds: milliseconds / 1000,
  ...over,
});

export const heap = (before: number, after: number) => ({
  beforeBytes: before * mebibyte,
  afterBytes: after * mebibyte,
});

/** 100 seconds of G1: nine young collections, one of them escalated to a full one, and a pause of another kind. */
export function troubledBroker(): GcEvent[] {
  const young = Array.from({ length: 9 }, (_, index) =>
    pause(at(10 * (index + 1)), 10 * (index + 1), { heap: heap(300, 100), promotedBytes: mebibyte }),
  );
  return [
    { kind: 'run-start', at: at(0) },
    {
      kind: 'jvm',
      collector: 'G1',
      jvmVersion: '17.0.9+9',
      heapMaxBytes: 1024 * mebibyte,
      regionBytes: mebibyte,
      startedAtMs,
    },
    ...young.flatMap((each): GcEvent[] => [
      each,
      stop(each.start, each.durationSeconds * 1000 + 1, {
        operation: 'G1CollectForAllocation',
        isForGc: true,
        timeToSafepointSeconds: 0.0005,
      }),
    ]),
    {
      kind: 'concurrent',
      start: at(91),
      durationSeconds: 0.5,
      type: 'Concurrent Mark Cycle',
      isCycle: true,
      aborted: true,
    },
    pause(at(95), 400, { type: 'Pause Full', cause: 'G1 Compaction Pause', isFull: true, heap: heap(900, 80) }),
    stop(at(95), 402, { operation: 'G1CollectFull', isForGc: true, timeToSafepointSeconds: 0.001 }),
    stop(at(100), 2050, { operation: 'Cleanup', isForGc: false, timeToSafepointSeconds: 2 }),
  ];
}
