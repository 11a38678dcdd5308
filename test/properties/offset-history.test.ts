import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createOffsetHistory, pointsPerPartition } from '../../exporter/lag/offset-history.ts';

/** A partition read every 15 s: number of messages stored in each interval, quiet and busy ones. */
const watched = fc.array(
  fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 100, max: 100_000 })),
  {
    minLength: 1,
    maxLength: 400,
  },
);

function watch(arrivals: readonly number[]) {
  const history = createOffsetHistory({ maxPartitions: 1 });
  const slot = history.open();
  if (slot === undefined) throw new Error('no slot');
  const readings = [{ time: 0, end: 0 }];
  for (const [index, arrived] of arrivals.entries()) {
    readings.push({ time: 15 * (index + 1), end: (readings.at(-1)?.end ?? 0) + arrived });
  }
  for (const { time, end } of readings) history.observe(slot, time, end);
  return { history, slot, readings };
}

const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test('every unread message was stored between the two readings in its answer, even after points were dropped', () => {
  fc.assert(
    fc.property(watched, share, (arrivals, at) => {
      const { history, slot, readings } = watch(arrivals);
      const end = readings.at(-1)?.end ?? 0;
      if (end === 0) return;
      const offset = Math.floor(at * end);
      const first = readings.find((reading) => reading.end > offset);
      const stored = history.storedAt(slot, offset);
      if (stored.kind !== 'between' || first === undefined)
        throw new Error(`${stored.kind} is no answer within the history`);
      // It was stored in the 15 s before the first reading that contains it.
      expect(stored.after).toBeLessThanOrEqual(first.time - 15);
      expect(stored.before).toBeGreaterThanOrEqual(first.time);
      expect(stored.at).toBeGreaterThan(stored.after);
      expect(stored.at).toBeLessThanOrEqual(stored.before);
    }),
  );
});

test('a later message never has an earlier time', () => {
  fc.assert(
    fc.property(watched, share, share, (arrivals, one, other) => {
      const { history, slot, readings } = watch(arrivals);
      const end = readings.at(-1)?.end ?? 0;
      if (end === 0) return;
      const [earlier, later] = [Math.min(one, other), Math.max(one, other)].map((at) =>
        history.storedAt(slot, Math.floor(at * end)),
      );
      if (earlier?.kind !== 'between' || later?.kind !== 'between') throw new Error('no answer');
      expect(later.at).toBeGreaterThanOrEqual(earlier.at);
    }),
  );
});

test('a history never exceeds its maximum of points, and its points rise', () => {
  fc.assert(
    fc.property(watched, (arrivals) => {
      const { history, slot } = watch(arrivals);
      const points = [...history.points(slot)];
      expect(points.length).toBeLessThanOrEqual(2 * pointsPerPartition);
      for (let index = 2; index < points.length; index++)
        expect(points[index]).toBeGreaterThanOrEqual(points[index - 2] ?? 0);
    }),
  );
});
