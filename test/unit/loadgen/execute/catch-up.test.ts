import { expect, test } from 'vitest';
import { awaitDelayed } from '../../../../loadgen/execute/conduct.ts';

const io = { signal: new AbortController().signal };

/** A broker that delivers this many messages a second, out of its retained ones. @returns seconds waited */
async function waited(keptBack: number, perSecond: (second: number) => number, lost = 0): Promise<number> {
  let [now, kept] = [0, keptBack];
  await awaitDelayed(
    {
      clock: { elapsed: () => now },
      drain: (atMostSeconds) => {
        if (kept + lost > 0) now += atMostSeconds;
        kept = Math.max(0, kept - perSecond(now));
        return Promise.resolve({ tookSeconds: atMostSeconds, lagMessages: kept + lost });
      },
      readKeptBack: () => Promise.resolve(kept),
    },
    io,
  );
  return now;
}

test('waits as long as the broker delivers', async () => {
  expect(await waited(0, () => 0)).toBe(0);
  expect(await waited(90, () => 3)).toBe(30);
});

test('a level that is looked at again after ten seconds is waited for', async () => {
  expect(await waited(50, (second) => (second > 10 ? 50 : 0))).toBe(11);
});

test('gives up when nothing moves, sooner where nothing is kept back, and after two minutes at last', async () => {
  expect(await waited(50, () => 0)).toBeLessThanOrEqual(14);
  expect(await waited(0, () => 0, 5)).toBeLessThanOrEqual(8);
  expect(await waited(1000, () => 1)).toBe(120);
});
