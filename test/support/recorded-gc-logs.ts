// Provides readings of recorded GC logs.

import { readFileSync } from 'node:fs';
import type { GcLogReading } from '../../core/documents/evidence/gc-log-reading.ts';
import { createSource } from '../../hosts/gc-tail/source.ts';
import { newTotals } from '../../hosts/gc-tail/totals.ts';

export const recordedGcLogs = [
  { ...readingOf('broker', 'unified/17-g1-kafka.log'), isStalled: false },
  readingOf('with-safepoints', 'unified/17-parallel-gc-and-safepoint.log'),
  readingOf('concurrent', 'unified/21-generational-z.log'),
  readingOf('java-8', 'legacy/8-g1-rocketmq-broker.log'),
  { name: 'missing', unreadBytes: 0, trouble: 'no file matches /var/log/gc.log' },
] satisfies GcLogReading[];

function readingOf(name: string, file: string): GcLogReading {
  const bytes = readFileSync(new URL(`../fixtures/gc-logs/${file}`, import.meta.url));
  const totals = newTotals();
  createSource(file, totals).push({ identity: '1:1', modifiedAtMs: 0, head: '', offset: 0, source: file }, bytes);
  return { name, file, unreadBytes: 0, lastWriteAtSeconds: 1_790_000_000, totals };
}
