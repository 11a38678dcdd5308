import { openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { AppError } from '../../../../core/errors.ts';
import { historyFault } from '../../../../service/history/history-fault.ts';

function caught(attempt: () => unknown): unknown {
  try {
    attempt();
  } catch (cause) {
    return cause;
  }
  throw new Error('nothing was thrown');
}

test('a folder that does not exist is an error with the reason of the file system', () => {
  const cause = caught(() => openSync('/no/such/folder/backup.sqlite', 'wx'));
  expect(historyFault('cannot write the backup b', cause)).toMatchObject({
    code: 'ledger-unwritable',
    message: expect.stringMatching(/^cannot write the backup b: ENOENT: no such file or directory/),
  });
});

test.each([
  ['EACCES', 'no-permission'],
  ['ENOSPC', 'no-space'],
])('the file system error %s becomes %s', (code, fault) => {
  const cause = Object.assign(new Error(`${code}: refused, open 'b'`), { errno: -1, code, syscall: 'open', path: 'b' });
  expect(historyFault('cannot write the backup b', cause)).toMatchObject({ code: fault });
});

test('a hint about the location is used only for errors that the location causes', () => {
  const fault = (errcode: number) => historyFault('cannot write', Object.assign(new Error(), { errcode }), 'elsewhere');
  // SQLITE_FULL, SQLITE_CORRUPT
  expect(fault(13)).toMatchObject({ code: 'ledger-full', hint: 'elsewhere' });
  expect(fault(11)).toMatchObject({ code: 'ledger-damaged', hint: expect.stringContaining('restore') as string });
});

test('an SQLite result code becomes an error with its text, and other errors stay unchanged', () => {
  using database = new DatabaseSync(':memory:');
  database.exec('CREATE TABLE t (a); PRAGMA query_only = 1');
  const cause = caught(() => database.exec('INSERT INTO t VALUES (1)'));
  expect(historyFault('cannot write', cause)).toMatchObject({
    code: 'ledger-unwritable',
    message: 'cannot write: attempt to write a readonly database',
  });
  for (const other of [new TypeError('x is not a function'), new AppError('not-found', 'history file a not found')]) {
    expect(historyFault('cannot write', other)).toBe(other);
  }
});
