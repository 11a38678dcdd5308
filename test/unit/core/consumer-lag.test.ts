import { expect, test } from 'vitest';
import type { ConsumerLag } from '../../../core/cluster.ts';
import { lagOf, nextOffset, progressOf } from '../../../core/consumer-lag.ts';

const partition = (over: Partial<ConsumerLag>): ConsumerLag => ({ topic: 'orders', partition: 0, end: 100n, ...over });

test('counts to the last stable offset, and what can still be read', () =>
  expect(progressOf(partition({ start: 10n, committed: 40n, lastStable: 90n }))).toEqual({
    kind: 'ok',
    toLastStable: 50n,
    consumable: 60n,
  }));

test('reports what retention deleted unread, and counts as consumable only what is left', () =>
  expect(progressOf(partition({ start: 70n, committed: 40n }))).toEqual({
    kind: 'lost',
    lostMessages: 30n,
    consumable: 30n,
  }));

test('a group loses nothing where retention deleted only the markers of transactions behind its commit', () => {
  expect(progressOf(partition({ start: 100n, committed: 99n, nextMessageOffset: 100n }))).toEqual({
    kind: 'ok',
    consumable: 0n,
  });
  expect(progressOf(partition({ start: 70n, committed: 40n, nextMessageOffset: 41n }))).toMatchObject({
    kind: 'lost',
    lostMessages: 29n,
  });
});

test('a partition without a commit is uncommitted, and has no lag', () =>
  expect(progressOf(partition({ start: 0n }))).toEqual({ kind: 'uncommitted' }));

test('what can be read is unknown when the commit is beyond the end, and the lag is 0', () => {
  expect(progressOf(partition({ start: 0n, end: 5n, committed: 40n }))).toEqual({ kind: 'beyond-end' });
  expect(lagOf(partition({ end: 5n, committed: 40n }))).toBe(0n);
  expect(lagOf(partition({ end: 100n, committed: 40n }))).toBe(60n);
});

test('a group that has read beyond the last stable offset is not behind it', () =>
  expect(progressOf(partition({ committed: 95n, lastStable: 90n }))).toEqual({ kind: 'ok', toLastStable: 0n }));

test('knows neither loss nor consumable lag while the start could not be read', () =>
  expect(progressOf(partition({ committed: 40n }))).not.toHaveProperty('consumable'));

test('continues at the start of the log when the commit lies below it', () => {
  expect(nextOffset({ committed: 40n, start: 70n })).toBe(70n);
  expect(nextOffset({ committed: 70n, start: 40n })).toBe(70n);
  expect(nextOffset({ committed: 40n })).toBe(40n);
});
