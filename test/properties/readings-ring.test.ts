import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pack, unpack } from '../../service/readings/packed-value.ts';
import { Ring } from '../../service/readings/ring.ts';
import {
  readingsLevels as levels,
  readingsRanges as ranges,
  type ReadingsRange as Range,
} from '../../core/readings-range.ts';

const value = fc.oneof(fc.constant(0), fc.double({ min: 1e-5, max: 1e15, noNaN: true }));
/** Half of a step of the scale, of which an octave has 900. */
const packingError = 2 ** (0.5 / 900) - 1;
const start = Date.UTC(2026, 10, 22);
/** Seconds since the previous reading. */
const steps = fc.array(fc.record({ after: fc.integer({ min: 1, max: 400 }), value }), { minLength: 1, maxLength: 400 });

function filled(readings: readonly { after: number; value: number }[]) {
  const ring = new Ring();
  const added: { atMs: number; value: number }[] = [];
  let atMs = start;
  for (const { after, value: reading } of readings) {
    atMs += after * 1000;
    ring.add(atMs, reading);
    added.push({ atMs, value: reading });
  }
  return { ring, added, nowMs: atMs };
}

test('packing keeps a value within its error, and keeps the order', () => {
  fc.assert(
    fc.property(value, value, (one, other) => {
      const back = unpack(pack(one)) ?? Number.NaN;
      expect(Math.abs(back - one)).toBeLessThanOrEqual(one * packingError * 1.000_001);
      if (one <= other) expect(pack(one)).toBeLessThanOrEqual(pack(other));
    }),
  );
});

test('points of a level are mean and maximum of the readings of their slots, and empty slots have none', () => {
  fc.assert(
    fc.property(steps, fc.constantFrom<Range>(...ranges), (readings, range) => {
      const { ring, added, nowMs } = filled(readings);
      const { slotMs, slots } = levels[range];
      const firstSlot = Math.floor(nowMs / slotMs) - slots + 1;
      const expected = Map.groupBy(added, ({ atMs }) => Math.floor(atMs / slotMs));
      const points = ring.points(range, nowMs);
      expect(points.map(({ atMs }) => atMs / slotMs)).toEqual(
        [...expected.keys()].filter((slot) => slot >= firstSlot).sort((one, other) => one - other),
      );
      for (const { atMs, mean, max } of points) {
        const own = (expected.get(atMs / slotMs) ?? []).map((each) => each.value);
        const trueMean = own.reduce((sum, each) => sum + each, 0) / own.length;
        expect(Math.abs(mean - trueMean)).toBeLessThanOrEqual(trueMean * packingError * 1.001);
        expect(Math.abs(max - Math.max(...own))).toBeLessThanOrEqual(max * packingError * 1.001);
        expect(mean).toBeLessThanOrEqual(max);
      }
    }),
    { numRuns: 60 },
  );
});

test('a rate fills the slots since the previous reading, and none before', () => {
  fc.assert(
    fc.property(fc.integer({ min: 15, max: 900 }), value, value, (seconds, first, second) => {
      const ring = new Ring();
      ring.add(start, first);
      const atMs = start + seconds * 1000;
      ring.add(atMs, second, start);
      const points = ring.points('1h', atMs);
      expect(points.map((point) => point.atMs)).toEqual(
        Array.from({ length: Math.floor(seconds / 15) + 1 }, (_, slot) => start + slot * 15_000),
      );
      for (const { mean } of points.slice(1)) expect(pack(mean)).toBe(pack(second));
    }),
  );
});

test('after the clock was set back, no point is later than the new time', () => {
  fc.assert(
    fc.property(steps, fc.integer({ min: 20, max: 100_000 }), value, (readings, back, next) => {
      const { ring, nowMs } = filled(readings);
      const atMs = nowMs - back * 1000;
      ring.add(atMs, next);
      for (const range of ranges) {
        expect(ring.points(range, nowMs, 400).every((point) => point.atMs <= atMs)).toBe(true);
        expect(ring.points(range, atMs).at(-1)?.atMs).toBe(
          Math.floor(atMs / levels[range].slotMs) * levels[range].slotMs,
        );
      }
    }),
    { numRuns: 60 },
  );
});
