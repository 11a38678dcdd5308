// Converts a worker's line of the journal to the interval that the analysis works with.

import type { JournalLine } from '../../core/run-bundle.ts';
import type { Consumed, Produced } from '../load-test-run.ts';

export type ProducedLine = Extract<JournalLine, { kind: 'produced' }>;
export type ConsumedLine = Extract<JournalLine, { kind: 'consumed' }>;

export function producedOf(line: ProducedLine): Produced {
  const { worker, intended, sent, acknowledged, requests, throttled, eventLoopUtilisation, cpuSeconds } = line;
  return {
    from: line.elapsedSeconds - line.intervalSeconds,
    to: line.elapsedSeconds,
    worker,
    intended,
    sent,
    acknowledged,
    // Given up late or refused: neither reached the cluster.
    failed: line.failed + (line.dropped ?? 0),
    requests,
    blockedSeconds: line.blockedSeconds ?? 0,
    ...(throttled && { throttled }),
    eventLoopUtilisation,
    cpuSeconds,
  };
}

export function consumedOf(line: ConsumedLine): Consumed {
  const { worker, group, messages, batches, throttled, eventLoopUtilisation, cpuSeconds } = line;
  return {
    from: line.elapsedSeconds - line.intervalSeconds,
    to: line.elapsedSeconds,
    worker,
    group,
    messages,
    ...(batches !== undefined && { batches }),
    ...(throttled && { throttled }),
    eventLoopUtilisation,
    cpuSeconds,
  };
}
