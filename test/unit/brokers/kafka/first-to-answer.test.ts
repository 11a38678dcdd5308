import { expect, test } from 'vitest';
import { firstToAnswer } from '../../../../brokers/kafka/wire/links.ts';
import { AppError } from '../../../../core/errors.ts';

const io = { signal: new AbortController().signal };
const refusing = (address: string) =>
  Promise.reject(
    new AppError('broker-unreachable', `cannot reach a broker of cluster lab on ${address}: connection refused`),
  );

test('only the first address is contacted if it answers', async () => {
  const asked: string[] = [];
  const answer = await firstToAnswer('lab', ['a:1', 'b:1'], io, async (address) => (asked.push(address), address));
  expect({ answer, asked }).toEqual({ answer: 'a:1', asked: ['a:1'] });
});

test('skips an address that refuses at once, and one that hangs after a short delay', async () => {
  const hung: AbortSignal[] = [];
  const answer = await firstToAnswer('lab', ['refuses:1', 'hangs:1', 'answers:1'], io, (address, { signal }) => {
    if (address === 'refuses:1') return refusing(address);
    if (address === 'answers:1') return Promise.resolve(address);
    hung.push(signal);
    return new Promise(() => {});
  });
  expect(answer).toBe('answers:1');
  // Requests that are no longer needed are aborted.
  expect(hung.map(({ aborted }) => aborted)).toEqual([true]);
});

test('several hanging addresses leave time for one that answers within the 3 s for metadata', async () => {
  const addresses = [...Array.from({ length: 8 }, (_, index) => `hangs-${index}:1`), 'answers:1'];
  const within = { signal: AbortSignal.timeout(3000) };
  const answer = firstToAnswer('lab', addresses, within, (address) =>
    address === 'answers:1' ? Promise.resolve(address) : new Promise<string>(() => {}),
  );
  await expect(answer).resolves.toBe('answers:1');
});

test('if no address answers, the error names all of them', async () => {
  await expect(firstToAnswer('lab', ['a:1', 'b:1'], io, refusing)).rejects.toMatchObject({
    code: 'broker-unreachable',
    message: 'cannot reach any broker of cluster lab: a:1: connection refused; b:1: connection refused',
  });
});

test('the error names each address even if the reason contains "on"', async () => {
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

test('a wrong password is reported rather than a refused connection elsewhere', async () => {
  const wrong = new AppError('credentials-refused', 'cannot reach a broker of cluster lab on b:1: wrong password');
  const answer = firstToAnswer('lab', ['a:1', 'b:1', 'c:1'], io, (address) =>
    address === 'b:1' ? Promise.reject(wrong) : refusing(address),
  );
  await expect(answer).rejects.toBe(wrong);
});

test('ends when the caller aborts', async () => {
  const stop = new AbortController();
  const answer = firstToAnswer('lab', ['a:1'], { signal: stop.signal }, () => new Promise(() => {}));
  stop.abort(new Error('deadline'));
  await expect(answer).rejects.toThrow('deadline');
});
