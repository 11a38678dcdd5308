import { expect, test } from 'vitest';
import type { Breach } from '../../../../loadgen/guard/guard.ts';
import { seconds } from '../../../../core/clock.ts';
import { freeDiskInput } from '../../../../loadgen/guard/free-disk-input.ts';
import { watchInput, type GuardInput } from '../../../../loadgen/guard/guard-input.ts';
import { createSteppedClock } from '../../../support/stepped-clock.ts';

const input = (read: GuardInput['read'], over: Partial<GuardInput> = {}): GuardInput => ({
  name: 'handler idle',
  everySeconds: 1,
  below: 0.3,
  ends: 'run',
  read,
  ...over,
});

function watching(watched: GuardInput) {
  const clock = createSteppedClock();
  const over = new AbortController();
  const breaches: (Breach & { at: number })[] = [];
  const done = watchInput(watched, {
    clock,
    signal: over.signal,
    onBreach: (breach) => breaches.push({ ...breach, at: clock.monotonic() }),
  });
  return {
    clock,
    breaches,
    async [Symbol.asyncDispose]() {
      over.abort();
      await clock.advance(0);
      await done;
    },
  };
}

test('a value beyond its bound is reported at once, with value and limit', async () => {
  let value = 0.9;
  await using watch = watching(input(async () => value));
  await watch.clock.advance(3.5);
  expect(watch.breaches).toEqual([]);
  value = 0.2;
  await watch.clock.advance(1);
  expect(watch.breaches).toEqual([
    expect.objectContaining({ input: 'handler idle', value: 0.2, limit: 0.3, ends: 'run', at: 4 }),
  ]);
});

test('a value missing for two intervals is a breach, and for one interval it is not', async () => {
  let value: number | undefined = 0.9;
  await using watch = watching(input(async () => value));
  await watch.clock.advance(1.5);
  value = undefined;
  await watch.clock.advance(1);
  expect(watch.breaches).toEqual([]);
  await watch.clock.advance(1);
  expect(watch.breaches[0]).toMatchObject({ reason: 'handler idle was not seen for 2 s: it has no value', at: 3 });
});

test('the disk of a busy machine may take seconds to read', async () => {
  let readings = 0;
  const disk = freeDiskInput('1', { paths: ['/data'] }, 0.05, async (io) => {
    await watch.clock.sleep(seconds(2), io);
    readings += 1;
    return 0.5;
  });
  await using watch = watching(disk);
  for (let second = 0; second < 60; second += 1) await watch.clock.advance(1);
  expect(watch.breaches).toEqual([]);
  expect(readings).toBeGreaterThan(20);
});

test('an input can provide its own message for a missing value', async () => {
  await using watch = watching({ ...input(async () => undefined), absence: 'its Prometheus has none' });
  await watch.clock.advance(2);
  expect(watch.breaches[0]?.reason).toMatch(/: its Prometheus has none$/);
});

test('a hanging source is abandoned after one interval and is a breach after two', async () => {
  await using watch = watching(input(() => new Promise<number>(() => {})));
  await watch.clock.advance(2.5);
  expect(watch.breaches[0]).toMatchObject({ at: 2 });
  expect(watch.breaches[0]?.reason).toMatch(/ was not seen for \d+ s: it did not answer within 1 s$/);
});

test('a source that fails once and then responds is not a breach', async () => {
  let reads = 0;
  await using watch = watching(
    input(async () => {
      reads += 1;
      if (reads % 2 === 0) throw new Error('reset');
      return 1;
    }),
  );
  await watch.clock.advance(10);
  expect(reads).toBeGreaterThan(8);
  expect(watch.breaches).toEqual([]);
});
