import { expect, test } from 'vitest';
import type { Io } from '../../../../../brokers/driver.ts';
import { untilFirstEnds } from '../../../../../brokers/kafka/platformatic/fetch-loop.ts';

const endless = ({ signal }: Io) =>
  new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
const io = () => ({ signal: new AbortController().signal });

test('the first poll that ends stops the others', async () => {
  await expect(untilFirstEnds([endless, async () => {}, endless], io())).resolves.toBeUndefined();
});

test('the error of the first failed poll is reported, not the abort of the others', async () => {
  const fails = async () => {
    throw new Error('connection reset');
  };
  await expect(untilFirstEnds([endless, fails], io())).rejects.toThrow('connection reset');
});

test('the caller can stop all polls', async () => {
  const stop = new AbortController();
  const ending = untilFirstEnds([endless, endless], { signal: stop.signal });
  stop.abort(new Error('the run is over'));
  await expect(ending).rejects.toThrow('the run is over');
});
