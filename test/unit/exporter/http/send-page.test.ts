import { expect, test, vi } from 'vitest';
import { createDeadlines } from '../../../../exporter/http/send-page.ts';
import { createSteppedClock } from '../../../support/stepped-clock.ts';

test('a page completed too late for its scraper leaves the next ones more time, which then decreases slowly', async () => {
  using timeout = vi.spyOn(AbortSignal, 'timeout');
  timeout.mockImplementation(() => AbortSignal.abort());
  const clock = createSteppedClock();
  const begin = createDeadlines(clock);
  const deadlines: number[] = [];
  for (const neededSeconds of [0.2, 2, 6, 0.1, 0]) {
    using deadline = begin(10);
    deadlines.push(deadline.seconds);
    await clock.advance(deadline.seconds + neededSeconds);
  }
  expect(deadlines).toEqual([9.5, 9.5, 6, 5, 5.5]);
});

test('a scraper with a short timeout leaves the slack of the others as it is', async () => {
  using timeout = vi.spyOn(AbortSignal, 'timeout');
  timeout.mockImplementation(() => AbortSignal.abort());
  const clock = createSteppedClock();
  const begin = createDeadlines(clock);
  const deadlines: number[] = [];
  for (const [timeoutSeconds, neededSeconds] of [
    [0.2, 0],
    [10, 2],
    [1, 0],
    [10, 0],
  ] as const) {
    using deadline = begin(timeoutSeconds);
    deadlines.push(deadline.seconds);
    await clock.advance(deadline.seconds + neededSeconds);
  }
  expect(deadlines).toEqual([0.1, 9.5, 0.5, 6.4]);
});

test('a page that needs no deadline leaves the slack as it is', async () => {
  const clock = createSteppedClock();
  const begin = createDeadlines(clock);
  {
    using deadline = begin(10);
    await clock.advance(deadline.seconds + 3);
  }
  expect(begin(10).seconds).toBe(9.5);
});
