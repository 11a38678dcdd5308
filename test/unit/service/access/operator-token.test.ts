import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openOperatorToken, operatorSessionId, sessionSeconds } from '../../../../service/access/operator-token.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'plimsoll-token-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const now = new Date('2026-11-11T00:00:00Z');
const after = (seconds: number) => new Date(now.getTime() + seconds * 1000);

test('the token is kept in a file that only its owner can read, and survives a restart', () => {
  const state = join(folder, 'new', 'state');
  const { file, text, isRight } = openOperatorToken(state);
  expect(file).toBe(join(state, 'operator-token'));
  expect(readFileSync(file, 'utf8')).toBe(`${text}\n`);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(text).toMatch(/^[\w-]{43}$/);
  expect(openOperatorToken(state).text).toBe(text);
  expect([isRight(text), isRight(`${text} `), isRight('')]).toEqual([true, false, false]);
});

test.each(['', 'short\n', `${'x'.repeat(43)}\nmore\n`])(
  'a file without a valid token gets a new one: %j',
  (written) => {
    const file = join(folder, 'operator-token');
    writeFileSync(file, written, { mode: 0o600 });
    expect(openOperatorToken(folder).isRight(written.trim())).toBe(false);
  },
);

test('a token file that others can read is replaced', () => {
  const { file, text } = openOperatorToken(folder);
  chmodSync(file, 0o640);
  expect(openOperatorToken(folder).text).not.toBe(text);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('an unwritable state folder is a state-unwritable error', () => {
  writeFileSync(join(folder, 'file'), '');
  expect(() => openOperatorToken(join(folder, 'file'))).toThrow(expect.objectContaining({ code: 'state-unwritable' }));
});

test('a session ends after its time or when the token that signed it is replaced', () => {
  const token = openOperatorToken(folder);
  const session = token.newSession(now);
  expect(session).not.toContain(token.text);
  expect(token.isSession(session, after(sessionSeconds - 1))).toBe(true);
  expect(token.isSession(session, after(sessionSeconds))).toBe(false);
  expect(openOperatorToken(folder).isSession(session, now)).toBe(true);
  rmSync(token.file);
  expect(openOperatorToken(folder).isSession(session, now)).toBe(false);
});

test('a session cannot be forged or prolonged without the token', () => {
  const token = openOperatorToken(folder);
  const [expires = '', random = '', signature = ''] = token.newSession(now).split('.');
  for (const forged of [
    '',
    '.',
    expires,
    `${expires}.`,
    `${expires}.${random}`,
    `${expires}.${signature}`,
    `${Number(expires) + 1}.${random}.${signature}`,
    `${expires}.${'A'.repeat(12)}.${signature}`,
    `.${random}.${signature}`,
    `.${signature}`,
  ]) {
    expect(token.isSession(forged, now)).toBe(false);
  }
});

test('browsers that log in within the same second get separate sessions', () => {
  const token = openOperatorToken(folder);
  const [one, other] = [token.newSession(now), token.newSession(now)];
  expect(operatorSessionId(one)).not.toBe(operatorSessionId(other));
  expect([token.isSession(one, now), token.isSession(other, now)]).toEqual([true, true]);
});
