import { expect, test } from 'vitest';
import { bitsPerSecond } from '../../../core/units.ts';
import { burstBytes, tbfArguments } from '../../../lab/tbf.ts';

test('a link accounts for the 24 bytes per frame that the kernel does not count', () => {
  expect(tbfArguments(bitsPerSecond(50e6)).join(' ')).toBe(
    'tbf rate 50000000bit burst 131072 latency 100ms overhead 24',
  );
});

test('the burst is at least 128 kB and grows with the speed', () => {
  expect(burstBytes(bitsPerSecond(1e6))).toBe(131_072);
  expect(burstBytes(bitsPerSecond(1e9))).toBe(1_250_000);
});
