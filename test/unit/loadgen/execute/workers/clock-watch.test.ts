import { expect, test } from 'vitest';
import { createClockWatch } from '../../../../../loadgen/execute/workers/pace-rate.ts';

/** Each read of the clock takes this long. */
function watchOf(lookSeconds: number) {
  const clock = { looks: 0, elapsed: () => lookSeconds * clock.looks++ };
  return { clock, watch: createClockWatch(clock) };
}
const io = { signal: new AbortController().signal };

test('a near moment is awaited by polling the clock, and the polling time is reported once', async () => {
  const { clock, watch } = watchOf(0.00001);
  await watch.until(0.00005, io);
  expect(clock.looks).toBe(6);
  expect(watch.take()).toBeCloseTo(0.00005);
  expect(watch.take()).toBe(0);
});

test.each([
  ['has passed', 0],
  ['is left to a timer', 0.0002],
])('a moment that %s is not polled for', async (_, moment) => {
  const { clock, watch } = watchOf(0.00001);
  await watch.until(moment, io);
  expect(clock.looks).toBe(1);
  expect(watch.take()).toBe(0);
});

test('slow polling turns count as work and not as polling time', async () => {
  const { watch } = watchOf(0.00006);
  await watch.until(0.00009, io);
  expect(watch.take()).toBe(0);
});

test('a stopped worker does not poll', async () => {
  const { clock, watch } = watchOf(0);
  await watch.until(0.00005, { signal: AbortSignal.abort() });
  expect(clock.looks).toBe(1);
});
