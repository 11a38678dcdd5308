import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lagColumn, offsetColumn, sumOf } from '../../brokers/offset-column.ts';

const column = (...offsets: bigint[]) => offsetColumn(BigInt64Array.from(offsets));

test('lags and sums are exact for any offsets', () => {
  const pairs = fc.array(fc.tuple(fc.bigInt(0n, 2n ** 54n), fc.bigInt(0n, 2n ** 54n)));
  fc.assert(
    fc.property(pairs, (offsets) => {
      const [ends, committed] = [
        column(...offsets.map(([end]) => end)),
        column(...offsets.map(([, commit]) => commit)),
      ];
      const exact = offsets.map(([end, commit]) => (end > commit ? end - commit : 0n));
      expect(Array.from<number | bigint, bigint>(lagColumn(ends, committed), BigInt)).toEqual(exact);
      expect(sumOf(lagColumn(ends, committed))).toBe(exact.reduce((sum, lag) => sum + lag, 0n));
    }),
  );
});
