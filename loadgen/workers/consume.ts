// What did a consumer group receive, and how long after it was due?

import type { TrafficConsumer } from '../../brokers/driver.ts';
import type { JournalLine } from '../../core/run-bundle.ts';
import { createLatencyRecorder } from '../latency.ts';
import { readPayload } from '../payload.ts';
import type { RunClock } from '../run-clock.ts';
import type { ThreadLoad } from './thread-load.ts';

export interface ConsumeOptions {
  worker: string;
  group: string;
  mark: number;
}

export interface ConsumeTools {
  consumer: TrafficConsumer;
  takeLoad: () => ThreadLoad;
}

/** The run's clock, known only once every thread is ready. */
export interface RunTime {
  clock: RunClock;
  epochMicroseconds: number;
}

export interface Consumption {
  /** Resolves when the group is assigned its partitions. */
  readonly assigned: Promise<void>;
  /** Resolves after leaving the group. @throws AppError as the broker answers */
  readonly finished: Promise<void>;
  begin(time: RunTime): void;
  report(): JournalLine[];
}

export function startConsumption(
  { worker, group, mark }: ConsumeOptions,
  { consumer, takeLoad }: ConsumeTools,
  io: { signal: AbortSignal },
): Consumption {
  const endToEnd = createLatencyRecorder();
  const assigned = Promise.withResolvers<void>();
  const counts = { messages: 0, bytes: 0, negativeSamples: 0 };
  let time: RunTime | undefined;
  let reportedAt = 0;

  const finished = consumer.run(
    ({ values }) => {
      if (time === undefined) return;
      const now = time.epochMicroseconds + time.clock.elapsed() * 1e6;
      for (const value of values) {
        const header = readPayload(value, mark);
        // Somebody else writes to this topic too.
        if (header === undefined) continue;
        const seconds = (now - header.intendedMicroseconds) / 1e6;
        endToEnd.record(seconds);
        counts.messages += 1;
        counts.bytes += value.length;
        if (seconds < 0) counts.negativeSamples += 1;
      }
    },
    { ...io, onAssigned: assigned.resolve },
  );
  finished.catch(assigned.reject);

  return {
    assigned: assigned.promise,
    finished,
    begin(given) {
      time = given;
      takeLoad();
    },
    report() {
      if (time === undefined) return [];
      const now = time.clock.elapsed();
      const line: JournalLine = {
        kind: 'consumed',
        elapsedSeconds: now,
        intervalSeconds: now - reportedAt,
        worker,
        group,
        ...counts,
        endToEnd: endToEnd.take(),
        ...consumerLoad(takeLoad()),
      };
      Object.assign(counts, { messages: 0, bytes: 0, negativeSamples: 0 });
      reportedAt = now;
      return [line];
    },
  };
}

const consumerLoad = ({ eventLoopUtilisation, cpuSeconds }: ThreadLoad) => ({ eventLoopUtilisation, cpuSeconds });
