import { expect, test } from 'vitest';
import type { ConsumerLag } from '../../../core/cluster.ts';
import { lagOf, nextOffset, progressOf } from '../../../core/consumer-lag.ts';

const partition = (over: Partial<ConsumerLag>): ConsumerLag => ({ topic: 'orders', partition: 0, end: 100n, ...over });

test('returns the lag to the last stable offset and the number of consumable messages', () =>
  expect(progressOf(partition({ start: 10n, committed: 40n, lastStable: 90n }))).toEqual({
    kind: 'ok',
    toLastStable: 50n,
    consumable: 60n,
  }));

test('returns the messages that retention deleted unread, and counts only the rest as consumable', () =>
  expect(progressOf(partition({ start: 70n, committed: 40n }))).toEqual({
    kind: 'lost',
    lostMessages: 30n,
    consumable: 30n,
  }));

test('a group loses nothing if retention deleted only transaction markers after its commit', () => {
  expect(progressOf(partition({ start: 100n, committed: 99n, nextMessageOffset: 100n }))).toEqual({
    kind: 'ok',
    consumable: 0n,
  });
  expect(progressOf(partition({ start: 70n, committed: 40n, nextMessageOffset: 41n }))).toMatchObject({
    kind: 'lost',
    lostMessages: 29n,
  });
});

test('a partition without a commit is uncommitted and has no lag', () =>
  expect(progressOf(partition({ start: 0n }))).toEqual({ kind: 'uncommitted' }));

test('a commit beyond the end has a lag of 0 and no known consumable messages', () => {
  expect(progressOf(partition({ start: 0n, end: 5n, committed: 40n }))).toEqual({ kind: 'beyond-end' });
  expect(lagOf(partition({ end: 5n, committed: 40n }))).toBe(0n);
  expect(lagOf(partition({ end: 100n, committed: 40n }))).toBe(60n);
});

test('a group that read beyond the last stable offset has a lag of 0 to it', () =>
  expect(progressOf(partition({ committed: 95n, lastStable: 90n }))).toEqual({ kind: 'ok', toLastStable: 0n }));

test('loss and consumable messages are unknown while the log start is unknown', () =>
  expect(progressOf(partition({ committed: 40n }))).not.toHaveProperty('consumable'));

test('the next offset is the log start if the commit is below it', () => {
  expect(nextOffset({ committed: 40n, start: 70n })).toBe(70n);
  expect(nextOffset({ committed: 70n, start: 40n })).toBe(70n);
  expect(nextOffset({ committed: 40n })).toBe(40n);
});
