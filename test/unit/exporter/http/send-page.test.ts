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

test('a page that needs no deadline leaves the slack as it is', async () => {
  const clock = createSteppedClock();
  const begin = createDeadlines(clock);
  {
    using deadline = begin(10);
    await clock.advance(deadline.seconds + 3);
  }
  expect(begin(10).seconds).toBe(9.5);
});
