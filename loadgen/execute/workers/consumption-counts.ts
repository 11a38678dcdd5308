// Counts what a group received in one interval, with latency histograms.

import type { JournalLine } from '../../../core/documents/run-bundle.ts';
import { createLatencyRecorder } from '../../record/latency.ts';

type ConsumedLine = Extract<JournalLine, { kind: 'consumed' }>;

export function createConsumptionCounts() {
  const endToEnd = createLatencyRecorder();
  const negative = createLatencyRecorder();
  const counts = { messages: 0, bytes: 0, batches: 0, negativeSamples: 0 };
  return {
    /** @param seconds from due to consumed; negative if the clocks of two machines differ */
    consumed(seconds: number, bytes: number): void {
      endToEnd.record(seconds);
      counts.messages += 1;
      counts.bytes += bytes;
      if (seconds >= 0) return;
      counts.negativeSamples += 1;
      negative.record(-seconds);
    },
    /** Counts a response that contained messages. */
    answered: (): void => void (counts.batches += 1),
    take(): Pick<ConsumedLine, 'messages' | 'bytes' | 'batches' | 'endToEnd' | 'negativeSamples' | 'negative'> {
      const isBelow = counts.negativeSamples > 0;
      const taken = { ...counts, endToEnd: endToEnd.take(), ...(isBelow && { negative: negative.take() }) };
      Object.assign(counts, { messages: 0, bytes: 0, batches: 0, negativeSamples: 0 });
      return taken;
    },
  };
}
