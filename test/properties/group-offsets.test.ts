import fc from 'fast-check';
import { expect, test } from 'vitest';
import { moveTo, outcomeOf, type ResetTarget, type Move } from '../../ops/offsets/reset-target.ts';

const offset = fc.bigInt({ min: 0n, max: 2n ** 62n });
/** A partition whose commit may be before the stored messages, or after them when the topic was re-created. */
const stored = fc
  .record({ low: offset, high: offset, committed: fc.option(offset, { nil: undefined }) })
  .map(({ low, high, committed }) => ({
    start: low < high ? low : high,
    end: low < high ? high : low,
    ...(committed !== undefined && { committed }),
  }));
const aim = fc.oneof(
  fc.constant<ResetTarget>({ kind: 'earliest' }),
  fc.constant<ResetTarget>({ kind: 'latest' }),
  offset.map((to): ResetTarget => ({ kind: 'offset', offset: to })),
  fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n }).map((by): ResetTarget => ({ kind: 'shift', by })),
  fc.constant<ResetTarget>({ kind: 'time', atMs: 0 }),
);
const found = fc.oneof(offset, fc.constant('none' as const));
const place = { topic: 'orders', partition: 0 };

function moved(...question: Parameters<typeof outcomeOf>): Move | undefined {
  const outcome = outcomeOf(...question);
  return outcome.kind === 'move' ? outcome : undefined;
}

test('a target is a stored offset or the end offset', () => {
  fc.assert(
    fc.property(aim, stored, found, (to, at, first) => {
      const move = moved(to, { ...place, ...at }, first);
      if (move === undefined) return;
      expect(move.target >= at.start && move.target <= at.end).toBe(true);
    }),
  );
});

test('skipped minus repeated messages equal the distance between commit and target', () => {
  fc.assert(
    fc.property(aim, stored, found, (to, at, first) => {
      const move = moved(to, { ...place, ...at }, first);
      if (move?.skipped === undefined || move.repeated === undefined || at.committed === undefined) return;
      // What a group with a commit beyond the end has read of this log is unknown.
      if (at.committed > at.end) return;
      const stands = at.committed < at.start ? at.start : at.committed;
      expect(move.skipped - move.repeated).toBe(move.target - stands);
      expect(move.skipped === 0n || move.repeated === 0n).toBe(true);
      expect(move.skipped >= 0n && move.repeated >= 0n).toBe(true);
    }),
  );
});

test('with a commit beyond the end of a re-created topic, all messages count as skipped or repeated', () => {
  const at = { start: 0n, end: 900n, committed: 14_322n };
  expect(moveTo(0n, at)).toEqual({ kind: 'move', target: 0n, skipped: 0n, repeated: 900n });
  expect(moveTo(900n, at)).toEqual({ kind: 'move', target: 900n, skipped: 900n, repeated: 0n });
});

test('moving a group to an offset and back skips as many messages as it repeats', () => {
  fc.assert(
    fc.property(stored, offset, (at, wanted) => {
      if (at.committed === undefined || at.committed < at.start || at.committed > at.end) return;
      const there = moveTo(wanted, { ...at, committed: at.committed });
      const back = moveTo(at.committed, { ...at, committed: there.target });
      expect(back.target).toBe(at.committed);
      expect([back.skipped, back.repeated]).toEqual([there.repeated, there.skipped]);
      expect(back.cutTo).toBeUndefined();
    }),
  );
});

test('a shift and its opposite cancel out within the stored offsets', () => {
  fc.assert(
    fc.property(stored, fc.bigInt({ min: -1000n, max: 1000n }), (at, by) => {
      if (at.committed === undefined || at.committed < at.start || at.committed > at.end) return;
      const there = moved({ kind: 'shift', by }, { ...place, ...at });
      if (there === undefined || there.cutTo !== undefined) return;
      const back = moved({ kind: 'shift', by: -by }, { ...place, ...at, committed: there.target });
      expect(back?.target).toBe(at.committed);
    }),
  );
});

test('unknown offsets lead to unknown outcomes or counts', () => {
  fc.assert(
    fc.property(aim, stored, found, (to, at, first) => {
      expect(outcomeOf(to, place, first).kind).toBe('unknown');
      const never = { ...place, start: at.start, end: at.end };
      const outcome = outcomeOf(to, never, first);
      if (to.kind === 'shift') expect(outcome.kind).toBe('unknown');
      else expect(outcome).not.toHaveProperty('skipped');
      if (to.kind === 'time') expect(outcomeOf(to, { ...place, ...at }).kind).toBe('unknown');
    }),
  );
});
