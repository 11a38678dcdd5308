import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lagOf, progressOf } from '../../core/consumer-lag.ts';

const offset = fc.bigInt({ min: 0n, max: 2n ** 62n });
const log = fc
  .tuple(offset, offset, offset)
  .map((offsets) => offsets.toSorted((a, b) => (a < b ? -1 : 1)))
  .map(([start = 0n, lastStable = 0n, end = 0n]) => ({ topic: 'orders', partition: 0, start, lastStable, end }));

test('lag is never negative for any committed offset', () => {
  fc.assert(
    fc.property(log, offset, (lag, committed) => {
      const progress = progressOf({ ...lag, committed });
      if (progress.kind === 'uncommitted') throw new Error('it was committed');
      const isBeyondEnd = progress.kind === 'beyond-end';
      expect(isBeyondEnd).toBe(committed > lag.end);
      expect(isBeyondEnd || ((progress.toLastStable ?? -1n) >= 0n && (progress.consumable ?? -1n) >= 0n)).toBe(true);
    }),
  );
});

test('lag equals the lost messages plus the readable ones', () => {
  fc.assert(
    fc.property(log, offset, (lag, committed) => {
      const progress = progressOf({ ...lag, committed });
      if (progress.kind === 'uncommitted') throw new Error('it was committed');
      const lost = progress.kind === 'lost' ? progress.lostMessages : 0n;
      const readable = progress.kind === 'beyond-end' ? 0n : (progress.consumable ?? -1n);
      expect(lost + readable).toBe(lagOf({ ...lag, committed }));
    }),
  );
});

test('a higher committed offset never has more lag', () => {
  fc.assert(
    fc.property(log, offset, offset, (lag, one, other) => {
      const both = [one > other ? one : other, one > other ? other : one].map((committed) => ({ ...lag, committed }));
      const [near, far] = both.map(progressOf);
      const [nearLag = 0n, farLag = 0n] = both.map(lagOf);
      if (near === undefined || far === undefined || near.kind === 'uncommitted' || far.kind === 'uncommitted')
        throw new Error('committed');
      expect((near.consumable ?? 0n) <= (far.consumable ?? 0n)).toBe(true);
      expect(nearLag <= farLag).toBe(true);
    }),
  );
});
