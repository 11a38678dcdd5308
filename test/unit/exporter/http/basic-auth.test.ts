import { hashSync } from 'bcryptjs';
import { expect, test } from 'vitest';
import { createPasswordCheck } from '../../../../exporter/http/basic-auth.ts';

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
])('%s', async (header, expected) => {
  const check = createPasswordCheck();
  expect(await check.allows(header, users)).toBe(expected);
  // The second time from memory.
  expect(await check.allows(header, users)).toBe(expected);
});

test('a changed password holds at once, in both directions', async () => {
  const check = createPasswordCheck();
  expect(await check.allows(basic('alice:wonderland'), users)).toBe(true);
  const changed = { alice: hashSync('looking-glass', 4) };
  expect(await check.allows(basic('alice:wonderland'), changed)).toBe(false);
  expect(await check.allows(basic('alice:looking-glass'), changed)).toBe(true);
});
