import { expect, test } from 'vitest';
import { awaitTraffic } from '../../../../app/redline/await-traffic.ts';
import type { LiveReading } from '../../../../ops/redline/live-load.ts';

const expected = { before: 0.5, after: 0.53, ledTps: 53 };

/** @param own messages per second of the broker, of 100, at a second */
function traffic(own: (second: number) => number, over: { stopsAt?: number } = {}) {
  let second = 0;
  const next = async (): Promise<LiveReading> => {
    second += 1;
    const at = second;
    return {
      atSeconds: at,
      brokers: ['a:0'],
      topics: [],
      ends: new Map(),
      takers: new Map(),
      layout: new Map(),
      loadSince: ({ atSeconds: from }) => ({
        clusterTps: 100,
        ledTps: {
          'a:0':
            Array.from({ length: at - from }, (_, index) => own(from + index + 1)).reduce((a, b) => a + b, 0) /
            (at - from),
        },
        busyTopics: [],
        originals: [],
        among: () => {
          throw new Error('nothing is chosen here');
        },
        next: () => ({ kind: 'end', end: 'limit' }),
      }),
    };
  };
  const { stopsAt = Number.POSITIVE_INFINITY } = over;
  return {
    seconds: () => second,
    parts: {
      driver: { broker: { id: 'a:0', name: 'a' }, following: { windowSeconds: 8, mostSeconds: 75 } },
      next,
      elapsed: () => second,
      look: () => (second >= stopsAt ? { code: 'limit' as const, message: 'cpu is at 90%' } : undefined),
      progress: () => {},
    },
  };
}

test('a step begins once its traffic is measured at the broker, not after a fixed time', async () => {
  const { parts, seconds } = traffic((second) => (second < 31 ? 50 : 53));
  expect(await awaitTraffic(parts, expected)).toBeUndefined();
  expect(seconds()).toBeGreaterThan(31 + 5);
  expect(seconds()).toBeLessThan(31 + 10);
});

test('traffic that does not follow ends the redline with both rates', async () => {
  const { parts } = traffic(() => 50);
  expect(await awaitTraffic(parts, expected)).toMatchObject({
    code: 'not-followed',
    message: expect.stringContaining('gets 50 msg/s 75 s after the step instead of the expected 53 msg/s'),
  });
});

test('limits are checked while traffic shifts', async () => {
  const { parts, seconds } = traffic(() => 50, { stopsAt: 20 });
  expect(await awaitTraffic(parts, expected)).toMatchObject({ code: 'limit' });
  expect(seconds()).toBe(20);
});

test('a broker whose steps take effect at once waits only a few seconds', async () => {
  const { parts, seconds } = traffic(() => 50);
  expect(await awaitTraffic({ ...parts, driver: { broker: parts.driver.broker } }, expected)).toBeUndefined();
  expect(seconds()).toBe(3);
});
