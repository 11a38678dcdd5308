import { expect, test } from 'vitest';
import { parseLoadavg } from '../../../../hosts/proc/stat.ts';

test('returns the averages of one, five and fifteen minutes', () =>
  expect(parseLoadavg('12.05 0.30 0.25 1/94 9428\n')).toEqual({ one: 12.05, five: 0.3, fifteen: 0.25 }));

test('returns nothing for a truncated line', () => expect(parseLoadavg('12.05 0.30 0.2')).toBeUndefined());
