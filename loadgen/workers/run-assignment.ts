// What does one traffic thread do from its start to its end?

import type { TrafficDriver } from '../../brokers/driver.ts';
import type { JournalLine } from '../../core/run-bundle.ts';
import { createPacer } from '../pacer.ts';
import { createRunClock, type RunClock, type RunOrigin } from '../run-clock.ts';
import { startConsumption } from './consume.ts';
import { startProduction } from './produce.ts';
import type { Assignment } from './thread-messages.ts';
import { watchThreadLoad } from './thread-load.ts';

export interface AssignmentIo {
  /** Called when everything is connected and, for a consumer, assigned. */
  onReady(): void;
  onLines(lines: JournalLine[]): void;
  started: Promise<RunOrigin>;
  stopped: AbortSignal;
}

/** @throws AppError as the broker answers */
export async function runAssignment(assignment: Assignment, traffic: TrafficDriver, io: AssignmentIo): Promise<void> {
  return assignment.role === 'producer' ? produce(assignment, traffic, io) : consume(assignment, traffic, io);
}

async function produce(
  assignment: Extract<Assignment, { role: 'producer' }>,
  traffic: TrafficDriver,
  { onReady, onLines, started, stopped }: AssignmentIo,
): Promise<void> {
  await using producer = await traffic.producer({ acks: assignment.acks });
  onReady();
  const origin = await started;
  const clock = createRunClock(origin);
  const pacer = createPacer(assignment.segments);
  const takeLoad = watchThreadLoad();
  const production = startProduction(assignment, {
    pacer,
    producer,
    clock,
    epochMicroseconds: origin.epochMicroseconds,
    takeLoad,
  });
  if (stopped.aborted) production.stop();
  stopped.addEventListener('abort', () => production.stop(), { once: true });
  await reportUntil(production.finished, assignment, clock, () => onLines(production.report()));
}

async function consume(
  assignment: Extract<Assignment, { role: 'consumer' }>,
  traffic: TrafficDriver,
  { onReady, onLines, started, stopped }: AssignmentIo,
): Promise<void> {
  await using consumer = await traffic.consumer({ group: assignment.group, topic: assignment.topic });
  const takeLoad = watchThreadLoad();
  const consumption = startConsumption(assignment, { consumer, takeLoad }, { signal: stopped });
  const stoppedEarly = consumption.finished.then(() => undefined);
  await Promise.race([consumption.assigned, stoppedEarly]);
  onReady();
  const origin = await Promise.race([started, stoppedEarly]);
  if (origin === undefined) return;
  const clock = createRunClock(origin);
  consumption.begin({ clock, epochMicroseconds: origin.epochMicroseconds });
  await reportUntil(consumption.finished, assignment, clock, () => onLines(consumption.report()));
}

/** Reports every second counted from the start of each segment, so that no interval lies in two steps; and at the end. */
async function reportUntil(
  finished: Promise<void>,
  { segments }: Assignment,
  clock: RunClock,
  report: () => void,
): Promise<void> {
  const over = new AbortController();
  const reporting = (async () => {
    for (const moment of reportMoments(segments)) {
      await clock.sleepUntil(moment, over);
      report();
    }
  })().catch((error: unknown) => {
    if (!over.signal.aborted) throw error;
  });
  try {
    await Promise.race([finished, reporting.then(() => finished)]);
  } finally {
    over.abort();
    if (clock.elapsed() > 0) report();
  }
}

export function* reportMoments(segments: Assignment['segments']): Iterable<number> {
  let start = 0;
  for (const { duration } of segments) {
    // An interval of less than a tenth of a second would say nothing: the last one takes it in.
    for (let second = 1; second < duration - 0.1; second++) yield start + second;
    start += duration;
    yield start;
  }
  // What is answered and consumed after the last step.
  for (;;) yield ++start;
}
