import { expect, test } from 'vitest';
import { ClientErrors } from '../../../../../analyzer/evidence/importers/run-events.ts';

const line = (code: string, count: number, cause?: string) => ({
  kind: 'error' as const,
  elapsedSeconds: 1,
  code,
  ...(cause !== undefined && { cause }),
  message: `cannot send: ${cause ?? code}`,
  count,
});

test('errors with one code are one finding that lists the broker causes, the most frequent first', () => {
  const errors = new ClientErrors();
  errors.add(line('broker-busy', 300, 'page-cache-busy'));
  errors.add(line('broker-busy', 1200, 'timeout-clean-queue'));
  errors.add(line('broker-busy', 7));
  errors.add(line('broker-unreachable', 1));
  const [busy, unreachable] = errors.findings('journal.ndjson');
  expect(busy?.message).toBe(
    'Clients of the load generator received 1,507 errors "broker-busy" (timeout-clean-queue 1,200, page-cache-busy 300). The first one: cannot send: page-cache-busy',
  );
  expect(busy?.evidence.map(({ name, value }) => [name, value])).toEqual([
    ['broker-busy', 1507],
    ['timeout-clean-queue', 1200],
    ['page-cache-busy', 300],
  ]);
  expect(unreachable?.message).toBe(
    'Clients of the load generator received 1 error "broker-unreachable". The first one: cannot send: broker-unreachable',
  );
});

test('messages that were due and never sent are no errors of clients', () => {
  const errors = new ClientErrors();
  errors.add(line('too-late', 1999));
  expect(errors.findings('journal.ndjson')).toEqual([
    expect.objectContaining({
      code: 'messages-not-sent',
      severity: 'info',
      message: '1,999 due messages were never sent.',
    }),
  ]);
});
