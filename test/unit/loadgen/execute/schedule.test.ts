import { expect, test } from 'vitest';
import { messagesPerSecond } from '../../../../core/units.ts';
import { seconds } from '../../../../core/clock.ts';
import type { Segment } from '../../../../loadgen/plan/profiles/profile.ts';
import { createSchedule } from '../../../../loadgen/execute/schedule.ts';

const rate = (from: number, duration: number, to = from): Segment => ({
  kind: 'rate',
  from: messagesPerSecond(from),
  to: messagesPerSecond(to),
  duration: seconds(duration),
});
const lanes = (count: number, duration: number): Segment => ({
  kind: 'lanes',
  lanes: count,
  duration: seconds(duration),
});

function scheduleOf(...segments: Segment[]) {
  const schedule = createSchedule();
  schedule.extend({ segments, atSeconds: 0, fromNumber: 0 });
  return schedule;
}
const pacerOf = (schedule: ReturnType<typeof createSchedule>, index: number) => {
  const stretch = schedule.stretches[index];
  if (stretch?.kind !== 'rate') throw new Error('no rates there');
  return stretch.pacer;
};

test('an extension at the end continues as if it had been there from the start', () => {
  const once = scheduleOf(rate(2.5, 1), rate(3.5, 1));
  const twice = scheduleOf(rate(2.5, 1));
  twice.extend({ segments: [rate(3.5, 1)], atSeconds: twice.endSeconds, fromNumber: twice.endNumber });
  expect(twice.stretches).toHaveLength(1);
  const timesOf = (schedule: typeof once) =>
    Array.from({ length: pacerOf(schedule, 0).total }, (_, n) => pacerOf(schedule, 0).intendedTime(n));
  expect(timesOf(twice)).toEqual(timesOf(once));
  expect(timesOf(once)).toHaveLength(6);
});

test('after a pause numbers continue, and nothing is due during the pause', () => {
  const schedule = scheduleOf(rate(10, 1));
  schedule.extend({ segments: [rate(10, 1)], atSeconds: 5, fromNumber: schedule.endNumber });
  const [before, after] = [pacerOf(schedule, 0), pacerOf(schedule, 1)];
  expect([before.dueBy(4.9), after.dueBy(4.9), after.intendedTime(10), after.total]).toEqual([10, 10, 5, 20]);
});

test('a cut part is not due, and its numbers are not used again', () => {
  const schedule = scheduleOf(rate(10, 10), lanes(4, 10), rate(10, 10));
  const end = schedule.endNumber;
  schedule.cutAt(2.05);
  expect(schedule.stretches).toHaveLength(1);
  expect([pacerOf(schedule, 0).total, pacerOf(schedule, 0).dueBy(9), schedule.endSeconds]).toEqual([21, 21, 2.05]);
  expect(schedule.endNumber).toBe(end);
  schedule.extend({ segments: [rate(10, 1)], atSeconds: schedule.endSeconds, fromNumber: schedule.endNumber });
  expect(pacerOf(schedule, 1).first).toBe(end);
});

test('in a closed loop numbers of the next segment are never counted as unreached', () => {
  const schedule = scheduleOf(lanes(4, 1));
  schedule.extend({ segments: [lanes(8, 1)], atSeconds: 5, fromNumber: schedule.endNumber });
  expect([0.5, 4, 5.5].map((moment) => schedule.unreachedAt(moment))).toEqual([5e6, 1e7, 1.5e7]);
});

test('a cut within a closed loop ends it', () => {
  const schedule = scheduleOf(lanes(4, 10));
  schedule.cutAt(3);
  expect(schedule.stretches[0]).toMatchObject({ kind: 'lanes', start: 0, end: 3 });
});

test('a closed loop reserves a range of numbers, and the next segment continues after it', () => {
  const schedule = scheduleOf(rate(10, 1), lanes(4, 2), rate(10, 1));
  const [, loop, after] = schedule.stretches;
  expect(loop).toMatchObject({ kind: 'lanes', first: 10, start: 1, end: 3 });
  expect(after?.kind === 'rate' && after.pacer.first).toBe(10 + 20_000_000);
  expect(after?.kind === 'rate' && after.pacer.intendedTime(20_000_010)).toBe(3);
});

test('boundaries are where segments meet and where a pause ends', () => {
  const schedule = scheduleOf(rate(10, 1.5), lanes(4, 2));
  schedule.extend({ segments: [rate(10, 1)], atSeconds: 6, fromNumber: schedule.endNumber });
  expect(schedule.boundariesAround(0)).toEqual({ before: 0, after: 1.5 });
  expect(schedule.boundariesAround(1.5)).toEqual({ before: 1.5, after: 3.5 });
  expect(schedule.boundariesAround(4)).toEqual({ before: 3.5, after: 6 });
  expect(schedule.boundariesAround(9)).toEqual({ before: 7 });
});
