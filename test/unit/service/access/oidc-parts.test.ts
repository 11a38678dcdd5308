// Checks claims, signed values, paths after a login, and the memory of used logins.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { endOf, groupsIn } from '../../../../service/access/oidc/provider.ts';
import type { Logger } from '../../../../core/log.ts';
import { openEndedSessions } from '../../../../service/access/oidc/ended-sessions.ts';
import { createLoginMemory } from '../../../../service/access/oidc/login-memory.ts';
import { nextPath } from '../../../../service/access/oidc/open-places.ts';
import { createSealer } from '../../../../service/access/oidc/sealed.ts';

test.each([
  ['a list', { groups: ['a', 'b'] }, 'groups', ['a', 'b']],
  ['one name', { groups: 'a' }, 'groups', ['a']],
  ['a path', { realm_access: { roles: ['a'] } }, 'realm_access.roles', ['a']],
  ['a name with dots', { 'https://acme.example/groups': ['a'] }, 'https://acme.example/groups', ['a']],
  ['none', {}, 'groups', []],
  ['what is no name', { groups: ['a', 1, null, { b: 1 }] }, 'groups', ['a']],
  ['a property of every object', {}, 'constructor.name', []],
])('reads groups from %s', (_, claims, claim, groups) => {
  expect(groupsIn(claims, claim)).toEqual(groups);
});

test('throws if Entra ID leaves out the groups, instead of returning an empty list', () => {
  const claims = { _claim_names: { groups: 'src1' }, _claim_sources: { src1: { endpoint: 'https://graph' } } };
  expect(() => groupsIn(claims, 'groups')).toThrow('too-many-groups');
});

test('a sealed value opens only unchanged and with the same key and purpose', () => {
  const schema = z.strictObject({ name: z.string() });
  const sealer = createSealer('key', 'session');
  const text = sealer.seal({ name: 'ann' });
  expect(sealer.open(text, schema)).toEqual({ name: 'ann' });
  expect(createSealer('key', 'login').open(text, schema)).toBeUndefined();
  expect(createSealer('other', 'session').open(text, schema)).toBeUndefined();
  const forged = `${Buffer.from('{"name":"root"}').toString('base64url')}.${text.split('.')[1]}`;
  for (const wrong of [forged, '', '.', text.slice(0, -1), `${text}x`]) {
    expect(sealer.open(wrong, schema)).toBeUndefined();
  }
});

test.each([
  ['/clusters/orders?range=6h', '/clusters/orders?range=6h'],
  ['//evil.example', '/'],
  ['/\\evil.example', '/'],
  ['https://evil.example', '/'],
  ['/a\nb', '/'],
  [['/a', '/b'], '/'],
  [undefined, '/'],
  [`/${'x'.repeat(3000)}`, '/'],
])('after a login the next path %j leads to %s', (given, path) => expect(nextPath(given)).toBe(path));

test('a login can be used only once until it expires', () => {
  let nowMs = 0;
  const memory = createLoginMemory({ now: () => new Date(nowMs) });
  expect(memory.use('one', 1000)).toBe(true);
  expect(memory.use('one', 1000)).toBe(false);
  nowMs = 1001;
  expect(memory.use('two', 2000)).toBe(true);
});

test('a logout applies in the other instance and after a restart until its cookie would expire', () => {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-ended-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  let nowMs = Date.now();
  const open = () => openEndedSessions(folder, { clock: { now: () => new Date(nowMs) }, log: { warn: expect.fail } });
  const [one, two] = [open(), open()];
  one.end('session-a', nowMs + 60_000);
  two.end('session-b', nowMs + 3_600_000);
  expect(
    [one, two, open()].map((each) => [each.has('session-a'), each.has('session-b'), each.has('session-c')]),
  ).toEqual([
    [true, true, false],
    [true, true, false],
    [true, true, false],
  ]);
  nowMs += 120_000;
  two.end('session-d', nowMs + 3_600_000);
  expect(open().has('session-a')).toBe(false);
  expect(open().has('session-b')).toBe(true);
});

test('a logout that cannot be written applies in this process, and the log names where it does not apply', () => {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-ended-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'ended-sessions'), 'no folder');
  const warnings: object[] = [];
  const log = { warn: (facts: object) => void warnings.push(facts) } as Pick<Logger, 'warn'>;
  const ended = openEndedSessions(folder, { clock: { now: () => new Date() }, log });
  ended.end('session-a', Date.now() + 1000);
  expect(ended.has('session-a')).toBe(true);
  expect(warnings).toEqual([{ folder: join(folder, 'ended-sessions'), reason: expect.any(String) as string }]);
});

test.each([
  ['by default no claim', { exp: 10 }, false, undefined],
  ['the session of the provider', { exp: 10, session_expiry: 20 }, false, 20_000],
  ['the ID token, where config says so', { exp: 10 }, true, 10_000],
  ['the earlier of both', { exp: 10, session_expiry: 5 }, true, 5000],
  ['nothing that is no time', { exp: 10, session_expiry: 'soon' }, false, undefined],
])('the end of a session comes from %s', (_, claims, sessionEndsWithIdToken, ends) => {
  expect(endOf(claims, { sessionEndsWithIdToken })).toBe(ends);
});
