import { expect, test } from 'vitest';
import { parseSoftnet } from '../../../../hosts/proc/network.ts';

const line = (...words: string[]) => `${[...words, ...Array(15).fill('00000000')].slice(0, 15).join(' ')}\n`;

test('reads hexadecimal counters, and the core number from its column', () => {
  const first = line('00011589', '0000000a', '00000001');
  const third = line(...'00000001 0 0 0 0 0 0 0 0 0 0 0'.split(' ').map((word) => word.padStart(8, '0')), '00000002');
  expect(parseSoftnet(first + third)).toEqual([
    { cpu: 0, processed: 71_049, dropped: 10, timesSqueezed: 1 },
    { cpu: 2, processed: 1, dropped: 0, timesSqueezed: 0 },
  ]);
});

test('before kernel 5.10 without that column, the line is the core number', () =>
  expect(parseSoftnet(`${'00000000 '.repeat(11).trim()}\n`.repeat(2))?.map(({ cpu }) => cpu)).toEqual([0, 1]));

test('returns nothing for other text', () => expect(parseSoftnet('no such file\n')).toBeUndefined());
