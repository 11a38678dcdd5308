import { expect, test } from 'vitest';
import { interleave, median } from '../../../bench/bench.ts';

test('contenders alternate at least three times, and each result is a median', async () => {
  const turns: string[] = [];
  const contender =
    (name: string, ...figures: number[]) =>
    async () => {
      turns.push(name);
      return figures.shift() ?? Number.NaN;
    };
  const medians = await interleave({ ours: contender('ours', 1, 9, 2), peer: contender('peer', 5, 3, 4) }, 1);
  expect(medians).toEqual({ ours: 2, peer: 4 });
  expect(turns).toEqual(['ours', 'peer', 'ours', 'peer', 'ours', 'peer']);
});

test('the median of an even count is the mean of the middle two values', () => expect(median([4, 1, 2, 3])).toBe(2.5));
test('an empty list has no median', () => expect(() => median([])).toThrow(RangeError));
