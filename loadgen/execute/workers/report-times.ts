// Schedules worker reports each second from the start of a segment, so that no interval spans two steps.

import type { RunClock } from '../run-clock.ts';
import type { Schedule } from '../schedule.ts';

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
