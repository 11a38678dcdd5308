import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { quotedWord } from '../../../../core/text/quoted-word.ts';

test('a plain name is not quoted', () => {
  expect(quotedWord('orders.paid-1')).toBe('orders.paid-1');
});

test.each([
  "a'; rm -rf / #",
  '$(date) `date` "$HOME" \\ !',
  "line\nnext\ttab\u001b[31m '\\",
  'abc\u202edcba',
  '',
  '订单 🚚',
])('a shell reads %j as one word, without expansion and without invisible characters', (word) => {
  const quoted = quotedWord(word);
  const env = { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8' };
  const read = execFileSync('bash', ['--norc', '-c', `printf '%s|' ${quoted}`], {
    encoding: 'utf8',
    env,
    stdio: 'pipe',
  });
  expect(read).toBe(`${word}|`);
  expect(quoted).not.toMatch(/[\p{Cc}\u202e]/u);
});
