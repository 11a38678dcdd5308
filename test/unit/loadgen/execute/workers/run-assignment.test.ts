import { expect, test } from 'vitest';
import { messagesPerSecond } from '../../../../../core/units.ts';
import { seconds } from '../../../../../core/clock.ts';
import { createSchedule } from '../../../../../loadgen/execute/schedule.ts';
import { nextReport, startReporting } from '../../../../../loadgen/execute/workers/run-assignment.ts';
import { createManualRunClock } from '../../../../support/manual-run-clock.ts';

function scheduleOf(...durations: number[]) {
  const schedule = createSchedule();
  const rate = messagesPerSecond(1);
  const segments = durations.map((duration) => ({
    kind: 'rate' as const,
    from: rate,
    to: rate,
    duration: seconds(duration),
  }));
  schedule.extend({ segments, atSeconds: 0, fromNumber: 0 });
  return schedule;
}

function momentsOf(schedule: ReturnType<typeof createSchedule>, count: number): number[] {
  const moments: number[] = [];
  for (let last = 0; moments.length < count; moments.push(last)) last = nextReport(schedule, last);
  return moments;
}

test('reports are due each second of a segment and at its end, and continue after the last segment', () =>
  expect(momentsOf(scheduleOf(2.5, 2), 7)).toEqual([1, 2, 2.5, 3.5, 4.5, 5.5, 6.5]));

test('a remainder below a tenth of a second belongs to the previous interval', () =>
  expect(momentsOf(scheduleOf(2.05, 1), 4)).toEqual([1, 2.05, 3.05, 4.05]));

test('a boundary added during the wait is kept', async () => {
  const clock = createManualRunClock();
  const schedule = scheduleOf(10);
  const reported: number[] = [];
  const work = Promise.withResolvers<void>();
  const reporting = startReporting(schedule, clock, 0, work.promise, () => reported.push(clock.elapsed()));
  await clock.advanceTo(1.2);
  schedule.cutAt(1.2);
  reporting.changed();
  schedule.extend({
    segments: [{ kind: 'lanes', lanes: 1, duration: seconds(1) }],
    atSeconds: 1.6,
    fromNumber: schedule.endNumber,
  });
  reporting.changed();
  await clock.advanceTo(3);
  work.resolve();
  await reporting.done;
  expect(reported).toEqual([1, 1.2, 1.6, 2.6, 3]);
});
