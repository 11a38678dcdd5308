import { expect, test } from 'vitest';
import { named } from '../../../../core/text/bilingual.ts';

test('names are listed with the comma of the language', () => {
  const names = ['orders', { en: 'none', zh: '无' }, 'payments'];
  expect(named(names)).toBe('orders, none, payments');
  expect(named(names, 5, 'zh')).toBe('orders、无、payments');
  expect(named(names, 2, 'zh')).toBe('orders、无 等 3 个');
});
