import { expect, test } from 'vitest';
import { endTexts } from '../../../cli/run-result.ts';

const failures = (...counts: number[]) =>
  endTexts({
    failures: counts.map((count) => ({ code: 'broker-refused' as const, message: 'no leader', count })),
    wire: { kind: 'unknown', reason: 'not counted' },
  } as never).filter((line) => line.startsWith('failed'));

test('failed messages are counted in words: one message, many messages', () => {
  expect(failures(1, 2, 12_345)).toEqual([
    'failed: 1 message, broker-refused: no leader',
    'failed: 2 messages, broker-refused: no leader',
    'failed: 12,345 messages, broker-refused: no leader',
  ]);
});
