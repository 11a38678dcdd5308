// Counts what a group received in one interval, with latency histograms.

import type { JournalLine } from '../../../core/documents/run-bundle.ts';
import { createLatencyRecorder } from '../../record/latency.ts';

type ConsumedLine = Extract<JournalLine, { kind: 'consumed' }>;

interface ConsumptionCounts {
  /** @param seconds from due to consumed; below zero when the clocks of two machines disagree */
  consumed(seconds: number, bytes: number): void;
  /** An answer of a broker that held messages. */
  answered(): void;
  take(): Pick<ConsumedLine, 'messages' | 'bytes' | 'batches' | 'endToEnd' | 'negativeSamples' | 'negative'>;
}

export function createConsumptionCounts(): ConsumptionCounts {
  const endToEnd = createLatencyRecorder();
  const negative = createLatencyRecorder();
  const counts = { messages: 0, bytes: 0, batches: 0, negativeSamples: 0 };
  return {
    consumed(seconds, bytes) {
      endToEnd.record(seconds);
      counts.messages += 1;
      counts.bytes += bytes;
      if (seconds >= 0) return;
      counts.negativeSamples += 1;
      negative.record(-seconds);
    },
    answered: () => void (counts.batches += 1),
    take() {
      const isBelow = counts.negativeSamples > 0;
      const taken = { ...counts, endToEnd: endToEnd.take(), ...(isBelow && { negative: negative.take() }) };
      Object.assign(counts, { messages: 0, bytes: 0, batches: 0, negativeSamples: 0 });
      return taken;
    },
  };
}
