import { expect, test } from 'vitest';
import { nearest } from '../../../../core/text/nearest.ts';

test('finds the intended word despite a typing error', () => {
  expect(nearest('brokr', ['host', 'broker', 'bootstrap'])).toBe('broker');
  expect(nearest('JSNO', ['json', 'out'])).toBe('json');
});

test('finds nothing for a word unlike all others', () => expect(nearest('zebra', ['host', 'broker'])).toBeUndefined());
