import { expect, test } from 'vitest';
import { shareReading } from '../../../exporter/shared-reading.ts';

/** A reading that ends on request and counts how often it was started. */
function controlled() {
  const begun: { signal: AbortSignal; finish: (value: string) => void; fail: (error: Error) => void }[] = [];
  const read = shareReading<string>(({ signal }) => {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    begun.push({ signal, finish: resolve, fail: reject });
    return promise;
  });
  return { begun, read };
}

const forever = () => new AbortController().signal;

test('callers during a reading share it', async () => {
  const { begun, read } = controlled();
  const both = Promise.all([read({ signal: forever() }), read({ signal: forever() })]);
  begun[0]?.finish('fresh');
  expect(await both).toEqual(['fresh', 'fresh']);
  expect(begun).toHaveLength(1);
});

test('the next call after a reading starts a new one', async () => {
  const { begun, read } = controlled();
  const first = read({ signal: forever() });
  begun[0]?.finish('one');
  await first;
  const second = read({ signal: forever() });
  begun[1]?.finish('two');
  expect(await second).toBe('two');
});

test('a caller that gives up leaves the reading to the others', async () => {
  const { begun, read } = controlled();
  const impatient = new AbortController();
  const left = read({ signal: impatient.signal });
  const stays = read({ signal: forever() });
  impatient.abort(new Error('deadline'));
  await expect(left).rejects.toThrow('deadline');
  expect(begun[0]?.signal.aborted).toBe(false);
  begun[0]?.finish('fresh');
  expect(await stays).toBe('fresh');
});

test('a reading without callers is aborted, and no new one starts before it has ended', async () => {
  const { begun, read } = controlled();
  const deadline = new AbortController();
  const left = read({ signal: deadline.signal });
  deadline.abort(new Error('deadline'));
  await expect(left).rejects.toThrow('deadline');
  expect(begun[0]?.signal.aborted).toBe(true);

  const next = read({ signal: forever() });
  expect(begun).toHaveLength(1);
  begun[0]?.fail(new Error('aborted at last'));
  await new Promise(setImmediate);
  begun[1]?.finish('fresh');
  expect(await next).toBe('fresh');
});

test('a failure reaches all current callers and no later one', async () => {
  const { begun, read } = controlled();
  const first = read({ signal: forever() });
  begun[0]?.fail(new Error('broken'));
  await expect(first).rejects.toThrow('broken');
  const second = read({ signal: forever() });
  begun[1]?.finish('fresh');
  expect(await second).toBe('fresh');
});
