import { expect, test } from 'vitest';
import { writesWait } from '../../../../../ops/kafka/live/writes-wait.ts';

test('the longest wait of a follower is told with the brokers that have it', () => {
  const found = writesWait(
    new Map([
      [1, 1000],
      [2, 100],
      [3, 500],
    ]),
  );
  expect(found).toMatchObject({ severity: 'info', code: 'writes-wait', evidence: [{ value: 1000, unit: 'ms' }] });
  expect(found?.message).toContain(
    'may stand still for 1000 ms, once or twice: replica.fetch.backoff.ms of broker 1, 3.',
  );
});

test.each([[new Map([[1, 100]])], [new Map<number, number>()]])(
  'nothing is told of waits nobody notices',
  (backoffs) => {
    expect(writesWait(backoffs)).toBeUndefined();
  },
);
