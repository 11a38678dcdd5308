import { expect, test } from 'vitest';
import { parseMeminfo } from '../../../../hosts/proc/memory.ts';

test("returns bytes under the kernel's names", () =>
  expect(parseMeminfo('MemTotal:       24684096 kB\nActive(anon):       1568 kB\n')).toEqual({
    MemTotal: 25_276_514_304,
    'Active(anon)': 1_605_632,
  }));

test('leaves out values that count pages', () => expect(parseMeminfo('HugePages_Total:       8\n')).toEqual({}));
