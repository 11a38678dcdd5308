import { expect, test } from 'vitest';
import { checkInputs } from '../../../../loadgen/guard/create-guard.ts';
import type { GuardInput } from '../../../../loadgen/guard/guard-input.ts';

const { signal } = new AbortController();

function check(figures: readonly (number | undefined)[]) {
  let [read, slept] = [0, 0];
  const input: GuardInput = {
    name: 'free share of the disk of broker 1',
    everySeconds: 1,
    below: 0.1,
    ends: 'run',
    read: async () => figures[read++],
  };
  const clock = { sleep: async () => void slept++ };
  return { done: checkInputs([input], { clock, signal }), waits: () => slept };
}

test('an input with a figure is read once', async () => {
  const { done, waits } = check([0.5]);
  await done;
  expect(waits()).toBe(0);
});

test('an input without a figure is read again, since a busy machine may leave out one reading', async () => {
  const { done, waits } = check([undefined, undefined, 0.5]);
  await done;
  expect(waits()).toBe(2);
});

test('an input without a figure in three readings is refused', async () => {
  await expect(check([undefined, undefined, undefined, 0.5]).done).rejects.toMatchObject({
    code: 'guard-input-unreadable',
  });
});

test('an input past its bounds is refused, also when its figure comes late', async () => {
  await expect(check([undefined, 0.05]).done).rejects.toMatchObject({ code: 'load-stopped' });
});
