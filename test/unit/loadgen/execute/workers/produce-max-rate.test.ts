// Checks that a producer that catches up stays below the maximum rate set by the cluster owner.

import { expect, test } from 'vitest';
import { seconds } from '../../../../../core/clock.ts';
import { dealSlots } from '../../../../../loadgen/execute/workers/worker-numbers.ts';
import { openProduction, produce, producedLine, rateOf } from '../../../../support/production-in-memory.ts';

test('after a broker stall, late messages are sent at the maximum rate, and the delay counts as blocked', async () => {
  const { clock, production, numbers } = await produce({
    rate: 1000,
    duration: 12,
    maxTps: 1000,
    fateOf: (sequence) => (sequence < 5 ? { kind: 'acknowledge', after: seconds(2) } : { kind: 'acknowledge' }),
  });
  await clock.advanceTo(2);
  production.report();
  for (let second = 3; second <= 14; second++) {
    await clock.advanceTo(second);
    const { sent, blockedSeconds } = producedLine(production.report());
    expect(sent).toBeLessThanOrEqual(1100);
    if (second <= 12) expect(sent).toBeGreaterThan(1000);
    if (second <= 12) expect(blockedSeconds).toBeGreaterThan(0.5);
  }
  expect(numbers()).toHaveLength(12_000);
});

test('a producer on schedule sends due messages at once', async () => {
  const { clock, production } = await produce({ rate: 1000, duration: 2, maxTps: 1000 });
  await clock.advanceTo(2.1);
  const { sent, sendDelay } = producedLine(production.report());
  expect(sent).toBe(2000);
  const inTime = await produce({ rate: 1000, duration: 2 });
  await inTime.clock.advanceTo(2.1);
  expect(sendDelay).toBe(producedLine(inTime.production.report()).sendDelay);
});

test('each worker keeps to its share of the maximum rate, which grows by adoption; its own delay is not blocked', async () => {
  const { clock, production, extend } = await openProduction({ workers: 2, worker: 0, maxTps: 1000 });
  await clock.advanceTo(1);
  production.report();
  // The schedule arrives three seconds late.
  extend([rateOf(1000, 10)], { atSeconds: -2 });
  await clock.advanceTo(2);
  const own = producedLine(production.report());
  expect(own.sent).toBeGreaterThan(500);
  expect(own.sent).toBeLessThanOrEqual(550);
  expect(own.blockedSeconds).toBe(0);
  production.adopt(dealSlots(2, 64)[1] ?? [], 0);
  await clock.advanceTo(3);
  const both = producedLine(production.report());
  expect(both.sent).toBeGreaterThan(1000);
  expect(both.sent).toBeLessThanOrEqual(1100);
});
