import { hashSync } from 'bcryptjs';
import { expect, test } from 'vitest';
import { createPasswordCheck } from '../../../../exporter/http/basic-auth.ts';
import { createPasswordQueue } from '../../../../exporter/http/password-queue.ts';

const users = {
  alice: hashSync('wonderland', 4).replace('$2b$', '$2y$'),
  bob: hashSync('päss:word', 4),
};
const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`;

test.each([
  [basic('alice:wonderland'), true],
  [basic('bob:päss:word'), true],
  [basic('alice:päss:word'), false],
  [basic('mallory:wonderland'), false],
  [basic('toString:wonderland'), false],
  [basic('alice'), false],
  [`Bearer ${Buffer.from('alice:wonderland').toString('base64')}`, false],
  ['Basic %%%', false],
  [undefined, false],
])('the Authorization header %s is accepted: %s', async (header, expected) => {
  const passwords = createPasswordCheck();
  const answer = expected ? 'right' : 'wrong';
  expect(await passwords.check(header, users, '10.0.0.1')).toBe(answer);
  // The second check is served from memory.
  expect(await passwords.check(header, users, '10.0.0.1')).toBe(answer);
});

test('a changed password applies at once, for the old and the new one', async () => {
  const passwords = createPasswordCheck();
  const ask = (pair: string, of: Readonly<Record<string, string>>) => passwords.check(basic(pair), of, '10.0.0.1');
  expect(await ask('alice:wonderland', users)).toBe('right');
  const changed = { alice: hashSync('looking-glass', 4) };
  expect(await ask('alice:wonderland', changed)).toBe('wrong');
  expect(await ask('alice:looking-glass', changed)).toBe('right');
});

/** Comparisons that end on request, in the order in which they began. */
function slowQueue() {
  const begun: { password: string; end: (isRight: boolean) => void }[] = [];
  const queue = createPasswordQueue(({ password }) => {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    begun.push({ password, end: resolve });
    return promise;
  });
  return { begun, queue };
}
const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

test('a right password from another address does not wait behind wrong ones', async () => {
  const { begun, queue } = slowQueue();
  for (let guess = 0; guess < 4; guess += 1) void queue.compare('10.6.6.6', `guess-${guess}`, '');
  const right = queue.compare('10.0.0.1', 'right', '');
  begun[0]?.end(false);
  await settled();
  expect(begun.map(({ password }) => password)).toEqual(['guess-0', 'right']);
  begun[1]?.end(true);
  expect(await right).toBe(true);
});

test('an address without wrong passwords comes before addresses that had some', async () => {
  const { begun, queue } = slowQueue();
  const addresses = ['10.6.6.1', '10.6.6.2', '10.6.6.3'];
  for (const address of addresses) {
    void queue.compare(address, 'guess', '');
    begun.at(-1)?.end(false);
    await settled();
  }
  for (const address of addresses) void queue.compare(address, `guess of ${address}`, '');
  void queue.compare('10.0.0.1', 'right', '');
  begun.at(-1)?.end(false);
  await settled();
  expect(begun.at(-1)?.password).toBe('right');
});

test('an address may queue few comparisons, and is delayed after several wrong ones', async () => {
  const { begun, queue } = slowQueue();
  const asked = Array.from({ length: 7 }, (_, guess) => queue.compare('10.6.6.6', `guess-${guess}`, ''));
  expect(asked.map((each) => each !== undefined)).toEqual([true, true, true, true, true, false, false]);
  for (let guess = 0; guess < 4; guess += 1) {
    begun[guess]?.end(false);
    await settled();
  }
  // The fifth does not start at once: four were wrong.
  expect(begun).toHaveLength(4);
  const waited = performance.now();
  await expect.poll(() => begun.length, { timeout: 5000 }).toBe(5);
  expect(performance.now() - waited).toBeGreaterThan(100);
});

test('wrong guesses do not evict cached right answers', async () => {
  let compared = 0;
  const passwords = createPasswordCheck({
    compare: async (_address, password) => {
      compared += 1;
      return password === 'wonderland';
    },
  });
  await passwords.check(basic('alice:wonderland'), users, '10.0.0.1');
  for (let guess = 0; guess < 150; guess += 1) await passwords.check(basic(`alice:${guess}`), users, '10.6.6.6');
  const before = compared;
  expect(await passwords.check(basic('alice:wonderland'), users, '10.0.0.1')).toBe('right');
  expect(compared).toBe(before);
});
