import { expect, test } from 'vitest';
import { askEach } from '../../../brokers/ask-each.ts';
import { AppError } from '../../../core/errors.ts';

const io = { signal: new AbortController().signal };

test('an unreachable broker adds a notice, and the answers of the others are returned', async () => {
  const ask = async (name: string) => {
    if (name === 'b') throw new AppError('broker-unreachable', 'cannot reach b: connection refused');
    return name.toUpperCase();
  };
  expect(await askEach(['a', 'b', 'c'], ask, io)).toMatchObject({
    answers: ['A', 'C'],
    notices: ['cannot reach b: connection refused'],
  });
});

test('an unexpected error or an aborted call is thrown and not turned into a notice', async () => {
  const failing = (cause: Error) => () => Promise.reject(cause);
  await expect(askEach(['a'], failing(new TypeError('undefined is no function')), io)).rejects.toThrow(TypeError);
  const gone = { signal: AbortSignal.abort(new Error('given up')) };
  await expect(askEach(['a'], failing(new AppError('broker-unreachable', 'b')), gone)).rejects.toThrow('given up');
});
