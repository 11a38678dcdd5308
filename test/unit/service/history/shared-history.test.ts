import { mkdtempDisposableSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync, StatementSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock as clock } from '../../../../core/clock.ts';
import { backUpHistory, checkLedger } from '../../../../service/history/backup.ts';
import { restoreHistory } from '../../../../service/history/restore.ts';
import { openHistory } from '../../../../service/history/sqlite-history.ts';
import { lockFileOf, lockHistory, lockStateFolder } from '../../../../service/history/writer-lock.ts';

let folder: ReturnType<typeof mkdtempDisposableSync>;
let file: string;
beforeEach(() => {
  folder = mkdtempDisposableSync(join(tmpdir(), 'plimsoll-shared-'));
  file = join(folder.path, 'ledger.sqlite');
});
afterEach(() => folder.remove());

const ann = { name: 'ann', through: 'cli' } as const;
const note = { kind: 'change', document: { what: 'annotated', after: 'x' } } as const;
const journal = () => {
  using database = new DatabaseSync(file, { readOnly: true });
  return database.prepare('PRAGMA journal_mode').get()?.['journal_mode'];
};
const inUse = expect.objectContaining({ code: 'ledger-in-use' }) as Error;

test('other users cannot open the lock file, and so cannot hold the lock', () => {
  writeFileSync(lockFileOf(file), '', { mode: 0o644 });
  using _lock = lockHistory(file);
  expect(statSync(lockFileOf(file)).mode & 0o777).toBe(0o600);
});

test('instances of a pair share the history lock, which keeps out a single service and a restore', () => {
  using _one = lockHistory(file, { isShared: true });
  using _two = lockHistory(file, { isShared: true });
  expect(() => lockHistory(file)).toThrow(inUse);
  openHistory(file, { clock })[Symbol.dispose]();
  const backup = join(folder.path, 'backup.sqlite');
  backUpHistory(file, backup);
  expect(() => restoreHistory(file, backup, { clock, by: ann })).toThrow(inUse);
});

test('a single service keeps a pair out', () => {
  using _alone = lockHistory(file);
  expect(() => lockHistory(file, { isShared: true })).toThrow(inUse);
  const hint = expect.stringContaining('two instances of one service both set `service.availability: pair`') as string;
  expect(() => lockHistory(file)).toThrow(expect.objectContaining({ code: 'ledger-in-use', hint }));
});

test('a pair writes without a write-ahead log, and a command does not turn it on again', () => {
  {
    using alone = openHistory(file, { clock, journal: 'wal' });
    alone.append(note, ann);
  }
  expect(journal()).toBe('wal');
  using one = openHistory(file, { clock, journal: 'delete' });
  using two = openHistory(file, { clock, journal: 'delete' });
  expect([one.append(note, ann).id, two.append(note, ann).id]).toEqual([2, 3]);
  {
    using command = openHistory(file, { clock });
    command.append(note, ann);
  }
  expect([journal(), one.revision(), two.revision()]).toEqual(['delete', 4, 4]);
});

test('a history that another process has open with a write-ahead log cannot be opened without one', () => {
  using other = openHistory(file, { clock, journal: 'wal' });
  other.append(note, ann);
  expect(() => openHistory(file, { clock, journal: 'delete' })).toThrow(inUse);
});

test('only one of two claims for a term succeeds, and a write of an earlier term is refused without a trace', () => {
  using one = openHistory(file, { clock, journal: 'delete' });
  using two = openHistory(file, { clock, journal: 'delete' });
  expect(one.terms().now()).toEqual({ number: 0, holder: '' });
  expect([one.terms().claim(0, 'ops-1'), two.terms().claim(0, 'ops-2')]).toEqual([1, undefined]);
  one.terms().write(1, () => one.append(note, ann));
  expect(two.terms().claim(1, 'ops-2')).toBe(2);
  const lost = expect.objectContaining({ code: 'leadership-lost' }) as Error;
  expect(() => one.terms().write(1, () => one.append(note, ann))).toThrow(lost);
  expect(() =>
    two.terms().write(2, () => {
      two.append(note, ann);
      throw new Error('stop');
    }),
  ).toThrow('stop');
  expect(two.entries({ limit: 10 })).toHaveLength(1);
});

test('a pair can write between two pages of a backup, which holds the entries present at its start', () => {
  using history = openHistory(file, { clock, journal: 'delete' });
  history.appendAll(
    Array.from({ length: 35 }, () => note),
    ann,
  );
  const backup = join(folder.path, 'backup.sqlite');
  const run = Reflect.get(StatementSync.prototype, 'run') as (...values: unknown[]) => unknown;
  let written = 0;
  using spy = vi.spyOn(StatementSync.prototype, 'run').mockImplementation(function (this: StatementSync, ...values) {
    const done = Reflect.apply(run, this, values) as ReturnType<StatementSync['run']>;
    if (this.sourceSQL.startsWith('INSERT INTO entry SELECT')) {
      spy.mockRestore();
      history.append(note, ann);
      written += 1;
    }
    return done;
  });
  expect(backUpHistory(file, backup).entries).toBe(35);
  expect(written).toBe(1);
  expect(history.revision()).toBe(36);
  expect(checkLedger(backup).entries).toBe(35);
});

test('two services with different histories do not share a state folder', () => {
  {
    using _first = lockStateFolder(folder.path);
    const hint = expect.stringContaining('--state-dir') as string;
    expect(() => lockStateFolder(folder.path)).toThrow(expect.objectContaining({ code: 'ledger-in-use', hint }));
  }
  using _next = lockStateFolder(folder.path);
  // Every name of a history differs from that of the lock.
  using _history = lockHistory(join(folder.path, 'state'));
});

test('a state folder that cannot be locked is a fault of the state folder, and a pair needs another port', () => {
  writeFileSync(join(folder.path, 'file'), '');
  const unwritable = expect.objectContaining({ code: 'state-unwritable' });
  expect(() => lockStateFolder(join(folder.path, 'file', 'state'))).toThrow(unwritable);
  using _first = lockStateFolder(folder.path, { isPair: true });
  const hint = expect.stringContaining('--listen') as string;
  expect(() => lockStateFolder(folder.path, { isPair: true })).toThrow(expect.objectContaining({ hint }));
});
