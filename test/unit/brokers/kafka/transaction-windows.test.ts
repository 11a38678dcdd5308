import { expect, test } from 'vitest';
import { createTransactionWindows, type TransactionSteps } from '../../../../brokers/kafka/transaction-windows.ts';
import { AppError } from '../../../../core/errors.ts';
import { seconds } from '../../../../core/clock.ts';
import { createSteppedClock } from '../../../support/stepped-clock.ts';

const io = { signal: new AbortController().signal };

function windowsWith(over: Partial<TransactionSteps> = {}) {
  const clock = createSteppedClock();
  const done: string[] = [];
  const life = new AbortController();
  const windows = createTransactionWindows(
    {
      async begin() {
        done.push('begin');
      },
      async add({ values }) {
        done.push(String(values[0]));
      },
      async commit() {
        done.push('commit');
      },
      async abort() {
        done.push('abort');
      },
      ...over,
    },
    { id: 'x', duration: seconds(2), clock, signal: life.signal },
  );
  const send = (word: string) =>
    windows.send({ topic: 't', partition: 0, values: [Buffer.from(word)] }, io).then(
      () => 'committed',
      (cause: unknown) => (cause as AppError).message,
    );
  return { clock, done, send, windows };
}

test('messages sent within a window are committed together, and the next message starts a new window', async () => {
  const { clock, done, send } = windowsWith();
  const first = [send('a'), send('b')];
  await clock.advance(1);
  first.push(send('c'));
  expect(done).toEqual(['begin', 'a', 'b']);
  await clock.advance(1.5);
  expect(await Promise.all(first)).toEqual(['committed', 'committed', 'committed']);
  const second = send('d');
  await clock.advance(3);
  expect(await second).toBe('committed');
  expect(done).toEqual(['begin', 'a', 'b', 'c', 'commit', 'begin', 'd', 'commit']);
});

test('aborts at once if a message is refused, rejects every send of the window with the reason, and continues', async () => {
  const { clock, done, send } = windowsWith({
    async add({ values }) {
      if (String(values[0]) === 'bad') throw new AppError('broker-refused', 'MESSAGE_TOO_LARGE');
    },
  });
  const sends = [send('a'), send('bad'), send('b')];
  await clock.advance(0);
  const reason = 'transaction x was aborted: MESSAGE_TOO_LARGE';
  expect(await Promise.all(sends)).toEqual([reason, reason, reason]);
  const after = send('c');
  await clock.advance(3);
  expect(await after).toBe('committed');
  expect(done).toEqual(['begin', 'abort', 'begin', 'commit']);
});

test('accepts no more messages after a failed abort', async () => {
  const { clock, send } = windowsWith({
    commit: () => Promise.reject(new AppError('broker-refused', 'PRODUCER_FENCED')),
    abort: () => Promise.reject(new AppError('broker-refused', 'PRODUCER_FENCED, another has the id')),
  });
  const first = send('a');
  await clock.advance(3);
  expect(await first).toContain('PRODUCER_FENCED');
  expect(await send('b')).toBe('PRODUCER_FENCED, another has the id');
});

test('closing aborts the open transaction at once, even if a leader does not respond, and refuses messages', async () => {
  const { done, send, windows } = windowsWith({ add: () => new Promise(() => {}) });
  const first = send('a');
  await windows.close(io);
  expect(await first).toBe('transaction x was aborted: the producer was closed');
  expect(done).toEqual(['begin', 'abort']);
  expect(await send('b')).toBe('the producer was closed');
});

test('closing reports a transaction that may still be open', async () => {
  const { send, windows } = windowsWith({ abort: () => new Promise(() => {}) });
  const first = send('a');
  const bound = AbortSignal.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
  await expect(windows.close({ signal: bound })).rejects.toThrow(
    'transaction x may still be open: cannot abort transaction x: no answer in time',
  );
  expect(await first).toContain('the producer was closed');
});
