import fc from 'fast-check';
import { expect, test } from 'vitest';
import { messagesPerSecond } from '../../core/units.ts';
import { seconds } from '../../core/clock.ts';
import { createPacer } from '../../loadgen/plan/pacer.ts';
import type { RateSegment } from '../../loadgen/plan/profiles/profile.ts';

const rate = fc.double({ min: 0, max: 5000, noNaN: true }).map(messagesPerSecond);
const segment: fc.Arbitrary<RateSegment> = fc.record({
  kind: fc.constant('rate' as const),
  from: rate,
  to: rate,
  duration: fc.double({ min: 0.01, max: 3, noNaN: true }).map(seconds),
});
const schedule = fc.array(segment, { minLength: 1, maxLength: 6 });
const integralOf = (segments: readonly RateSegment[]) =>
  segments.reduce((sum, { from, to, duration }) => sum + ((from + to) / 2) * duration, 0);

test('the total equals the integral of the rate', () => {
  fc.assert(
    fc.property(schedule, (segments) => {
      const { total } = createPacer(segments);
      expect(Math.abs(total - Math.floor(integralOf(segments) + 1e-6))).toBe(0);
    }),
  );
});

test('intended times never decrease, and stay within the schedule', () => {
  fc.assert(
    fc.property(schedule, (segments) => {
      const pacer = createPacer(segments);
      let before = 0;
      for (let n = 0; n < pacer.total; n++) {
        const time = pacer.intendedTime(n);
        expect(time).toBeGreaterThanOrEqual(before);
        before = time;
      }
      expect(before).toBeLessThanOrEqual(pacer.end);
    }),
  );
});

test('a message is due at its intended time, but not a hundredth of a message earlier', () => {
  fc.assert(
    fc.property(schedule, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (segments, share) => {
      const pacer = createPacer(segments);
      const n = Math.max(1, Math.floor(share * pacer.total));
      fc.pre(n < pacer.total);
      expect(pacer.dueBy(pacer.intendedTime(n))).toBeGreaterThan(n);
      expect(pacer.dueBy(pacer.intendedTime(n - 0.01))).toBe(n);
    }),
  );
});

test('the area below the rate until the time of message n is n', () => {
  fc.assert(
    fc.property(segment, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (only, share) => {
      const pacer = createPacer([only]);
      if (pacer.total === 0) return;
      const n = Math.floor(share * pacer.total);
      const t = pacer.intendedTime(n);
      const area = only.from * t + (((only.to - only.from) / only.duration) * t * t) / 2;
      expect(Math.abs(area - n)).toBeLessThan(1e-6);
    }),
  );
});

test('an hour at a fractional rate causes no drift', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.1, max: 100_000, noNaN: true }).map(messagesPerSecond), (odd) => {
      const pacer = createPacer([{ kind: 'rate', from: odd, to: odd, duration: seconds(3600) }]);
      const last = pacer.total - 1;
      expect(Math.abs(pacer.intendedTime(last) - last / odd)).toBeLessThan(1e-9);
    }),
  );
});
