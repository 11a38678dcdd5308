import { expect, test } from 'vitest';
import type { Io } from '../../../../../brokers/driver.ts';
import { untilFirstEnds } from '../../../../../brokers/kafka/platformatic/fetch-loop.ts';

const endless = ({ signal }: Io) =>
  new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
const io = () => ({ signal: new AbortController().signal });

test('the leader that lost a partition stops the polls of the others', async () => {
  await expect(untilFirstEnds([endless, async () => {}, endless], io())).resolves.toBeUndefined();
});

test('what one fails with is reported, not that the others were stopped', async () => {
  const fails = async () => {
    throw new Error('connection reset');
  };
  await expect(untilFirstEnds([endless, fails], io())).rejects.toThrow('connection reset');
});

test('whoever waits may stop them all', async () => {
  const stop = new AbortController();
  const ending = untilFirstEnds([endless, endless], { signal: stop.signal });
  stop.abort(new Error('the run is over'));
  await expect(ending).rejects.toThrow('the run is over');
});
