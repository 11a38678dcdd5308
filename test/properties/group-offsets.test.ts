import fc from 'fast-check';
import { expect, test } from 'vitest';
import { moveTo, outcomeOf, type ResetTarget, type Move } from '../../ops/offsets/reset-target.ts';

const offset = fc.bigInt({ min: 0n, max: 2n ** 62n });
/** A partition whose commit may be before the stored messages, or after them when the topic was re-created. */
const stored = fc
  .record({ low: offset, high: offset, committed: offset })
  .map(({ low, high, committed }) => ({ start: low < high ? low : high, end: low < high ? high : low, committed }));
/** A partition whose commit is a stored offset or the end offset. */
const read = fc
  .tuple(offset, offset, offset)
  .map((offsets) => offsets.toSorted((a, b) => (a < b ? -1 : 1)))
  .map(([start = 0n, committed = 0n, end = 0n]) => ({ start, committed, end }));
const aim = fc.oneof(
  fc.constant<ResetTarget>({ kind: 'earliest' }),
  fc.constant<ResetTarget>({ kind: 'latest' }),
  offset.map((to): ResetTarget => ({ kind: 'offset', offset: to })),
  fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n }).map((by): ResetTarget => ({ kind: 'shift', by })),
  fc.constant<ResetTarget>({ kind: 'time', atMs: 0 }),
);
const found = fc.oneof(offset, fc.constant('none' as const));
const place = { topic: 'orders', partition: 0 };

function moved(...question: Parameters<typeof outcomeOf>): Move {
  const outcome = outcomeOf(...question);
  if (outcome.kind !== 'move') throw new Error(outcome.reason);
  return outcome;
}

test('a target is the wanted offset, or the nearest one from the first stored to the end', () => {
  fc.assert(
    fc.property(aim, stored, found, (to, at, first) => {
      const wanted = {
        earliest: at.start,
        latest: at.end,
        offset: to.kind === 'offset' ? to.offset : undefined,
        shift: to.kind === 'shift' ? at.committed + to.by : undefined,
        time: first === 'none' ? at.end : first,
      }[to.kind] as bigint;
      const { target, cutTo } = moved(to, { ...place, ...at }, first);
      expect([target, cutTo]).toEqual(
        wanted < at.start ? [at.start, 'start'] : wanted > at.end ? [at.end, 'end'] : [wanted, undefined],
      );
    }),
  );
});

test('skipped minus repeated messages equal the distance between commit and target', () => {
  fc.assert(
    fc.property(aim, stored, found, (to, at, first) => {
      // What a group with a commit beyond the end has read of this log is unknown.
      fc.pre(at.committed <= at.end);
      const { target, skipped, repeated } = moved(to, { ...place, ...at }, first);
      const by = target - (at.committed < at.start ? at.start : at.committed);
      expect([skipped, repeated]).toEqual(by < 0n ? [0n, -by] : [by, 0n]);
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
    fc.property(read, offset, (at, wanted) => {
      const there = moveTo(wanted, at);
      const back = moveTo(at.committed, { ...at, committed: there.target });
      expect(back.target).toBe(at.committed);
      expect([back.skipped, back.repeated]).toEqual([there.repeated, there.skipped]);
      expect(back.cutTo).toBeUndefined();
    }),
  );
});

test('a shift and its opposite cancel out within the stored offsets', () => {
  fc.assert(
    fc.property(read, offset, (at, to) => {
      const by = (to % (at.end - at.start + 1n)) + at.start - at.committed;
      const there = moved({ kind: 'shift', by }, { ...place, ...at });
      expect(there.cutTo).toBeUndefined();
      const back = moved({ kind: 'shift', by: -by }, { ...place, ...at, committed: there.target });
      expect(back.target).toBe(at.committed);
    }),
  );
});

test('unknown offsets lead to unknown outcomes or counts', () => {
  fc.assert(
    fc.property(aim, stored, found, (to, { start, end }, first) => {
      expect(outcomeOf(to, place, first).kind).toBe('unknown');
      const outcome = outcomeOf(to, { ...place, start, end }, first);
      expect(outcome.kind).toBe(to.kind === 'shift' ? 'unknown' : 'move');
      expect(outcome).not.toHaveProperty('skipped');
      expect(outcome).not.toHaveProperty('repeated');
      if (to.kind === 'time') expect(outcomeOf(to, { ...place, start, end }).kind).toBe('unknown');
    }),
  );
});
