import { expect, test } from 'vitest';
import { endTexts } from '../../../cli/run-result.ts';

const failures = (...counts: number[]) =>
  endTexts({
    failures: counts.map((count) => ({ code: 'broker-refused' as const, message: 'no leader', count })),
    wire: { kind: 'unknown', reason: 'not counted' },
  } as never).filter((line) => line.startsWith('failed'));

test('failed messages use singular and plural correctly', () => {
  expect(failures(1, 2, 12_345)).toEqual([
    'failed: 1 message, broker-refused: no leader',
    'failed: 2 messages, broker-refused: no leader',
    'failed: 12,345 messages, broker-refused: no leader',
  ]);
});

test('messages that were due and never sent did not fail', () => {
  const message = 'the message could not be sent before the load was stopped early';
  const late = { code: 'too-late', message, count: 1999 };
  expect(endTexts({ failures: [late], wire: { kind: 'unknown', reason: 'not counted' } } as never)).toContain(
    `not sent: 1,999 messages, too-late: ${message}`,
  );
});

test('a transaction that may still be open is not a failed message', () => {
  const message = 'transaction x may still be open: no answer in time';
  const left = { code: 'transaction-left-open', message, count: 1 };
  expect(endTexts({ failures: [left], wire: { kind: 'unknown', reason: 'not counted' } } as never)).toContain(
    `failed: transaction-left-open: ${message}`,
  );
});
