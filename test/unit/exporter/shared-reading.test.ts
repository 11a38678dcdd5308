import { expect, test } from 'vitest';
import { shareReading } from '../../../exporter/shared-reading.ts';

/** A reading that ends on request, and counts how often it was begun. */
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

test('those who come while it is under way join it', async () => {
  const { begun, read } = controlled();
  const both = Promise.all([read({ signal: forever() }), read({ signal: forever() })]);
  begun[0]?.finish('fresh');
  expect(await both).toEqual(['fresh', 'fresh']);
  expect(begun).toHaveLength(1);
});

test('the next one after it starts again', async () => {
  const { begun, read } = controlled();
  const first = read({ signal: forever() });
  begun[0]?.finish('one');
  await first;
  const second = read({ signal: forever() });
  begun[1]?.finish('two');
  expect(await second).toBe('two');
});

test('one that gives up leaves the reading to the others', async () => {
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

test('a reading without waiters is aborted, and until it has ended no second one is begun', async () => {
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

test('a failure reaches everyone who waits, and no later caller', async () => {
  const { begun, read } = controlled();
  const first = read({ signal: forever() });
  begun[0]?.fail(new Error('broken'));
  await expect(first).rejects.toThrow('broken');
  const second = read({ signal: forever() });
  begun[1]?.finish('fresh');
  expect(await second).toBe('fresh');
});
