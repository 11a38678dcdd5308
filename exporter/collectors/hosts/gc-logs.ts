// Exports pauses and collections from the GC logs of a host's JVMs.

import {
  stopBounds,
  type GcLogReading,
  type GcLogTotals,
  type StopHistogram,
} from '../../../core/documents/evidence/gc-log-reading.ts';
import { ok, allKnown, type HostCollector, known, labelled, type Measurement } from '../../collector.ts';
import { lacksProcesses } from './lacks-processes.ts';

const { gauge, counter, histogram, flag } = labelled('process');
const perType = labelled('process', 'type');

export const gcLogs = {
  of: 'host',
  source: 'GC logs, from where they were read before',
  cost: '1 listing of each folder and 1 stat a file; of a log that grew, its first KiB and what is new, 8 MiB a reading at most',
  metrics: {
    jvm_gclog_pause_seconds: labelled('process', 'type', 'cause').histogram(
      'Duration of GC pauses. A pause that contains others adds only the rest to the sum.',
    ),
    jvm_gclog_stopped_seconds_total: labelled('process', 'reason').counter(
      'Time the JVM was paused: gc, or the operation of a safepoint (other where the log does not name it).',
    ),
    jvm_gclog_time_to_safepoint_seconds: histogram(
      'Time until all threads were stopped (time to safepoint); absent if the log has no safepoints.',
    ),
    jvm_gclog_heap_before_bytes: gauge('Heap in use before the last collection.'),
    jvm_gclog_heap_after_bytes: gauge('Heap in use after the last collection.'),
    jvm_gclog_heap_committed_bytes: gauge('Committed heap after the last collection.'),
    jvm_gclog_heap_max_bytes: gauge('Maximum size of the heap.'),
    jvm_gclog_live_set_bytes: gauge('Heap in use after the last collection of the old generation.'),
    jvm_gclog_allocated_bytes_total: counter('Bytes allocated between collections.'),
    jvm_gclog_promoted_bytes_total: counter('Bytes promoted to the old generation.'),
    jvm_gclog_humongous_bytes: gauge('Humongous regions before the last collection.'),
    jvm_gclog_humongous_collections_total: counter('Collections that found humongous regions.'),
    jvm_gclog_evacuation_failures_total: counter(
      'Collections that had no space for live objects (to-space exhausted, promotion failed).',
    ),
    jvm_gclog_full_collections_total: labelled('process', 'cause').counter('Full collections.'),
    jvm_gclog_long_pauses_total: counter('GC pauses longer than 1 s; 0 before the first.', 'pauses'),
    jvm_gclog_unrequested_full_collections_total: counter(
      'Full collections that System.gc() did not request; 0 before the first.',
      'collections',
    ),
    jvm_gclog_concurrent_cycles_total: perType.counter('Concurrent GC cycles.'),
    jvm_gclog_concurrent_cycles_aborted_total: perType.counter('Concurrent GC cycles that were aborted.', 'cycles'),
    jvm_gclog_concurrent_cycle_seconds_total: perType.counter('Time in concurrent GC cycles.'),
    jvm_gclog_stalls_total: perType.counter('Times a thread stalled for free heap (allocation stall).'),
    jvm_gclog_stall_seconds_total: perType.counter('Time threads stalled for free heap.'),
    jvm_gclog_runs_total: counter('JVM starts in the log.'),
    jvm_gclog_info: labelled('process', 'collector', 'version').gauge(
      'Collector and version of the JVM that last wrote to the log.',
      '1',
    ),
    jvm_gclog_run_start_time_seconds: gauge('Start time of that JVM, in seconds since the epoch.'),
    jvm_gclog_last_event_timestamp_seconds: gauge('End of the last event; absent if the log has no dates.'),
    jvm_gclog_last_write_timestamp_seconds: gauge('Time of the last write to the log, by the clock of its host.'),
    jvm_gclog_stalled: flag(
      '1 if the process runs but its log is missing, belongs to an earlier process, or was not written for an hour; else 0.',
    ),
    jvm_gclog_unread_bytes: gauge(
      'Bytes of the log that are not read yet; until a log was read once, it has no other series.',
    ),
    jvm_gclog_success: flag('1 if the last read of the log succeeded, else 0.'),
    jvm_gclog_unparsed_lines_total: counter('Lines that were not recognized.'),
    jvm_gclog_notices_total: labelled('process', 'code').counter('Events of the log itself, such as messages-dropped.'),
  },

  collect({ reading }) {
    if (reading.gcLogs === undefined) {
      return lacksProcesses(reading, 'GC logs can only be followed where files can be read, locally or over SSH');
    }
    return ok(reading.gcLogs.flatMap((log) => [...measure(log)]));
  },
} satisfies HostCollector;

function* measure(log: GcLogReading): Iterable<Measurement> {
  const { name, totals, isStalled } = log;
  yield { metric: 'jvm_gclog_success', labels: [name], value: Number(log.trouble === undefined) };
  yield* allKnown([name], {
    jvm_gclog_unread_bytes: log.unreadBytes,
    jvm_gclog_last_write_timestamp_seconds: log.lastWriteAtSeconds,
    jvm_gclog_stalled: isStalled === undefined ? undefined : Number(isStalled),
    ...(totals && figuresOf(totals)),
  });
  if (totals !== undefined) yield* measureTotals(name, totals);
}

const figuresOf = (totals: GcLogTotals) => ({
  jvm_gclog_heap_before_bytes: totals.heap?.beforeBytes,
  jvm_gclog_heap_after_bytes: totals.heap?.afterBytes,
  jvm_gclog_heap_committed_bytes: totals.heap?.committedBytes,
  jvm_gclog_heap_max_bytes: totals.heapMaxBytes,
  jvm_gclog_live_set_bytes: totals.liveSetBytes,
  jvm_gclog_allocated_bytes_total: totals.allocatedBytes,
  jvm_gclog_promoted_bytes_total: totals.promotedBytes,
  jvm_gclog_humongous_bytes: totals.humongous?.beforeBytes,
  jvm_gclog_humongous_collections_total: totals.humongous?.collections,
  jvm_gclog_evacuation_failures_total: totals.evacuationFailures,
  // Initialized with the first reading, because alerts need an increase.
  jvm_gclog_long_pauses_total: sum(totals.pauses.map(({ histogram }) => longPauses(histogram))),
  jvm_gclog_unrequested_full_collections_total: sum(
    totals.fullCollections.map(({ cause, count }) => (cause.startsWith('System.gc') ? 0 : count)),
  ),
  jvm_gclog_runs_total: totals.runs,
  jvm_gclog_run_start_time_seconds: totals.startedAtSeconds,
  jvm_gclog_last_event_timestamp_seconds: totals.lastEventAtSeconds,
  jvm_gclog_unparsed_lines_total: totals.unparsedLines,
});

const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);

const longPauses = ({ buckets, count }: StopHistogram) => count - sum(buckets.slice(0, stopBounds.indexOf(1) + 1));

function* measureTotals(name: string, totals: GcLogTotals): Iterable<Measurement> {
  const { collector = '', jvmVersion = '', timeToSafepoint } = totals;
  yield { metric: 'jvm_gclog_info', labels: [name, collector, jvmVersion], value: 1 };
  for (const { type, cause, histogram } of totals.pauses) {
    yield* measureHistogram('jvm_gclog_pause_seconds', [name, type, cause], histogram);
  }
  if (timeToSafepoint !== undefined) {
    yield* measureHistogram('jvm_gclog_time_to_safepoint_seconds', [name], timeToSafepoint);
  }
  for (const { reason, seconds } of totals.stopped) {
    yield { metric: 'jvm_gclog_stopped_seconds_total', labels: [name, reason], value: seconds };
  }
  for (const { cause, count } of totals.fullCollections) {
    yield { metric: 'jvm_gclog_full_collections_total', labels: [name, cause], value: count };
  }
  for (const { type, count, aborted, seconds } of totals.cycles) {
    yield { metric: 'jvm_gclog_concurrent_cycles_total', labels: [name, type], value: count };
    yield { metric: 'jvm_gclog_concurrent_cycles_aborted_total', labels: [name, type], value: aborted };
    yield* known('jvm_gclog_concurrent_cycle_seconds_total', [name, type], seconds);
  }
  for (const { type, count, seconds } of totals.stalls) {
    yield { metric: 'jvm_gclog_stalls_total', labels: [name, type], value: count };
    yield { metric: 'jvm_gclog_stall_seconds_total', labels: [name, type], value: seconds };
  }
  for (const { code, count } of totals.notices) {
    yield { metric: 'jvm_gclog_notices_total', labels: [name, code], value: count };
  }
}

function* measureHistogram(metric: string, labels: string[], histogram: StopHistogram): Iterable<Measurement> {
  let below = 0;
  for (const [index, le] of stopBounds.entries()) {
    below += histogram.buckets[index] ?? 0;
    yield { metric, part: { le }, labels, value: below };
  }
  yield { metric, part: { le: Infinity }, labels, value: histogram.count };
  yield { metric, part: 'sum', labels, value: histogram.seconds };
  yield { metric, part: 'count', labels, value: histogram.count };
}
