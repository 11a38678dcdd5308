import { expect, test } from 'vitest';
import { parseSoftnet } from '../../../../hosts/proc/softnet.ts';

const line = (...words: string[]) => `${[...words, ...Array(15).fill('00000000')].slice(0, 15).join(' ')}\n`;

test('counts in hexadecimal, and takes the number of the core from its own column', () => {
  const first = line('00011589', '0000000a', '00000001');
  const third = line(...'00000001 0 0 0 0 0 0 0 0 0 0 0'.split(' ').map((word) => word.padStart(8, '0')), '00000002');
  expect(parseSoftnet(first + third)).toEqual([
    { cpu: 0, processed: 71_049, dropped: 10, timesSqueezed: 1 },
    { cpu: 2, processed: 1, dropped: 0, timesSqueezed: 0 },
  ]);
});

test('kernels before 5.10 have no such column: the line is the core', () =>
  expect(parseSoftnet(`${'00000000 '.repeat(11).trim()}\n`.repeat(2))?.map(({ cpu }) => cpu)).toEqual([0, 1]));

test('what is no counter is no core', () => expect(parseSoftnet('no such file\n')).toBeUndefined());
