import { expect, test } from 'vitest';
import { nearest } from '../../../../core/text/nearest.ts';

test('a slip of a letter finds the word that was meant', () => {
  expect(nearest('brokr', ['host', 'broker', 'bootstrap'])).toBe('broker');
  expect(nearest('JSNO', ['json', 'out'])).toBe('json');
});

test('a word unlike all others finds none', () => expect(nearest('zebra', ['host', 'broker'])).toBeUndefined());
