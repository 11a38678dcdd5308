// Runs one traffic thread from start to end.

import type { TrafficDriver } from '../../../brokers/driver.ts';
import type { JournalLine } from '../../../core/documents/run-bundle.ts';
import { ignoreFault } from '../../../core/errors.ts';
import { producerOptionsOf } from '../../plan/workload/broker-fit.ts';
import { createRunClock, type RunClock, type RunOrigin } from '../run-clock.ts';
import { createSchedule, type Schedule } from '../schedule.ts';
import { startConsumption } from './consume.ts';
import type { Mailbox } from './mailbox.ts';
import { startProduction } from './produce.ts';
import type { Assignment, ConsumerAssignment, ProducerAssignment, ToThread } from './thread-messages.ts';
import { watchThreadLoad } from './thread-load.ts';
import { createThrottleCount } from './throttle-count.ts';

interface AssignmentIo {
  /** Called when all clients are connected and, for a consumer, partitions are assigned. */
  onReady(): void;
  onLines(lines: JournalLine[]): void;
  onDriven(untilSeconds: number): void;
  started: Promise<RunOrigin>;
  stopped: AbortSignal;
  /** Later messages from the coordinator. */
  mailbox: Mailbox<ToThread>;
}

/** @throws AppError from the broker */
export async function runAssignment(assignment: Assignment, traffic: TrafficDriver, io: AssignmentIo): Promise<void> {
  return assignment.role === 'producer' ? produce(assignment, traffic, io) : consume(assignment, traffic, io);
}

async function produce(
  assignment: ProducerAssignment,
  traffic: TrafficDriver,
  { onReady, onLines, onDriven, started, stopped, mailbox }: AssignmentIo,
): Promise<void> {
  const { sending, broker, transactionalId } = assignment;
  const throttling = createThrottleCount();
  await using producer = await traffic.producer(producerOptionsOf(sending, broker, transactionalId), throttling);
  await producer.prepare?.(assignment.topics, { signal: stopped });
  onReady();
  const origin = await started;
  const clock = createRunClock(origin);
  const schedule = createSchedule();
  const takeLoad = watchThreadLoad();
  const tools = { ...origin, schedule, producer, clock, takeLoad, throttling, onDriven };
  const production = startProduction(assignment, tools);
  const { done, changed } = startReporting(schedule, clock, origin.fromSeconds, production.finished, () =>
    onLines(production.report()),
  );
  mailbox.listen((message) => {
    switch (message.kind) {
      case 'extend':
        schedule.extend(message.extension);
        production.extended();
        return changed();
      case 'cut':
        production.cut(message.atSeconds);
        return changed();
      case 'adopt':
        if (message.fences !== undefined && producer.endTransactions !== undefined) {
          fence(message.fences).catch(ignoreFault('the broker aborts the transaction after its timeout'));
        }
        return production.adopt(message.slots, message.fromNumber);
      case 'clock-offset':
        return clock.setAhead(message.offsetSeconds);
      default:
    }
  });
  /** A new producer with the id aborts the transaction of the lost one, which blocks readers of committed messages. */
  async function fence(id: string): Promise<void> {
    await (await traffic.producer(producerOptionsOf(sending, broker, id)))[Symbol.asyncDispose]();
  }
  if (stopped.aborted) production.stop();
  stopped.addEventListener('abort', () => production.stop(), { once: true });
  await done;
}

async function consume(
  assignment: ConsumerAssignment,
  traffic: TrafficDriver,
  { onReady, onLines, started, stopped, mailbox }: AssignmentIo,
): Promise<void> {
  const takeLoad = watchThreadLoad();
  const open = traffic.consumer.bind(traffic);
  const consumption = startConsumption(assignment, { open, takeLoad }, { signal: stopped });
  const stoppedEarly = consumption.finished.then(() => undefined);
  await Promise.race([consumption.assigned, stoppedEarly]);
  onReady();
  const origin = await Promise.race([started, stoppedEarly]);
  if (origin === undefined) return;
  const clock = createRunClock(origin);
  const schedule = createSchedule();
  consumption.begin({ ...origin, clock });
  const { done, changed } = startReporting(schedule, clock, origin.fromSeconds, consumption.finished, () =>
    onLines(consumption.report()),
  );
  mailbox.listen((message) => {
    switch (message.kind) {
      case 'extend':
        schedule.extend(message.extension);
        return changed();
      case 'cut':
        schedule.cutAt(message.atSeconds);
        return changed();
      case 'consume':
        return message.group === assignment.group ? consumption.pause(message.paused) : undefined;
      case 'clock-offset':
        return consumption.setClockOffset(message.offsetSeconds);
      default:
    }
  });
  await done;
}

/** A shorter interval is meaningless and is merged into the previous one. */
const shortestSeconds = 0.1;

/** @returns the moment after `last` at which a report is due */
export function nextReport(schedule: Schedule, last: number): number {
  const { before, after } = schedule.boundariesAround(last);
  const second = before + Math.floor(last - before + shortestSeconds) + 1;
  return after !== undefined && second > after - shortestSeconds ? after : second;
}

/** Reports until the work has finished, and then once more. @throws the error of the work */
export function startReporting(
  schedule: Schedule,
  clock: RunClock,
  fromSeconds: number,
  finished: Promise<void>,
  report: () => void,
) {
  const over = new AbortController();
  let change = new AbortController();
  let reportedAt = fromSeconds;

  function reportNow(): void {
    const now = clock.elapsed();
    if (now <= reportedAt) return;
    reportedAt = now;
    report();
  }

  async function reportAlways(): Promise<void> {
    let last = fromSeconds;
    while (!over.signal.aborted) {
      const moment = nextReport(schedule, last);
      const { signal } = change;
      const slept = await clock.sleepUntil(moment, { signal }).then(
        () => true,
        () => false,
      );
      if (!slept) continue;
      reportNow();
      // After a stall of the machine, send one long interval instead of many empty ones.
      last = clock.elapsed() - moment > 1 ? clock.elapsed() : moment;
    }
  }

  const reporting = reportAlways();
  return {
    /** Called when the schedule has changed: its next boundary may be nearer. */
    changed(): void {
      const before = change;
      change = new AbortController();
      before.abort();
    },
    done: (async () => {
      try {
        await Promise.race([finished, reporting.then(() => finished)]);
      } finally {
        over.abort();
        change.abort();
        reportNow();
      }
    })(),
  };
}
