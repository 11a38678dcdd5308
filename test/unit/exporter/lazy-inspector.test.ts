import { expect, test } from 'vitest';
import { inspectLazily } from '../../../exporter/lazy-inspector.ts';
import { inspectorOf, troubledSnapshot } from '../../support/golden-metrics-page.ts';

const io = { signal: new AbortController().signal };

test('connects when first read and keeps the connection', async () => {
  let opened = 0;
  const inspector = inspectLazily(async () => (opened++, inspectorOf(async () => troubledSnapshot)));
  expect(opened).toBe(0);
  await inspector.snapshot(io);
  await inspector.snapshot(io);
  expect(opened).toBe(1);
});

test('a cluster that was down at first is read once it is up', async () => {
  let isUp = false;
  const inspector = inspectLazily(async () => {
    if (!isUp) throw new Error('connection refused');
    return inspectorOf(async () => troubledSnapshot);
  });
  await expect(inspector.snapshot(io)).rejects.toThrow('connection refused');
  isUp = true;
  expect(await inspector.snapshot(io)).toBe(troubledSnapshot);
});

test('after a failed reading the connection is closed and a new one made', async () => {
  const closed: number[] = [];
  let opened = 0;
  const inspector = inspectLazily(async () => {
    const mine = opened++;
    return {
      ...inspectorOf(async () => {
        if (mine === 0) throw new Error('connection reset');
        return troubledSnapshot;
      }),
      async [Symbol.asyncDispose]() {
        closed.push(mine);
        throw new Error('already closed');
      },
    };
  });
  await expect(inspector.snapshot(io)).rejects.toThrow('connection reset');
  expect(await inspector.snapshot(io)).toBe(troubledSnapshot);
  expect(closed).toEqual([0]);
});
