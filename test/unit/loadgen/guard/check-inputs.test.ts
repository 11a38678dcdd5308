import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { type Clock, seconds, systemClock } from '../../../../core/clock.ts';
import { AppError } from '../../../../core/errors.ts';
import { PageRule } from '../../../../loadgen/guard/config.ts';
import { checkInputs } from '../../../../loadgen/guard/create-guard.ts';
import { pageInput } from '../../../../loadgen/guard/page-input.ts';
import type { GuardInput } from '../../../../loadgen/guard/guard-input.ts';

const { signal } = new AbortController();

const everySeconds = 5;

function check(figures: readonly (number | undefined)[]) {
  let [read, slept] = [0, 0];
  const input: GuardInput = {
    name: 'free share of the disk of broker 1',
    everySeconds,
    below: 0.1,
    ends: 'run',
    read: async () => figures[read++],
  };
  // Waits end at once, and the time limit of a reading never expires.
  const clock: Pick<Clock, 'sleep'> = {
    sleep: (length, { signal } = {}) =>
      length < everySeconds
        ? Promise.resolve(void slept++)
        : new Promise((_resolve, reject) => {
            signal?.addEventListener('abort', () => reject(new AppError('aborted', 'answered in time')));
          }),
  };
  return { done: checkInputs([input], { clock, signal }), waits: () => slept };
}

test('an input with a value is read once', async () => {
  const { done, waits } = check([0.5]);
  await done;
  expect(waits()).toBe(0);
});

test('an input without a value is read again, because a busy machine may miss one reading', async () => {
  const { done, waits } = check([undefined, undefined, 0.5]);
  await done;
  expect(waits()).toBe(2);
});

test('an input without a value in three readings is refused', async () => {
  await expect(check([undefined, undefined, undefined, 0.5]).done).rejects.toMatchObject({
    code: 'guard-input-unreadable',
    message: 'free share of the disk of broker 1 has no value now: the run could not be guarded by it',
  });
});

test('an input beyond its bound is refused, even if its value comes late', async () => {
  await expect(check([undefined, 0.05]).done).rejects.toMatchObject({ code: 'load-stopped' });
});

test('an exporter that accepts the connection but never responds is refused within seconds', async () => {
  const server = createServer(() => {}).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const page = `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
  const input = pageInput(PageRule.parse({ page, metric: 'lag', above: 1, every: '100ms' }));
  const hurried: Pick<Clock, 'sleep'> = {
    sleep: (length, io) => systemClock.sleep(seconds(length / 20), io),
  };
  await expect(checkInputs([input], { clock: hurried, signal })).rejects.toMatchObject({
    code: 'guard-input-unreadable',
    message: 'lag did not answer within 1 s',
  });
});
