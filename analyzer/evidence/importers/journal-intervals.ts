// Converts a worker's line of the journal to the interval that the analysis uses.

import { createLatencySum } from '../../../core/statistics/latency-sum.ts';
import type { JournalLine } from '../../../core/documents/run-bundle.ts';
import type { Consumed, Produced } from '../load-test-run.ts';
import { defined } from '../../../core/defined.ts';

export type ProducedLine = Extract<JournalLine, { kind: 'produced' }>;
export type ConsumedLine = Extract<JournalLine, { kind: 'consumed' }>;

export function producedOf(line: ProducedLine): Produced {
  const { worker, intended, sent, acknowledged, requests, bytes, throttled, eventLoopUtilisation, cpuSeconds } = line;
  return {
    from: line.elapsedSeconds - line.intervalSeconds,
    to: line.elapsedSeconds,
    worker,
    intended,
    sent,
    acknowledged,
    // Messages that were dropped for lateness, and refused ones: neither reached the cluster.
    failed: line.failed + (line.dropped ?? 0),
    requests,
    bytes,
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
    ...defined({ batches, throttled, early: earlyOf(line) }),
    eventLoopUtilisation,
    cpuSeconds,
  };
}

function earlyOf({ negativeSamples: messages, negative }: ConsumedLine): Consumed['early'] {
  if (messages === 0 || negative === undefined) return undefined;
  const sum = createLatencySum();
  sum.add(negative);
  const { p50 = 0 } = sum.percentiles() ?? {};
  return { messages, medianSeconds: p50 };
}
