import { expect, test } from 'vitest';
import { bitsPerSecond } from '../../../core/units.ts';
import { burstBytes, tbfArguments } from '../../../lab/tbf.ts';

test('a link counts the 24 bytes that a frame costs on the wire beyond what the kernel counts', () => {
  expect(tbfArguments(bitsPerSecond(50e6)).join(' ')).toBe(
    'tbf rate 50000000bit burst 131072 latency 100ms overhead 24',
  );
});

test('the burst is never below 128 kB, and grows with the speed', () => {
  expect(burstBytes(bitsPerSecond(1e6))).toBe(131_072);
  expect(burstBytes(bitsPerSecond(1e9))).toBe(1_250_000);
});
