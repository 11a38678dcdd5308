import { expect, test } from 'vitest';
import { chooseOrigin, createRunClock, startedAtOf } from '../../../../loadgen/execute/run-clock.ts';

const io = { signal: new AbortController().signal };

test('a clock ahead of the coordinator stops until the coordinator has caught up, and never goes back', async () => {
  const clock = createRunClock(chooseOrigin(0));
  const before = clock.elapsed();
  clock.setAhead(0.05);
  expect(clock.elapsed()).toBe(before);
  await clock.sleepUntil(before + 0.01, io);
  expect(clock.elapsed()).toBeGreaterThanOrEqual(before + 0.01);
});

test('the elapsed seconds of a resumed run continue, and its wall-clock start is that of the attempt', () => {
  const origin = chooseOrigin(0, 3600);
  expect(createRunClock(origin).elapsed()).toBeCloseTo(3600, 1);
  expect(Math.abs(Date.parse(startedAtOf(origin)) + 3_600_000 - Date.now())).toBeLessThan(1000);
});
