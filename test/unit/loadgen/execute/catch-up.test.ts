import { expect, test } from 'vitest';
import { awaitDelayed } from '../../../../loadgen/execute/conduct.ts';

const io = { signal: new AbortController().signal };

/** A broker that delivers this many messages a second of the delayed ones it holds. @returns seconds waited */
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

test('waits while the broker delivers delayed messages', async () => {
  expect(await waited(0, () => 0)).toBe(0);
  expect(await waited(90, () => 3)).toBe(30);
});

test('waits for a delay level that the broker checks again only after ten seconds', async () => {
  expect(await waited(50, (second) => (second > 10 ? 50 : 0))).toBe(11);
});

test('gives up if nothing moves, sooner if nothing is held, and after two minutes at the latest', async () => {
  expect(await waited(50, () => 0)).toBeLessThanOrEqual(14);
  expect(await waited(0, () => 0, 5)).toBeLessThanOrEqual(8);
  expect(await waited(1000, () => 1)).toBe(120);
});
