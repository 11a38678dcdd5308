// Counts the outcomes of a worker's messages in one interval, with latency histograms.

import type { JournalLine } from '../../../core/documents/run-bundle.ts';
import { createLatencyRecorder, type LatencyRecorder } from '../../record/latency.ts';
import type { Outgoing } from './outgoing.ts';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';

type ProducedLine = Extract<JournalLine, { kind: 'produced' }>;
type TopicCounts = NonNullable<ProducedLine['topics']>[number];
/** Figures of one interval. */
type CountedInterval = Pick<
  ProducedLine,
  'sent' | 'acknowledged' | 'failed' | 'dropped' | 'requests' | 'bytes' | 'latency' | 'sendDelay' | 'service' | 'topics'
>;

export type ProductionCounts = ReturnType<typeof createProductionCounts>;

const nothing = () => ({ sent: 0, acknowledged: 0, failed: 0, dropped: 0, requests: 0, bytes: 0 });

export function createProductionCounts(topics: readonly string[]) {
  const latency = keepRawSamples(createLatencyRecorder(), 'acknowledged');
  const sendDelay = createLatencyRecorder();
  const service = createLatencyRecorder();
  const byTopic = topics.length > 1 ? topics.map((topic) => topicCounts(topic)) : [];
  const counts = nothing();

  return {
    /** @param plannedSend planned send time for a due time: waiting for the linger window is not a delay */
    sent({ place, intended }: Outgoing, sentAt: number, plannedSend: (due: number) => number): void {
      counts.sent += intended.length;
      // Negative delays count as zero: a message that became due during a send joins that batch, before its own window.
      for (const due of intended) sendDelay.record(sentAt - plannedSend(due));
      const topic = byTopic[place.topicIndex];
      if (topic !== undefined) topic.counts.sent += intended.length;
    },
    /** Counts messages `from` to `to` (exclusive) of a batch as acknowledged. */
    acknowledged({ place, intended, batch }: Outgoing, from: number, to: number, sentAt: number, now: number): void {
      const topic = byTopic[place.topicIndex];
      let bytes = 0;
      for (let i = from; i < to; i++) {
        const elapsed = now - (intended[i] ?? 0);
        latency.record(elapsed);
        service.record(now - sentAt);
        topic?.latency.record(elapsed);
        bytes += batch.values[i]?.length ?? 0;
      }
      counts.acknowledged += to - from;
      counts.bytes += bytes;
      if (topic === undefined) return;
      topic.counts.acknowledged += to - from;
      topic.counts.bytes += bytes;
    },
    requestsAcknowledged: (requests: number): void => void (counts.requests += requests),
    failed({ place }: Outgoing, messages: number): void {
      counts.failed += messages;
      const topic = byTopic[place.topicIndex];
      if (topic !== undefined) topic.counts.failed += messages;
    },
    dropped: (messages: number): void => void (counts.dropped += messages),
    take(): CountedInterval {
      const { dropped, ...taken } = counts;
      const interval: CountedInterval = {
        ...taken,
        ...(dropped > 0 && { dropped }),
        latency: latency.take(),
        sendDelay: sendDelay.take(),
        service: service.take(),
        ...(byTopic.length > 0 && { topics: byTopic.map((topic) => topic.take()) }),
      };
      Object.assign(counts, nothing());
      return interval;
    },
  };
}

function topicCounts(topic: string) {
  const latency: LatencyRecorder = createLatencyRecorder();
  const counts = { sent: 0, acknowledged: 0, failed: 0, bytes: 0 };
  return {
    counts,
    latency,
    take(): TopicCounts {
      const taken = { topic, ...counts, latency: latency.take() };
      Object.assign(counts, { sent: 0, acknowledged: 0, failed: 0, bytes: 0 });
      return taken;
    },
  };
}

/**
 * Writes one file NAME-PROCESS-THREAD.f64 per thread: seconds as little-endian doubles, 8 bytes per sample. It writes
 * each time the histogram is taken, so use it for a check and not for a long run.
 *
 * @returns the given recorder if the environment does not name a folder
 */
function keepRawSamples(recorder: LatencyRecorder, name: string): LatencyRecorder {
  const folder = process.env['PLIMSOLL_RAW_SAMPLES'];
  if (folder === undefined || folder === '') return recorder;
  const file = join(folder, `${name}-${process.pid}-${threadId}.f64`);
  let samples: number[] = [];
  return {
    record(elapsed) {
      samples.push(elapsed);
      recorder.record(elapsed);
    },
    take() {
      appendFileSync(file, new Uint8Array(Float64Array.from(samples).buffer));
      samples = [];
      return recorder.take();
    },
  };
}
