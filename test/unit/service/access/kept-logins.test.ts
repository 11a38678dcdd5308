import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openKeptLogins, type NotedLogin } from '../../../../service/access/kept-logins.ts';
import { openEndedSessions } from '../../../../service/access/oidc/ended-sessions.ts';

const hourMs = 3_600_000;
let folder: string;
let nowMs: number;
let warnings: object[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-logins-'));
  nowMs = Date.parse('2026-11-10T12:00:00Z');
  warnings = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Opens one instance of a pair, or the service after a restart. */
function open() {
  const parts = {
    clock: { now: () => new Date(nowMs) },
    log: { warn: (facts: object) => void warnings.push(facts) } as never,
  };
  return openKeptLogins(folder, { ...parts, ended: openEndedSessions(folder, parts) });
}

const login = (id: string, over: Partial<NotedLogin> = {}): NotedLogin => ({
  name: 'otto',
  way: 'identity-provider',
  groups: ['orders-ops'],
  at: nowMs,
  session: { id, ends: nowMs + 8 * hourMs },
  ...over,
});
const filesBelow = () => readdirSync(join(folder, 'logins'), { recursive: true, encoding: 'utf8' });

test('the other instance and a restarted service list a login, with the groups of the latest login', () => {
  const [one, two] = [open(), open()];
  one.note(login('a'));
  nowMs += hourMs;
  two.note(login('b', { groups: ['sre'] }));
  const expected = {
    name: 'otto',
    way: 'identity-provider',
    groups: ['sre'],
    lastLoginMs: nowMs,
    sessionEnds: expect.toSatisfy((ends: number[]) =>
      [nowMs + 7 * hourMs, nowMs + 8 * hourMs].every((each) => ends.includes(each)),
    ) as number[],
  };
  for (const each of [one, two, open()]) expect(each.all()).toEqual([expected]);
  expect(warnings).toEqual([]);
});

test('ending the sessions of one person applies to every instance and to nobody else', () => {
  const [one, two] = [open(), open()];
  one.note(login('a'));
  two.note(login('b'));
  two.note(login('c', { name: 'sue' }));
  expect(one.endSessionsOf('otto')).toBe(2);
  for (const each of [one, two, open()]) {
    expect(['a', 'b', 'c'].map((id) => each.isEnded(id))).toEqual([true, true, false]);
    expect(each.all().map(({ name, sessionEnds }) => [name, sessionEnds.length])).toEqual(
      expect.arrayContaining([
        ['otto', 0],
        ['sue', 1],
      ]),
    );
  }
  expect(one.endSessionsOf('otto')).toBe(0);
  // The person is not banned: a later login opens a session.
  one.note(login('d'));
  expect(two.all().find(({ name }) => name === 'otto')?.sessionEnds).toHaveLength(1);
});

test('a session without a recorded login can be ended, and its login time is unknown', () => {
  const { at: _, ...session } = login('old');
  const kept = open();
  kept.note(session);
  const [person] = kept.all();
  expect(person).not.toHaveProperty('lastLoginMs');
  expect(open().endSessionsOf('otto')).toBe(1);
});

test('logins by password and proxy are listed without a session, separate from a session of the same name', () => {
  const kept = open();
  const { session: _, ...rest } = login('');
  kept.note({ ...rest, way: 'password', groups: [] });
  kept.note({ ...rest, way: 'proxy' });
  kept.note(login('a'));
  expect(
    kept
      .all()
      .map(({ way, sessionEnds }) => `${way} ${sessionEnds.length}`)
      .toSorted(),
  ).toEqual(['identity-provider 1', 'password 0', 'proxy 0']);
});

test('expired sessions leave one file for the person, which is deleted after 400 days', () => {
  const kept = open();
  for (const id of ['a', 'b', 'c']) {
    kept.note(login(id));
    nowMs += 9 * hourMs;
  }
  expect(filesBelow().filter((name) => name.endsWith('.json'))).toHaveLength(1);
  expect(kept.all()).toMatchObject([{ name: 'otto', sessionEnds: [] }]);
  nowMs += 401 * 24 * hourMs;
  expect(kept.all()).toEqual([]);
  expect(filesBelow().filter((name) => name.endsWith('.json'))).toEqual([]);
});

test.skipIf(process.platform === 'win32')('files of logins are readable by their owner only', () => {
  open().note(login('a'));
  expect(filesBelow()).not.toEqual([]);
  for (const name of filesBelow()) {
    expect(statSync(join(folder, 'logins', name)).mode & 0o077, name).toBe(0);
  }
});

test('a damaged file is named in the log and does not hide other people', () => {
  const kept = open();
  kept.note(login('a'));
  kept.note(login('b', { name: 'sue' }));
  const damaged = filesBelow().find((name) => name.endsWith('.json')) ?? expect.fail('no file');
  writeFileSync(join(folder, 'logins', damaged), '{"name":');
  expect(kept.all()).toHaveLength(1);
  expect(warnings).toEqual([expect.objectContaining({ path: join(folder, 'logins', damaged) })]);
});

test('a login that cannot be written to disk still applies in this instance and is logged', () => {
  writeFileSync(join(folder, 'logins'), 'no folder');
  const kept = open();
  kept.note(login('a'));
  expect(warnings).toHaveLength(1);
  expect(kept.endSessionsOf('otto')).toBe(1);
  expect(kept.isEnded('a')).toBe(true);
});

test('a login that could not be written is written by a later request, with its time and one warning', () => {
  writeFileSync(join(folder, 'logins'), 'no folder');
  const [kept, other] = [open(), open()];
  const opened = login('a');
  // Like `logins.ts`, which notes each request of the session.
  const { at: _, ...request } = opened;
  kept.note(opened);
  other.note(request);
  for (let times = 0; times < 3; times++) kept.note(request);
  expect(warnings).toHaveLength(2);
  rmSync(join(folder, 'logins'));
  kept.note(request);
  other.note(request);
  const expected = { name: 'otto', lastLoginMs: opened.at, sessionEnds: [opened.session?.ends] };
  for (const each of [kept, other, open()]) expect(each.all()).toEqual([expect.objectContaining(expected)]);
  expect(warnings).toHaveLength(2);
});
