import { expect, test } from 'vitest';
import { firstToAnswer } from '../../../../brokers/kafka/wire/first-to-answer.ts';
import { AppError } from '../../../../core/errors.ts';

const io = { signal: new AbortController().signal };
const refusing = (address: string) =>
  Promise.reject(
    new AppError('broker-unreachable', `cannot reach a broker of cluster lab on ${address}: connection refused`),
  );

test('who answers first is asked alone', async () => {
  const asked: string[] = [];
  const answer = await firstToAnswer('lab', ['a:1', 'b:1'], io, async (address) => (asked.push(address), address));
  expect({ answer, asked }).toEqual({ answer: 'a:1', asked: ['a:1'] });
});

test('who refuses is passed over at once, and who hangs after a head start', async () => {
  const hung: AbortSignal[] = [];
  const answer = await firstToAnswer('lab', ['refuses:1', 'hangs:1', 'answers:1'], io, (address, { signal }) => {
    if (address === 'refuses:1') return refusing(address);
    if (address === 'answers:1') return Promise.resolve(address);
    hung.push(signal);
    return new Promise(() => {});
  });
  expect(answer).toBe('answers:1');
  // Unneeded requests are aborted.
  expect(hung.map(({ aborted }) => aborted)).toEqual([true]);
});

test('many that hang leave time for one that answers, in the 3 s that a snapshot has for its metadata', async () => {
  const addresses = [...Array.from({ length: 8 }, (_, index) => `hangs-${index}:1`), 'answers:1'];
  const within = { signal: AbortSignal.timeout(3000) };
  const answer = firstToAnswer('lab', addresses, within, (address) =>
    address === 'answers:1' ? Promise.resolve(address) : new Promise<string>(() => {}),
  );
  await expect(answer).resolves.toBe('answers:1');
});

test('when no address answers, all are named', async () => {
  await expect(firstToAnswer('lab', ['a:1', 'b:1'], io, refusing)).rejects.toMatchObject({
    code: 'broker-unreachable',
    message: 'cannot reach any broker of cluster lab: a:1: connection refused; b:1: connection refused',
  });
});

test('an address stays named where the reason has a preposition too', async () => {
  const answer = firstToAnswer('lab', ['127.0.0.1:1', '127.0.0.1:2'], io, (address) =>
    Promise.reject(
      new AppError(
        'broker-unreachable',
        `cannot reach a broker of cluster lab on ${address}: an HTTP server listens on this port`,
      ),
    ),
  );
  await expect(answer).rejects.toMatchObject({
    message:
      'cannot reach any broker of cluster lab: 127.0.0.1:1: an HTTP server listens on this port; 127.0.0.1:2: an HTTP server listens on this port',
  });
});

test('a wrong password says more than a connection refused elsewhere', async () => {
  const wrong = new AppError('credentials-refused', 'cannot reach a broker of cluster lab on b:1: wrong password');
  const answer = firstToAnswer('lab', ['a:1', 'b:1', 'c:1'], io, (address) =>
    address === 'b:1' ? Promise.reject(wrong) : refusing(address),
  );
  await expect(answer).rejects.toBe(wrong);
});

test('it ends with the caller', async () => {
  const stop = new AbortController();
  const answer = firstToAnswer('lab', ['a:1'], { signal: stop.signal }, () => new Promise(() => {}));
  stop.abort(new Error('deadline'));
  await expect(answer).rejects.toThrow('deadline');
});
