// Provides GC logs for pages: a growing live set, an unreadable log and an unread one.

import { stopBounds, type GcLogTotals } from '../../core/documents/evidence/gc-log-reading.ts';
import { watchGc, type GcWatch } from '../../service/gc/gc-watch.ts';

const gibibyte = 2 ** 30;
export const heapMaxBytes = 4 * gibibyte;

/** Totals after this many hours of a G1 that pauses every 20 s for 30 ms, and longer as its heap fills; one full collection at the end. */
export function gcTotals(hours: number, over: Partial<GcLogTotals> = {}): GcLogTotals {
  const young = Math.round(180 * hours);
  const slow = Math.round(6 * Math.max(0, hours - 12));
  const full = hours >= 23 ? 1 : 0;
  const histogram = (counts: Partial<Record<(typeof stopBounds)[number], number>>, seconds: number) => {
    const buckets = stopBounds.map((bound) => counts[bound] ?? 0);
    return { buckets, count: buckets.reduce((sum, each) => sum + each, 0), seconds };
  };
  return {
    pauses: [
      {
        type: 'Pause Young (Normal)',
        cause: 'G1 Evacuation Pause',
        histogram: histogram({ 0.05: young, 0.2: slow }, 0.03 * young + 0.15 * slow),
      },
      ...(full > 0
        ? [{ type: 'Pause Full', cause: 'G1 Compaction Pause', histogram: histogram({ 5: full }, 3.2 * full) }]
        : []),
    ],
    stopped: [
      { reason: 'gc', seconds: 0.03 * young + 0.15 * slow + 3.2 * full },
      { reason: 'other', seconds: 0.4 * hours },
    ],
    timeToSafepoint: histogram({ 0.001: young }, 0.001 * young),
    heap: {
      beforeBytes: 3.9 * gibibyte,
      afterBytes: (1.2 + 0.1 * hours + 0.2 * Math.sin(hours)) * gibibyte,
      committedBytes: 4 * gibibyte,
    },
    heapMaxBytes,
    liveSetBytes: (1 + 0.1 * hours) * gibibyte,
    evacuationFailures: 0,
    fullCollections: full > 0 ? [{ cause: 'G1 Compaction Pause', count: full }] : [],
    cycles: [{ type: 'Concurrent Mark Cycle', count: Math.round(hours), aborted: 0, seconds: 0.8 * hours }],
    stalls: [],
    notices: [],
    unparsedLines: 0,
    runs: 1,
    collector: 'G1',
    jvmVersion: '17.0.9+9',
    ...over,
  };
}

/** @param at time of the last reading */
export function shownGc(
  at: string,
  broker: 'kafka' | 'rocketmq',
  hosts: Readonly<Record<string, string>>,
  cluster: string,
): GcWatch {
  const placed = Object.fromEntries(Object.entries(hosts).map(([id, host]) => [id, { host }]));
  const gc = watchGc(new Map([[cluster, { broker, hosts: placed }]]));
  const [first, second] = [...new Set(Object.values(hosts))];
  const end = Date.parse(at);
  for (let minutes = 24 * 60; first !== undefined && minutes >= 0; minutes -= 5) {
    const readAt = new Date(end - 60_000 * minutes);
    gc.note(
      first,
      {
        gcLogs: [
          {
            name: 'broker',
            file: '/dev/shm/rmq_broker_gc_123_0.log',
            unreadBytes: 0,
            lastWriteAtSeconds: readAt.getTime() / 1000,
            totals: gcTotals(24 - minutes / 60),
          },
        ],
      },
      readAt,
    );
  }
  if (second !== undefined) gc.note(second, {}, new Date(end - 120_000));
  return gc;
}
