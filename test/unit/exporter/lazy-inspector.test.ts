import { expect, test } from 'vitest';
import { inspectLazily } from '../../../exporter/lazy-inspector.ts';
import { inspectorOf, troubledSnapshot } from '../../support/golden-metrics-page.ts';

const io = { signal: new AbortController().signal };

test('connects at the first read and keeps the connection', async () => {
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

test('an inspector is kept when a reading fails, because it holds the last good values', async () => {
  let opened = 0;
  let readings = 0;
  const inspector = inspectLazily(async () => {
    opened++;
    return inspectorOf(async () => {
      if (readings++ === 0) throw new Error('connection reset');
      return troubledSnapshot;
    });
  });
  await expect(inspector.snapshot(io)).rejects.toThrow('connection reset');
  expect(await inspector.snapshot(io)).toBe(troubledSnapshot);
  expect(opened).toBe(1);
});

test('concurrent readings share one inspector', async () => {
  let opened = 0;
  const { promise: network, resolve: comesUp } = Promise.withResolvers<void>();
  const inspector = inspectLazily(async () => {
    opened++;
    await network;
    return inspectorOf(async () => troubledSnapshot);
  });
  const readings = [inspector.snapshot(io), inspector.describe(io), inspector.snapshot(io)];
  comesUp();
  await Promise.all(readings);
  expect(opened).toBe(1);
});

test('an inspector opened too late for its reading serves the next one', async () => {
  let opened = 0;
  const { promise: network, resolve: comesUp } = Promise.withResolvers<void>();
  const inspector = inspectLazily(async () => {
    opened++;
    await network;
    return inspectorOf(async () => troubledSnapshot);
  });
  const hasty = new AbortController();
  const early = inspector.snapshot({ signal: hasty.signal });
  hasty.abort(new Error('deadline'));
  await expect(early).rejects.toThrow('deadline');
  comesUp();
  expect(await inspector.snapshot(io)).toBe(troubledSnapshot);
  expect(opened).toBe(1);
});

test('observations of a broker are forwarded once an inspector is open', async () => {
  const seen: unknown[] = [];
  const inspector = inspectLazily(async () => ({
    ...inspectorOf(async () => troubledSnapshot),
    observe: (...signs) => void seen.push(signs),
  }));
  inspector.observe?.('1', { iowaitRatio: 0.4 });
  await inspector.snapshot(io);
  inspector.observe?.('1', { iowaitRatio: 0.5 });
  expect(seen).toEqual([['1', { iowaitRatio: 0.5 }]]);
});

test('closing also closes an inspector that is opened afterwards', async () => {
  const closed: string[] = [];
  const { promise: network, resolve: comesUp } = Promise.withResolvers<void>();
  const closable = (name: string) => ({
    ...inspectorOf(async () => troubledSnapshot),
    [Symbol.asyncDispose]: async () => void closed.push(name),
  });
  const opened = inspectLazily(async () => closable('opened'));
  await opened.snapshot(io);
  await opened[Symbol.asyncDispose]();
  const opening = inspectLazily(async () => {
    await network;
    return closable('opening');
  });
  const reading = opening.snapshot(io);
  await opening[Symbol.asyncDispose]();
  comesUp();
  await expect(reading).rejects.toThrow('the inspector is closed');
  expect(closed).toEqual(['opened', 'opening']);
});
